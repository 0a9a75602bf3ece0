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
    /** Whether the summary tells how often the parts of the profile were used; `false` unless said otherwise. */
    usage?: boolean;
    /** Findings that a person has looked at, and that reject nothing until a day. */
    acknowledged?: Acknowledgement[];
    /** The secret key of the fingerprints, 32 hexadecimal digits. */
    hashKey?: string;
    /** Whether findings that can be acknowledged show their fingerprint. */
    fingerprints?: boolean;
}

/** A finding that is right as it is: of one record, as long as its value stays the same, or of a number. See `wasm/ABI.md`, "Acknowledgements". */
export interface Acknowledgement {
    code: string;
    /** JSON Pointer into the record's payload. */
    target: string;
    recordKey?: string;
    /** The finding's `fingerprint`; with `recordKey`. */
    value?: string;
    /** A payer number, or a recipient number with `payerNumber`; instead of `recordKey`. */
    number?: string;
    payerNumber?: string;
    /** First and last day, `YYYY-MM-DD`. */
    on: string;
    until: string;
    by: string;
    reason: string;
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
    /** The earlier record that this one was compared with; absent if the finding isn't about two records, `null` if the other isn't known: see `Session.locate()`. */
    other?: Other | null;
    /** The last day of the acknowledgement by which it rejects nothing. */
    acknowledged?: string;
    /** The keyed hash by which it can be acknowledged, with the option `fingerprints`. */
    fingerprint?: string;
}

/** The other record of a finding that is about two. */
export interface Other {
    /** Index of the record in the input, from 0. */
    record: number;
    /** The record's own key, where the profile names one. */
    recordKey: string | null;
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
    /** How often the parts of the profile were used: only if the options asked for it and records were mapped. */
    usage?: Usage;
    /** Findings that are acknowledged, which no other count has; only with acknowledgements. */
    acknowledged?: { byCode: Record<string, number>; byEntry: number[] };
}

/** Counts and pointers, in the profile's order; no value of a record. */
export interface Usage {
    /** The places of the record that the profile reads. */
    places: {
        /** JSON Pointer into the profile. */
        profile: string;
        /** JSON Pointer into the record, `…` for the index of a loop. */
        source: string;
        /** How often it was looked at. */
        asked: number;
        /** How often its key was there. */
        present: number;
        /** How often it had a value. */
        filled: number;
        /** A finding (PMH2007) tells that no record has it. */
        absent?: true;
    }[];
    /** The entries of value tables, and each `otherwise`. */
    entries: {
        /** JSON Pointer into the profile. */
        profile: string;
        /** How often it was used. */
        used: number;
    }[];
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
