// The findings on paper: a plain table, as far as paper is reasonable.

import { useEffect, useState } from "preact/hooks";
import type { Client } from "../client";
import { useWords } from "../context";
import type { Filter, Rows } from "../protocol";

const ON_PAPER = 200;

export function PrintedFindings({ client, filter }: { client: Client; filter: Filter }) {
  const { words, count } = useWords();
  const [found, setFound] = useState<Rows | null>(null);
  useEffect(() => {
    let current = true;
    void client.ask("rows", { filter, from: 0, to: ON_PAPER }).then((rows) => current && setFound(rows));
    return () => {
      current = false;
    };
  }, [client, filter]);
  if (!found) return null;
  const more = found.total - found.rows.length;
  const { columns } = words;
  return (
    <section class="printed">
      <h2>{words.findings}</h2>
      <table>
        <thead>
          <tr>
            {[columns.severity, columns.code, columns.record, columns.key, columns.place, columns.message].map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {found.rows.map(({ index, severity, code, record, recordKey, source, target, profile, message }) => (
            <tr key={index}>
              <td>{words.severities[severity]}</td>
              <td>{code}</td>
              <td>{record === null ? "" : count(record + 1)}</td>
              <td>{recordKey}</td>
              <td>{source ?? target ?? profile}</td>
              <td>{message}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {more > 0 && <p>{words.printMore(count(more))}</p>}
    </section>
  );
}
