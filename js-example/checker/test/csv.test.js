// A cell of the downloaded report is never a formula to Excel, whatever a record's key is.

import assert from "node:assert/strict";
import { join } from "node:path";
import { before, it } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const built = fileURLToPath(new URL("../../../target/checker-test-csv/", import.meta.url));
/** @type {typeof import("../src/worker/csv")} */
let own;
before(async () => {
  const entry = fileURLToPath(new URL("../src/worker/csv.ts", import.meta.url));
  await build({ configFile: false, logLevel: "error", build: { ssr: entry, outDir: built, emptyOutDir: true } });
  own = await import(join(built, "csv.js"));
});

it("what begins like a formula is a text", () => {
  for (const sign of ["=", "+", "-", "@", "＝", "＋", "－", "＠"]) {
    assert.equal(own.field(`${sign}HYPERLINK(1)`), `'${sign}HYPERLINK(1)`);
    assert.equal(own.field(`a${sign}b`), `a${sign}b`);
  }
  assert.equal(own.field('＝HYPERLINK("http://example.com")'), `"'＝HYPERLINK(""http://example.com"")"`);
  for (const blank of ["\t", "\r", "\n"]) assert.match(own.field(`${blank}=1`), /^"?'[\t\r\n]=1"?$/);
});

it("digits stay as they are", () => {
  assert.equal(own.field("0012"), '"=""0012"""');
  assert.equal(own.field("123456789018"), '"=""123456789018"""');
  assert.equal(own.field("12"), "12");
});
