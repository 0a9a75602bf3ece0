// The report as a CSV that Excel opens as it is: UTF-8 with a BOM, lines that end with CR LF.

import type { Lang } from "../protocol";
import { words } from "../words";
import type { Report } from "./report";

/** Findings a part, so that no text grows beyond what a string may hold. */
const BATCH = 10_000;

export function csvOf(report: Report, lang: Lang): Blob {
  const { severities, columns } = words[lang];
  const heads = [columns.number, columns.severity, columns.code, columns.record, columns.key, columns.source, columns.target, columns.profile, columns.message, columns.desk, columns.system];
  const parts: string[] = [`\ufeff${line(heads)}`];
  for (let from = 0; from < report.length; from += BATCH) {
    let part = "";
    for (let index = from; index < Math.min(from + BATCH, report.length); index += 1) {
      const { severity, code, record, recordKey, source, target, profile, message, help, systemHelp } = report.finding(index);
      const number = record === null ? "" : String(record + 1);
      // what isn't told apart is a matter of the file or the profile
      const [desk, system] = systemHelp === null ? [null, help] : [help, systemHelp];
      part += line([String(index + 1), severities[severity], code, number, recordKey, source, target, profile, message, desk, system]);
    }
    parts.push(part);
  }
  return new Blob(parts, { type: "text/csv;charset=utf-8" });
}

function line(cells: (string | null)[]) {
  return `${cells.map((cell) => field(cell ?? "")).join(",")}\r\n`;
}

/**
 * Excel takes digits for a number and drops the zeros in front, and takes `=`, `+`, `-` and `@` for a formula, in Japan also in
 * full width. Digits that it would spoil are written as a formula that is a text; an apostrophe keeps anything else from becoming one.
 */
export function field(cell: string) {
  if (/^(0\d+|\d{12,})$/.test(cell)) return `"=""${cell}"""`;
  const safe = /^[=+\-@\t\r\n＝＋－＠]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
