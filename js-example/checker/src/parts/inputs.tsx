// What is to be checked: the files, dropped or chosen, and the processing date.

import { useState } from "preact/hooks";
import sampleProfile from "../../../../tests/vendors/nested-japanese/profile.json?raw";
import sampleRecords from "../../../../tests/vendors/nested-japanese/records.json?raw";
import { useWords } from "../context";
import type { Job } from "../protocol";
import { FileField } from "./file-field";

/** The day that the sample is made for. */
const SAMPLE_DATE = "2026-11-22";

/** Today in Japan, where the processing date is. */
const today = () => new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Tokyo" }).format();

export function Inputs({ busy, onStart }: { busy: boolean; onStart: (job: Omit<Job, "lang">) => void }) {
  const { words } = useWords();
  const [mode, setMode] = useState<"payload" | "records">("payload");
  const [input, setInput] = useState<File | null>(null);
  const [profile, setProfile] = useState<File | null>(null);
  const [asOf, setAsOf] = useState(today);
  const ready = input !== null && (mode === "payload" || profile !== null) && asOf !== "";

  const submit = (event: Event) => {
    event.preventDefault();
    if (input && ready && !busy) onStart({ input, profile: mode === "records" ? profile : null, asOf });
  };
  const trySample = () => {
    const records = new File([sampleRecords], "records.json");
    const mapping = new File([sampleProfile], "profile.json");
    setMode("records");
    setInput(records);
    setProfile(mapping);
    setAsOf(SAMPLE_DATE);
    onStart({ input: records, profile: mapping, asOf: SAMPLE_DATE });
  };

  return (
    <form class="inputs panel" onSubmit={submit}>
      <p class="lead">{words.lead}</p>
      <fieldset class="modes">
        <legend class="hidden">{words.modesLabel}</legend>
        {(["payload", "records"] as const).map((name) => (
          <label key={name} class="mode">
            <input type="radio" name="mode" checked={mode === name} onChange={() => setMode(name)} />
            {words.modes[name]}
          </label>
        ))}
      </fieldset>
      <p class="hint">{words.modeHelp[mode]}</p>
      <div class="fields">
        <FileField label={words.files[mode]} file={input} accept=".json,.ndjson,.jsonl,.txt" onFile={setInput} />
        {mode === "records" && <FileField label={words.files.profile} file={profile} accept=".json" onFile={setProfile} />}
        <div class="field">
          <label for="as-of">{words.asOf}</label>
          <input id="as-of" type="date" required value={asOf} aria-describedby="as-of-help" onInput={(event) => setAsOf(event.currentTarget.value)} />
          <span id="as-of-help" class="hint">
            {words.asOfHelp}
          </span>
        </div>
        <div class="actions">
          <button type="submit" class="primary" disabled={!ready || busy}>
            {words.check}
          </button>
          <button type="button" class="quiet" disabled={busy} onClick={trySample}>
            {words.sample}
          </button>
        </div>
      </div>
    </form>
  );
}
