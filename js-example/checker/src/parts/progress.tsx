// How far a check is.

import { useWords } from "../context";
import type { Progress } from "../protocol";
import { size } from "../size";

export function ProgressBar({ progress, onCancel }: { progress: Progress; onCancel: () => void }) {
  const { words, lang, count } = useWords();
  const { bytes, total, findings } = progress;
  return (
    <section class="panel running" aria-label={words.checking}>
      <label for="progress">{words.checking}</label>
      <progress id="progress" max={Math.max(total, 1)} value={bytes} />
      <span class="hint">{words.progress(size(bytes, lang), size(total, lang), count(findings))}</span>
      <button type="button" class="quiet" onClick={onCancel}>
        {words.cancel}
      </button>
    </section>
  );
}
