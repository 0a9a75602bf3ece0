// The list of findings, however many: only the rows in sight exist. It is one stop for the Tab key, and moved through with the arrow keys.

import { elementScroll, observeElementOffset, observeElementRect, Virtualizer } from "@tanstack/virtual-core";
import { useEffect, useLayoutEffect, useReducer, useRef, useState } from "preact/hooks";
import type { Client } from "../client";
import { useWords } from "../context";
import type { Filter, Row, Rows, Severity } from "../protocol";
import type { Words } from "../words";
import { SeverityMark } from "./severity";

const ROW_HEIGHT = 30;
const PAGE = 10;

interface Props {
  client: Client;
  filter: Filter;
  chosen: Row | null;
  onFilter: (filter: Filter) => void;
  onChoose: (row: Row | null) => void;
}

/** What is wrong and what to do, beside the pointer. */
function told({ message, help, systemHelp }: Row, { desk, system }: Words["columns"]) {
  const helps = systemHelp === null ? [help] : [`${desk}: ${help}`, `${system}: ${systemHelp}`];
  return [message, ...helps].join("\n");
}

export function Findings({ client, filter, chosen, onFilter, onChoose }: Props) {
  const { words, count } = useWords();
  const grid = useRef<HTMLDivElement>(null);
  const [, redraw] = useReducer((times: number) => times + 1, 0);
  const [found, setFound] = useState<Rows>({ total: 0, from: 0, rows: [] });
  const [active, setActive] = useState<number | null>(null);

  const options = {
    count: found.total,
    getScrollElement: () => grid.current,
    estimateSize: () => ROW_HEIGHT,
    scrollPaddingStart: ROW_HEIGHT,
    overscan: 12,
    observeElementRect,
    observeElementOffset,
    scrollToFn: elementScroll,
    onChange: () => redraw(0),
  };
  const [virtualizer] = useState(() => new Virtualizer<HTMLDivElement, HTMLDivElement>(options));
  virtualizer.setOptions(options);
  useLayoutEffect(() => virtualizer._didMount(), [virtualizer]);
  useLayoutEffect(() => virtualizer._willUpdate());

  const items = virtualizer.getVirtualItems();
  const [first, last] = [items[0]?.index ?? 0, items.at(-1)?.index ?? 50];

  useEffect(() => {
    let current = true;
    void client.ask("rows", { filter, from: first, to: last + 1 }).then((rows) => current && setFound(rows));
    return () => {
      current = false;
    };
  }, [client, filter, first, last]);

  useEffect(() => {
    setActive(null);
    onChoose(null);
    virtualizer.scrollToOffset(0);
  }, [client, filter]);

  const rowAt = (index: number) => found.rows[index - found.from];
  useEffect(() => {
    const row = active === null ? undefined : rowAt(active);
    if (row && row.index !== chosen?.index) onChoose(row);
  }, [active, found]);

  const move = (event: KeyboardEvent) => {
    const at = active ?? -1;
    const steps: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + PAGE, PageUp: at - PAGE, Home: 0, End: found.total - 1 };
    const wanted = steps[event.key];
    if (event.key === "Enter" && chosen) return document.getElementById("detail")?.focus();
    if (wanted === undefined || found.total === 0) return;
    event.preventDefault();
    const next = Math.max(0, Math.min(found.total - 1, wanted));
    setActive(next);
    virtualizer.scrollToIndex(next);
  };

  const { columns } = words;
  const heads = [columns.severity, columns.code, columns.message, columns.record, columns.key, columns.place];
  const inSight = active !== null && items.some(({ index }) => index === active) && rowAt(active) !== undefined;
  return (
    <section class="panel findings screen" aria-labelledby="findings">
      <div class="findings-head">
        <h2 id="findings">{words.findings}</h2>
        <FilterFields filter={filter} onFilter={onFilter} />
        <span class="hint" role="status">
          {words.shown(count(found.total))}
        </span>
      </div>
      <div
        ref={grid}
        class="grid"
        role="grid"
        tabIndex={0}
        aria-labelledby="findings"
        aria-rowcount={found.total + 1}
        aria-colcount={heads.length}
        aria-activedescendant={inSight ? `row-${active}` : undefined}
        onKeyDown={move}
      >
        <div role="rowgroup" class="heads">
          <div role="row" class="row" aria-rowindex={1}>
            {heads.map((head) => (
              <span key={head} role="columnheader">
                {head}
              </span>
            ))}
          </div>
        </div>
        <div role="rowgroup" class="rows" style={{ height: `${virtualizer.getTotalSize()}px` }}>
          {items.map(({ index, start }) => {
            const row = rowAt(index);
            if (!row) return null;
            const place = row.source ?? row.target ?? row.profile;
            return (
              <div
                key={index}
                id={`row-${index}`}
                role="row"
                class="row"
                aria-rowindex={index + 2}
                aria-selected={chosen?.index === row.index}
                style={{ transform: `translateY(${start}px)` }}
                onClick={() => setActive(index)}
              >
                <span role="gridcell">
                  <SeverityMark severity={row.severity} label />
                </span>
                <span role="gridcell" class="code">
                  {row.code}
                </span>
                <span role="gridcell" title={told(row, columns)}>
                  {row.message.replaceAll("`", "")}
                </span>
                <span role="gridcell" class="number">
                  {row.record === null ? "–" : count(row.record + 1)}
                </span>
                <span role="gridcell" class="code">
                  {row.recordKey}
                </span>
                <span role="gridcell" class="code" title={place ?? ""}>
                  {place}
                </span>
              </div>
            );
          })}
        </div>
      </div>
      {found.total === 0 && <p class="hint">{words.nothing}</p>}
    </section>
  );
}

/** Typing filters once it pauses: a search goes through every finding. */
const PAUSE = 200;

function FilterFields({ filter, onFilter }: Pick<Props, "filter" | "onFilter">) {
  const { words } = useWords();
  const [text, setText] = useState(filter.text);
  useEffect(() => {
    const typed = setTimeout(() => text !== filter.text && onFilter({ ...filter, text }), PAUSE);
    return () => clearTimeout(typed);
  }, [text, filter]);
  return (
    <div class="filter">
      <label class="hidden" for="filter-severity">
        {words.filterSeverity}
      </label>
      <select
        id="filter-severity"
        value={filter.severity ?? ""}
        onChange={(event) => onFilter({ ...filter, code: null, severity: (event.currentTarget.value || null) as Severity | null })}
      >
        <option value="">{words.all}</option>
        <option value="error">{words.severities.error}</option>
        <option value="warning">{words.severities.warning}</option>
      </select>
      <label class="hidden" for="filter-text">
        {words.filterText}
      </label>
      <input id="filter-text" type="search" placeholder={words.filterHint} value={text} onInput={(event) => setText(event.currentTarget.value)} />
    </div>
  );
}
