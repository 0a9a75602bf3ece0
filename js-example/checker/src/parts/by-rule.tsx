// How often each rule was hit: bars that are also the filter by rule.

import { useWords } from "../context";
import type { Filter, Outcome } from "../protocol";
import { ruleOf } from "../rules";
import { SeverityMark } from "./severity";

interface Props {
  outcome: Outcome;
  filter: Filter;
  onFilter: (filter: Filter) => void;
}

export function ByRule({ outcome, filter, onFilter }: Props) {
  const { words, lang, count } = useWords();
  const most = Math.max(...outcome.byRule.map((rule) => rule.count));
  return (
    <section class="panel by-rule" aria-labelledby="by-rule">
      <h2 id="by-rule">{words.byRule}</h2>
      <p class="hint screen">{words.byRuleHelp}</p>
      <ul>
        {outcome.byRule.map(({ code, severity, count: number }) => {
          const pressed = filter.code === code && (filter.severity ?? severity) === severity;
          const share = { "--share": number / most } as Record<string, number>;
          return (
            <li key={code + severity}>
              <button
                type="button"
                class="rule"
                aria-pressed={pressed}
                onClick={() => onFilter(pressed ? { ...filter, code: null, severity: null } : { ...filter, code, severity })}
              >
                <SeverityMark severity={severity} />
                <span class="code">{code}</span>
                <span class="title">{ruleOf(code)?.title[lang]}</span>
                <span class="number">{count(number)}</span>
                <span class={`share ${severity}`} style={share} aria-hidden="true" />
              </button>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
