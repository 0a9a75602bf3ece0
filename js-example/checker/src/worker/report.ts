// The report of a run, kept as the bytes that the core wrote, with just enough beside it to count and to filter.

import type { Finding } from "pmh-core";
import type { Filter, Row, RuleCount, Severity } from "../protocol";

const LF = 0x0a;
const decoder = new TextDecoder();
const encoder = new TextEncoder();

export class Report {
  #bytes = new Uint8Array(1 << 16);
  #length = 0;
  /** Where each finding's line begins. */
  #starts: number[] = [];
  #codes: string[] = [];
  #severities: Severity[] = [];
  #filtered: { key: string; indexes: number[] } | null = null;

  /** Takes the next bytes; findings and the summary each are a whole line. */
  push(bytes: Uint8Array) {
    this.#append(bytes);
    let at = this.#length - bytes.length;
    while (at < this.#length) {
      const end = this.#bytes.indexOf(LF, at) + 1 || this.#length;
      const { code, severity } = JSON.parse(decoder.decode(this.#bytes.subarray(at, end))) as Partial<Finding>;
      if (code && severity) {
        this.#starts.push(at);
        this.#codes.push(code);
        this.#severities.push(severity);
      }
      at = end;
    }
    this.#filtered = null;
  }

  /** Takes findings that came as objects. */
  pushFindings(findings: Finding[]) {
    for (const finding of findings) this.push(encoder.encode(`${JSON.stringify(finding)}\n`));
  }

  get length() {
    return this.#starts.length;
  }

  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length);
  }

  finding(index: number): Row {
    const start = this.#starts[index] ?? 0;
    const end = this.#bytes.indexOf(LF, start);
    const finding = JSON.parse(decoder.decode(this.#bytes.subarray(start, end))) as Finding;
    return { ...finding, index };
  }

  /** Findings by rule: errors first, the most frequent first. */
  byRule(): RuleCount[] {
    const counts = new Map<string, RuleCount>();
    this.#codes.forEach((code, index) => {
      const severity = this.#severities[index] ?? "error";
      const count = counts.get(code + severity) ?? { code, severity, count: 0 };
      count.count += 1;
      counts.set(code + severity, count);
    });
    return [...counts.values()].sort(
      (a, b) => a.severity.localeCompare(b.severity) || b.count - a.count || a.code.localeCompare(b.code),
    );
  }

  /** The findings that pass a filter, by their place in the report. */
  matching(filter: Filter): number[] {
    const key = JSON.stringify(filter);
    if (this.#filtered?.key !== key) this.#filtered = { key, indexes: this.#search(filter) };
    return this.#filtered.indexes;
  }

  #search({ severity, code, text }: Filter): number[] {
    const wanted = text.trim().toLowerCase();
    const indexes: number[] = [];
    for (let index = 0; index < this.length; index += 1) {
      if (severity && this.#severities[index] !== severity) continue;
      if (code && this.#codes[index] !== code) continue;
      if (wanted && !this.#mentions(index, wanted)) continue;
      indexes.push(index);
    }
    return indexes;
  }

  #mentions(index: number, wanted: string) {
    const { record, recordKey, source, target, profile, message, code } = this.finding(index);
    const number = record === null ? "" : `${record + 1}`;
    return [code, number, recordKey, source, target, profile, message].some((text) => text?.toLowerCase().includes(wanted));
  }

  #append(bytes: Uint8Array) {
    const needed = this.#length + bytes.length;
    if (needed > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
      larger.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = larger;
    }
    this.#bytes.set(bytes, this.#length);
    this.#length = needed;
  }
}
