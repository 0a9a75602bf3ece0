/** How a run is made. A member that is `undefined` counts as left out; an unknown one is refused. */
export interface Options {
    /** The processing date in Japan, `YYYY-MM-DD`: a record whose validity ended before it is left out. */
    asOf: string;
    /** `"records"` (the default): a vendor's records, to be turned into a payload. `"payload"`: a finished payload, to be checked as it is. */
    mode?: "records" | "payload";
    /** The language of messages; `"ja"` unless said otherwise. */
    lang?: "ja" | "en";
    /** How the input is cut into records; `"auto"` (the default) goes by its first byte. */
    input?: "auto" | "json" | "ndjson";
    /** Whether the payload is wanted; `true` unless said otherwise. */
    payload?: boolean;
    /** `"ndjson"` (the default): a finding a line, the summary last. `"json"`: one object. */
    report?: "ndjson" | "json";
    /** What is sent in place of characters, by code point (`"U+E000": "U+9AD8"`), ahead of the profile's own table. */
    characterTable?: Record<string, string>;
    /** The payer numbers (公費負担者番号) that are assigned: each alone, or with a period as in `"80130028 2020-04-01/.."`. */
    payerNumbers?: { prefixes?: string[]; valid: string[] };
}

/** Something that is wrong or doubtful. It never shows a value of a record, its key apart. */
export interface Finding {
    /** Stable: `PMH` and four digits. */
    code: string;
    /** An error rejects the record. */
    severity: "error" | "warning";
    /** Index of the record in the input, from 0; `null` where the finding isn't about one record. */
    record: number | null;
    /** The record's own key, where the profile names one. */
    recordKey: string | null;
    /** JSON Pointer (RFC 6901) into the record. */
    source: string | null;
    /** JSON Pointer into the record's payload. */
    target: string | null;
    /** JSON Pointer into the profile. */
    profile: string | null;
    /** Byte of the input at which reading went wrong, from 0. */
    offset: number | null;
    /** What is wrong, in the language of the options. */
    message: string;
    /** What to do about it: at the desk, where `systemHelp` says what the people of the system do. */
    help: string;
    /** What the people of the system do; `null` where `help` is for them too. */
    systemHelp: string | null;
}

/** What became of the records; `read` = `accepted` + `excluded` + `rejected`. */
export interface Summary {
    read: number;
    /** In the payload. */
    accepted: number;
    /** Left out: their validity ended before `asOf`, or the profile leaves them out (`records`). */
    excluded: number;
    /** Left out because of an error. */
    rejected: number;
    /** Findings of severity `"warning"`. */
    warnings: number;
    /** The input was read to its end. Where `false`, the payload is not "all records" and must not be sent. */
    complete: boolean;
    /** Findings by code. */
    byCode: Record<string, number>;
    /** Accepted records by scheme. */
    byScheme: Partial<Record<Scheme, number>>;
}

/** 更生医療, 育成医療, 精神通院医療, 小児慢性特定疾病医療, 特定医療(指定難病), 地方単独. */
export type Scheme = "kekkaku" | "kosei" | "ikusei" | "seishin" | "yoiku" | "shoman" | "nanbyo" | "local";

/** What a call produced. Put together over a run, `payload` is one JSON array and `report` one report, both UTF-8. */
export interface Output {
    payload: Uint8Array;
    report: Uint8Array;
}

/** What `finish()` produced. */
export interface FinalOutput extends Output {
    summary: Summary;
}

/** What `run()` produced. */
export interface RunResult {
    /** A JSON array, UTF-8. */
    payload: Uint8Array;
    findings: Finding[];
    summary: Summary;
}

/**
 * What is thrown where a profile or options can't be used (codes PMH9xxx), or a call doesn't fit now (PMH9102). Bad records are never
 * thrown: they are findings. A `WebAssembly.RuntimeError` is a bug or a lack of memory; every call after it throws code PMH6402: end the worker
 * or the process, and begin in a new one.
 */
export interface PmhError extends Error {
    name: "PmhError";
    /** Code of the first finding. */
    code: string;
    /** Every mistake, in one go. */
    findings: Finding[];
}
