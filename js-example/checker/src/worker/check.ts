// One run over one file, and everything that is asked about it afterwards. It lives in the worker; only what is asked for leaves it.

import { type Finding, type Options, type PmhError, Session, type Summary } from "pmh-core";
import rules from "../../../../docs/rules.json";
import type { Filter, Job, Lang, Outcome, Progress, RecordView, Rows } from "../protocol";
import { Boundaries } from "./boundaries";
import { csvOf } from "./csv";
import { linesOf } from "./lines";
import { openInPayload, openInRecords } from "./privacy";
import { Report } from "./report";

/** How often progress is told, in bytes. */
const STEP = 1 << 20;
/** The rules that may be passed over, to show what would be sent. */
const LENIENT = Object.fromEntries(rules.filter(({ code, fixed }) => !fixed && /^PMH[1-5]/.test(code)).map(({ code }) => [code, "off"]));

/** The file can't be read: it was moved, changed or locked after it was chosen. */
export class Unreadable extends Error {}
const reading = <T>(read: Promise<T>): Promise<T> =>
  read.catch(() => {
    throw new Unreadable();
  });

export class Check {
  readonly #boundaries = new Boundaries();
  #report = new Report();
  #profile: Uint8Array | null = null;

  constructor(readonly job: Job) {}

  async run(onProgress: (progress: Progress) => void): Promise<Outcome> {
    const { input, profile } = this.job;
    this.#profile = profile && new Uint8Array(await reading(profile.arrayBuffer()));
    let session: Session;
    try {
      session = new Session(this.#profile, this.#options);
    } catch (error) {
      return this.#refused(error);
    }
    const read = async (report: Report, take: (piece: Uint8Array) => void) => {
      const total = input.size;
      let [bytes, told] = [0, 0];
      const reader = input.stream().getReader();
      for (let next = await reading(reader.read()); !next.done; next = await reading(reader.read())) {
        take(next.value);
        report.push(session.push(next.value).report);
        bytes += next.value.length;
        if (bytes - told >= STEP || bytes === total) {
          told = bytes;
          onProgress({ bytes, total, findings: report.length });
        }
      }
      const { report: rest, summary } = session.finish();
      report.push(rest);
      return summary;
    };
    const summary = await read(this.#report, (piece) => this.#boundaries.push(piece));
    if (session.locate()) {
      const named = new Report();
      try {
        await read(named, () => {});
        this.#report = named;
      } catch (error) {
        // a file that changed meanwhile can't be read: what the first run found stays as it is
        if (!(error instanceof Unreadable)) throw error;
      }
    }
    session.free();
    return this.#outcome(summary, false);
  }

  rows(filter: Filter, from: number, to: number): Rows {
    const indexes = this.#report.matching(filter);
    return { total: indexes.length, from, rows: indexes.slice(from, to).map((index) => this.#report.finding(index)) };
  }

  async record(index: number, reveal: boolean): Promise<RecordView> {
    const finding = this.#report.finding(index);
    const range = finding.record === null ? null : this.#boundaries.range(finding.record);
    const nothing = { record: null, unsent: false };
    if (!range) return nothing;
    const text = await reading(this.job.input.slice(...range).text());
    let record: unknown;
    try {
      record = JSON.parse(text);
    } catch {
      return nothing;
    }
    if (typeof record !== "object" || record === null) return nothing;
    if (!this.#profile) return { record: linesOf(record, finding.target, reveal ? null : openInPayload), unsent: false };

    const profile: unknown = JSON.parse(new TextDecoder().decode(this.#profile));
    const made = this.#payloadOf(text, profile);
    return {
      record: linesOf(record, finding.source, reveal ? null : openInRecords(profile)),
      payload: made && linesOf(made.payload, finding.target, reveal ? null : openInPayload),
      unsent: made?.unsent ?? false,
    };
  }

  download(format: "ndjson" | "csv", lang: Lang): Blob {
    return format === "csv" ? csvOf(this.#report, lang) : new Blob([this.#report.bytes], { type: "application/x-ndjson" });
  }

  get #options(): Options {
    const { profile, asOf, lang } = this.job;
    return { asOf, lang, mode: profile ? "records" : "payload", payload: false };
  }

  /** What becomes of one record; where it is rejected, what would be sent if its errors were passed over. */
  #payloadOf(text: string, profile: unknown): { payload: unknown; unsent: boolean } | null {
    const lenient = new TextEncoder().encode(JSON.stringify({ ...(profile as object), rules: LENIENT }));
    for (const [bytes, unsent] of [[this.#profile, false], [lenient, true]] as const) {
      const session = new Session(bytes, { ...this.#options, payload: true });
      const parts = [session.push(new TextEncoder().encode(`[${text}]`)), session.finish()];
      session.free();
      const [payload] = JSON.parse(parts.map((part) => new TextDecoder().decode(part.payload)).join("")) as unknown[];
      if (payload !== undefined) return { payload, unsent };
    }
    return null;
  }

  #refused(error: unknown): Outcome {
    if (!(error instanceof Error) || error.name !== "PmhError") throw error;
    const { findings } = error as PmhError;
    this.#report.pushFindings(findings);
    const byCode = Object.fromEntries(findings.map(({ code }: Finding) => [code, 1]));
    return this.#outcome({ read: 0, accepted: 0, excluded: 0, rejected: 0, warnings: 0, complete: false, byCode, byScheme: {} }, true);
  }

  #outcome(summary: Summary, refused: boolean): Outcome {
    return { summary, refused, findings: this.#report.length, byRule: this.#report.byRule() };
  }
}
