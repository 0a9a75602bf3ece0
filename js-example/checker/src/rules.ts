// The table of rules, as `docs/rules.json` has it.

import table from "../../../docs/rules.json";

export type Rule = (typeof table)[number];

const byCode = new Map(table.map((rule) => [rule.code, rule]));

export const ruleOf = (code: string): Rule | undefined => byCode.get(code);
