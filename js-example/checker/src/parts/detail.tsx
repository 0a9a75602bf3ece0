// The finding that was chosen: what is wrong, the record beside its payload, and the rule.

import { useEffect, useState } from "preact/hooks";
import type { Client } from "../client";
import { useWords } from "../context";
import type { Line, RecordView, Row } from "../protocol";
import { japaneseName } from "../fields";
import { ruleOf } from "../rules";
import { Explanation, Inline } from "./explanation";
import { SeverityMark } from "./severity";

interface Props {
  client: Client;
  row: Row | null;
  /** The input is records, not a payload. */
  inRecords: boolean;
}

export function Detail({ client, row, inRecords }: Props) {
  const { words, lang, count } = useWords();
  const [reveal, setReveal] = useState(false);
  const [view, setView] = useState<RecordView | null>(null);

  // what was shown for one record isn't shown for the next
  useEffect(() => setReveal(false), [row?.index]);
  useEffect(() => {
    let current = true;
    setView(null);
    if (row) void client.ask("record", { index: row.index, reveal }).then((answer) => current && setView(answer), () => current && setView({ record: null, unsent: false }));
    return () => {
      current = false;
    };
  }, [client, row?.index, reveal]);

  if (!row) return <p class="panel hint screen">{words.choosePrompt}</p>;
  const rule = ruleOf(row.code);
  const masked = reveal || [...(view?.record ?? []), ...(view?.payload ?? [])].some((line) => line.masked);
  return (
    <section class="panel detail screen" aria-labelledby="detail">
      <div class="said">
        <h2 id="detail" tabIndex={-1}>
          <SeverityMark severity={row.severity} label /> <span class="code">{row.code}</span> <Inline text={row.message} />
        </h2>
        <Help help={row.help} systemHelp={row.systemHelp} />
        <dl class="places">
          <Place label={words.columns.record} value={row.record !== null ? words.recordNumber(count(row.record + 1)) : row.profile === null ? words.whole : null} />
          <Place label={words.columns.key} value={row.recordKey} />
          <Place label={words.columns.other} value={row.other ? [words.recordNumber(count(row.other.record + 1)), row.other.recordKey].filter(Boolean).join(" · ") : null} />
          <Place label={words.columns.source} value={row.source} />
          <Place label={words.columns.target} value={row.target} />
          <Place label={words.columns.profile} value={row.profile} />
          <Place label="" value={row.offset === null ? null : words.byte(count(row.offset))} />
        </dl>
      </div>
      <div class="beside">
        {masked && (
          <div class="veil">
            <span class="hint">
              {reveal ? words.revealedHelp : words.maskedHelp} {view?.unsent && words.unsentHelp}
            </span>
            <button type="button" class="secondary" aria-pressed={reveal} onClick={() => setReveal(!reveal)}>
              {reveal ? words.hide : words.reveal}
            </button>
          </div>
        )}
        {view && !view.record && <p class="hint">{words.noRecord}</p>}
        <div class="panes">
          {view?.record && <Pane title={inRecords ? words.record : words.payload} lines={view.record} named={!inRecords} />}
          {view?.payload && <Pane title={view.unsent ? words.unsent : words.payload} lines={view.payload} named />}
          {view?.payload === null && <p class="hint">{words.noPayload}</p>}
        </div>
      </div>
      {rule && (
        <aside aria-labelledby="explanation">
          <h3 id="explanation">{words.explanation}</h3>
          <p class="rule-title">{rule.title[lang]}</p>
          <Explanation text={rule.explanation[lang]} />
          {rule.fixed && <p class="hint">{words.fixed}</p>}
        </aside>
      )}
    </section>
  );
}

/** What to do; who does it, if it is for the desk and for the system's people. */
function Help({ help, systemHelp }: Pick<Row, "help" | "systemHelp">) {
  const { words } = useWords();
  const { desk, system } = words.columns;
  if (systemHelp === null) {
    return (
      <p>
        <Inline text={help} />
      </p>
    );
  }
  const parts: [string, string][] = [
    [desk, help],
    [system, systemHelp],
  ];
  return (
    <dl class="helps">
      {parts.map(([who, text]) => (
        <div key={who}>
          <dt>{who}</dt>
          <dd>
            <Inline text={text} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Place({ label, value }: { label: string; value: string | null }) {
  if (!value) return null;
  return (
    <div>
      <dt>{label}</dt>
      <dd class="code">{value}</dd>
    </div>
  );
}

const intoSight = (line: HTMLElement | null) => {
  line?.parentElement?.scrollTo({ top: line.offsetTop - 90 });
};

/** `named`: the keys are the API's, which have names in its table. */
function Pane({ title, lines, named = false }: { title: string; lines: Line[]; named?: boolean }) {
  const { words, lang } = useWords();
  const nameOf = (line: Line) => (named && lang === "ja" && !line.pointer.startsWith("/certificateAllItems/") ? japaneseName(line.key) : undefined);
  return (
    <div class="pane">
      <h3>{title}</h3>
      <ul class="lines" tabIndex={0} aria-label={title}>
        {lines.map((line) => (
          <li
            key={line.pointer}
            ref={line.marked ? intoSight : null}
            class={`line${line.marked ? " marked" : ""}${line.value === null ? " group" : ""}`}
            style={{ paddingLeft: `${8 + line.depth * 14}px` }}
          >
            <span class="key" title={line.key}>
              {nameOf(line) ?? line.key}
            </span>
            {line.missing ? (
              <span class="value missing">{words.missing}</span>
            ) : line.masked ? (
              <span class="value masked" role="img" aria-label={words.masked(line.value?.length ?? 0)}>
                {line.value}
              </span>
            ) : (
              line.value !== null && <span class="value">{line.value || words.empty}</span>
            )}
            {line.marked && <span class="flag">{words.marked}</span>}
          </li>
        ))}
      </ul>
    </div>
  );
}
