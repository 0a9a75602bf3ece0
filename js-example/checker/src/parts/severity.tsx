// A severity as a sign that needs no colour to be told apart.

import { useWords } from "../context";
import type { Severity } from "../protocol";

export function SeverityMark({ severity, label }: { severity: Severity; label?: boolean }) {
  const { words } = useWords();
  return (
    <span class={`severity ${severity}`}>
      <span class="mark" aria-hidden="true">
        {severity === "error" ? "✕" : "!"}
      </span>
      <span class={label ? "" : "hidden"}>{words.severities[severity]}</span>
    </span>
  );
}
