// The table of rules, as `docs/rules.json` has it.

import table from "../../../docs/rules.json";

export type Rule = (typeof table)[number];

const byCode = new Map(table.map((rule) => [rule.code, rule]));

export const ruleOf = (code: string): Rule | undefined => byCode.get(code);

/** How many rules a file is checked by: those of delivery and of profiles are others. */
export const rulesOfRecords = table.filter(({ code }) => /^PMH[1-5]/.test(code)).length;
