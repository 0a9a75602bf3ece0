// What came of a check: the counts, the rules, the list, and the finding that was chosen.

import { useEffect, useRef, useState } from "preact/hooks";
import type { Client } from "../client";
import { useWords } from "../context";
import type { Filter, Job, Outcome, Row } from "../protocol";
import { Counts } from "./counts";
import { Detail } from "./detail";
import { Downloads } from "./downloads";
import { Findings } from "./findings";
import { PrintedFindings } from "./printed";
import { ByRule } from "./by-rule";

const EVERYTHING: Filter = { severity: null, code: null, text: "" };

export function Result({ outcome, client, job }: { outcome: Outcome; client: Client; job: Job }) {
  const { words } = useWords();
  const [filter, setFilter] = useState(EVERYTHING);
  const [chosen, setChosen] = useState<Row | null>(null);
  const heading = useRef<HTMLHeadingElement>(null);

  useEffect(() => heading.current?.focus(), []);

  return (
    <>
      <section class="panel outcome" aria-labelledby="result">
        <div class="outcome-head">
          <h2 id="result" tabIndex={-1} ref={heading}>
            {words.result}
          </h2>
          <p class="hint">{words.printed(job.asOf, job.input.name)}</p>
          <Downloads client={client} name={job.input.name} />
        </div>
        <Counts outcome={outcome} />
      </section>
      {outcome.findings > 0 && (
        <>
          <div class="findings-area">
            <ByRule outcome={outcome} filter={filter} onFilter={setFilter} />
            <Findings client={client} filter={filter} chosen={chosen} onFilter={setFilter} onChoose={setChosen} />
          </div>
          <Detail client={client} row={chosen} inRecords={job.profile !== null} />
          <PrintedFindings client={client} filter={filter} />
        </>
      )}
    </>
  );
}
