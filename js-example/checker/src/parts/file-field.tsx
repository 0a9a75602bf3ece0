// A place for one file: to be dropped on, or to open the system's own chooser.

import { useId, useState } from "preact/hooks";
import { useWords } from "../context";
import { size } from "../size";

interface Props {
  label: string;
  file: File | null;
  accept: string;
  onFile: (file: File) => void;
}

export function FileField({ label, file, accept, onFile }: Props) {
  const { words, lang } = useWords();
  const [over, setOver] = useState(false);
  const id = useId();
  const take = (files: FileList | null | undefined) => {
    const first = files?.[0];
    if (first) onFile(first);
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    take(event.dataTransfer?.files);
  };
  return (
    <div class="field">
      <span class="label" id={`${id}-label`}>
        {label}
      </span>
      <label
        class={`drop${over ? " over" : ""}${file ? " filled" : ""}`}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
      >
        <input
          type="file"
          class="hidden"
          accept={accept}
          aria-labelledby={`${id}-label ${id}-state`}
          onChange={(event) => {
            take(event.currentTarget.files);
            event.currentTarget.value = ""; // the same file may be chosen again after it was changed
          }}
        />
        <span id={`${id}-state`}>{file ? <strong>{file.name}</strong> : words.drop}</span>
        <span class="hint">{file ? size(file.size, lang) : words.choose}</span>
      </label>
    </div>
  );
}
