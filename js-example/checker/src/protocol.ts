// What the page and its worker tell each other. Values of records travel only in a `RecordView`, and masked unless asked for.

import type { Finding, Summary } from "pmh-core";

export type Lang = "ja" | "en";
export type Severity = Finding["severity"];

/** What is to be checked: a finished payload, or records with the profile that maps them. */
export interface Job {
  input: File;
  profile: File | null;
  asOf: string;
  lang: Lang;
}

export interface Filter {
  severity: Severity | null;
  code: string | null;
  text: string;
}

export interface Progress {
  bytes: number;
  total: number;
  findings: number;
}

export interface RuleCount {
  code: string;
  severity: Severity;
  count: number;
}

export interface Outcome {
  summary: Summary;
  /** Profile or options could not be used: the findings say why, and nothing was read. */
  refused: boolean;
  findings: number;
  byRule: RuleCount[];
}

export interface Row extends Finding {
  /** Its place in the report, from 0. */
  index: number;
}

export interface Rows {
  total: number;
  from: number;
  rows: Row[];
}

/** A line of a record as it is shown. */
export interface Line {
  depth: number;
  key: string;
  pointer: string;
  /** What stands there; `null` for an object or array, whose lines follow. */
  value: string | null;
  masked: boolean;
  marked: boolean;
  /** The finding is about a place that isn't there. */
  missing: boolean;
}

export interface RecordView {
  /** `null` where the record can't be read as JSON, or there is none. */
  record: Line[] | null;
  /** What is made of it; `null` where none can be made, `undefined` where the input is a payload itself. */
  payload?: Line[] | null;
  /** The payload is made only for show: the record has errors and isn't sent. */
  unsent: boolean;
}

/** Each request and its answer. */
export interface Requests {
  check: { request: Job; answer: Outcome };
  rows: { request: { filter: Filter; from: number; to: number }; answer: Rows };
  record: { request: { index: number; reveal: boolean }; answer: RecordView };
  report: { request: { format: "ndjson" | "csv"; lang: Lang }; answer: Blob };
}
export type Kind = keyof Requests;

export interface Request<K extends Kind = Kind> {
  id: number;
  kind: K;
  request: Requests[K]["request"];
}
export type Reply =
  | { id: number; answer: unknown }
  | { id: number; failure: Failure }
  | { progress: Progress };

/** Why a request failed, without any value. */
export type Failure = "unreadable" | "trap";
