// The records that the page shows are the ones that the core numbers, for every vector, however the input is cut.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { before, it } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "vite";
import { root } from "./browser.js";

const built = fileURLToPath(new URL("../../../target/checker-test/", import.meta.url));
/** @type {typeof import("../src/worker/boundaries")} */
let own;
before(async () => {
  const entry = fileURLToPath(new URL("../src/worker/boundaries.ts", import.meta.url));
  await build({ configFile: false, logLevel: "error", build: { ssr: entry, outDir: built, emptyOutDir: true } });
  own = await import(join(built, "boundaries.js"));
});

/** @param {any} vector */
const bytesOf = ({ json, text, base64 }) => Buffer.from(base64 ?? text ?? JSON.stringify(json), base64 ? "base64" : "utf8");
const at = (/** @type {any} */ value, /** @type {string} */ pointer) => pointer.split("/").slice(1).reduce((inner, key) => inner?.[key], value);

it("every record is where the core found it", () => {
  const folder = join(root, "tests/vectors");
  let compared = 0;
  for (const name of readdirSync(folder).filter((name) => name.endsWith(".json"))) {
    const vector = JSON.parse(readFileSync(join(folder, name), "utf8"));
    if (typeof vector.profile !== "string") continue;
    const { recordKey } = JSON.parse(readFileSync(join(folder, "profiles", `${vector.profile}.json`), "utf8"));
    const input = bytesOf(vector);
    const whole = new own.Boundaries();
    const cut = new own.Boundaries();
    whole.push(input);
    for (const byte of input) cut.push(Uint8Array.of(byte));
    assert.deepEqual([cut.starts, cut.ends], [whole.starts, whole.ends], name);
    for (const finding of vector.findings) {
      if (finding.recordKey === null || !finding.source) continue;
      const range = whole.range(finding.record);
      assert.ok(range, `${name}: record ${finding.record}`);
      const record = JSON.parse(input.subarray(...range).toString());
      // what can't be seen is shown escaped
      const escaped = (/** @type {string} */ c) => `\\u{${c.codePointAt(0)?.toString(16)}}`;
      const shown = String(at(record, recordKey)).trim().replace(/\p{Cf}/gu, escaped);
      assert.equal(shown, finding.recordKey, name);
      compared += 1;
    }
  }
  assert.ok(compared >= 80, `only ${compared} findings were compared`);
});

it("every record of the sample vendors is found", () => {
  for (const [vendor, file] of [["flat-romaji", "records.ndjson"], ["nested-japanese", "records.json"]]) {
    const folder = join(root, "tests/vendors", vendor ?? "");
    const input = readFileSync(join(folder, file ?? ""));
    const found = new own.Boundaries();
    found.push(input);
    assert.equal(found.starts.length, JSON.parse(readFileSync(join(folder, "expected.json"), "utf8")).read, vendor);
    found.starts.forEach((_, record) => JSON.parse(input.subarray(...(found.range(record) ?? [])).toString()));
  }
});
