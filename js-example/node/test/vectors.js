// The shared vectors, as the bytes that every host gets and must give. Their format is told in CONTRIBUTING.md.

import { readFileSync, readdirSync } from "node:fs";

const FOLDER = new URL("../../../tests/vectors/", import.meta.url);
const utf8 = new TextEncoder();

/**
 * @typedef {object} Vector
 * @property {string} name
 * @property {Uint8Array} profile
 * @property {Uint8Array} options
 * @property {Uint8Array} input
 * @property {Uint8Array} payload What must come out, like `report`.
 * @property {Uint8Array} report
 * @property {import("pmh-core").Finding[]} findings
 * @property {import("pmh-core").Finding[]} named The findings of a second run.
 * @property {Uint8Array | null} second Its report; `null` where there must be none.
 * @property {import("pmh-core").Summary} summary
 */

/** @returns {Vector[]} */
export function vectors() {
  const files = readdirSync(FOLDER).filter((file) => file.endsWith(".json")).sort();
  return files.map((file) => read(file));
}

/**
 * One of them.
 * @param {string} name
 */
export const vector = (name) => read(`${name}.json`);

/** @param {string} file */
function read(file) {
  const text = readFileSync(new URL(file, FOLDER), "utf8");
  const parsed = JSON.parse(text);
  const raw = members(text);
  const member = (/** @type {string} */ name) => utf8.encode(raw.get(name));
  const report = (/** @type {object[]} */ findings) =>
    utf8.encode([...findings, { summary: parsed.summary }].map((line) => `${JSON.stringify(line)}\n`).join(""));
  const others = [...(parsed.others ?? [])];
  const named = parsed.findings.map((/** @type {object} */ finding) =>
    others.length > 0 && "other" in finding ? { ...finding, other: others.shift() } : finding,
  );
  return {
    name: file.replace(/\.json$/, ""),
    profile: profileOf(parsed.profile, member("profile")),
    options: member("options"),
    input: inputOf(parsed, member("json")),
    payload: parsed.payload === null ? new Uint8Array() : member("payload"),
    report: report(parsed.findings),
    findings: parsed.findings,
    named,
    second: parsed.others ? report(named) : null,
    summary: parsed.summary,
  };
}

/**
 * @param {any} profile
 * @param {Uint8Array} raw
 */
function profileOf(profile, raw) {
  if (profile === null) return new Uint8Array();
  if (typeof profile === "string") return readFileSync(new URL(`profiles/${profile}.json`, FOLDER));
  return typeof profile.$text === "string" ? utf8.encode(profile.$text) : raw;
}

/**
 * @param {any} parsed
 * @param {Uint8Array} raw
 */
function inputOf(parsed, raw) {
  if (typeof parsed.text === "string") return utf8.encode(parsed.text);
  return typeof parsed.base64 === "string" ? Buffer.from(parsed.base64, "base64") : raw;
}

/**
 * The members of an object's text, each without white space but otherwise letter for letter: `JSON.parse` would
 * sort the keys that look like numbers, and write numbers anew.
 * @param {string} text
 */
function members(text) {
  /** @type {Map<string, string>} */
  const found = new Map();
  let [depth, name, value] = [0, "", ""];
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\]:,]|[^\s{}[\]:,"]+/g)) {
    if (token === "}" || token === "]") depth -= 1;
    if (depth === 0 || (depth === 1 && token === ",")) {
      if (name) found.set(name, value);
      [name, value] = ["", ""];
    } else if (depth === 1 && !name) {
      name = JSON.parse(token);
    } else if (depth > 1 || token !== ":") {
      value += token;
    }
    if (token === "{" || token === "[") depth += 1;
  }
  return found;
}
