// What became of the records, in figures and as one bar.

import { useWords } from "../context";
import type { Outcome } from "../protocol";
import { SeverityMark } from "./severity";

const FATES = ["accepted", "excluded", "rejected"] as const;

export function Counts({ outcome: { summary, refused } }: { outcome: Outcome }) {
  const { words, count } = useWords();
  const { verdict } = words;
  const bad = refused || !summary.complete || summary.rejected > 0;
  const said = refused
    ? verdict.refused
    : !summary.complete
      ? verdict.incomplete
      : summary.rejected > 0
        ? verdict.rejected(count(summary.rejected))
        : summary.warnings > 0
          ? verdict.warned
          : verdict.clean;
  return (
    <>
      <p class={`verdict ${bad ? "bad" : summary.warnings > 0 ? "doubtful" : "good"}`} role="status">
        {bad || summary.warnings > 0 ? <SeverityMark severity={bad ? "error" : "warning"} /> : <span class="mark good">✓</span>}
        {said}
      </p>
      {!refused && (
        <>
          <dl class="counts">
            {(["read", ...FATES] as const).map((fate) => (
              <div key={fate} class={`fate ${fate}`}>
                <dt>{words.counts[fate]}</dt>
                <dd>
                  {count(summary[fate])}
                  <span class="unit">{words.unit}</span>
                </dd>
              </div>
            ))}
          </dl>
          <div class="bar" aria-hidden="true">
            {FATES.map((fate) => summary[fate] > 0 && <span key={fate} class={fate} style={{ flexGrow: summary[fate] }} />)}
          </div>
        </>
      )}
    </>
  );
}
