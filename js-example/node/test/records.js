// Synthetic records without end: those of a sample vendor, again and again.

import { readFileSync } from "node:fs";

const VENDOR = new URL("../../../tests/vendors/flat-romaji/", import.meta.url);

export const profile = readFileSync(new URL("profile.json", VENDOR));
export const records = readFileSync(new URL("records.ndjson", VENDOR));
export const expected = JSON.parse(readFileSync(new URL("expected.json", VENDOR), "utf8"));
export const options = { asOf: /** @type {string} */ (expected.asOf) };

