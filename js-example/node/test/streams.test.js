// Streams give what a single call gives, and keep their memory whatever the input's length.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createWriteStream, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { run } from "pmh-core";
import { pmhTransform, pmhTransformStream } from "../src/streams.js";
import { expected, options, profile, records } from "./records.js";

const folder = mkdtempSync(join(tmpdir(), "pmh-node-"));
after(() => rmSync(folder, { recursive: true }));
const single = run(profile, options, records);
const oddPieces = function* () {
  for (let at = 0, size = 1; at < records.length; at += size, size = (size * 7 + 3) % 4099) yield records.subarray(at, at + size);
};

/** @param {AsyncIterable<Uint8Array>} stream */
async function bytesOf(stream) {
  const pieces = [];
  for await (const piece of stream) pieces.push(piece);
  return Buffer.concat(pieces);
}

/**
 * The records over and over, each time with other My Numbers of the same length.
 * @param {number} size
 */
function* otherPeople(size) {
  const text = records.toString();
  for (let copy = 0n, made = 0; made < size; copy += 1n, made += records.length) {
    const other = (/** @type {string} */ number) => ((BigInt(number) + copy * 1_000_003n) % 10n ** 12n).toString().padStart(12, "0");
    yield Buffer.from(text.replace(/(?<="KOJIN_NO":")\d{12}(?=\D)/g, other));
  }
}

it("the sample is what its generator says", () => {
  const { read, accepted, excluded, rejected } = single.summary;
  assert.deepEqual({ read, accepted, excluded, rejected }, { read: expected.read, accepted: expected.accepted, excluded: expected.excluded, rejected: expected.rejected });
});

describe("streams", () => {
  /** @type {Record<string, (run: import("../src/streams.js").Run) => Promise<Buffer>>} */
  const kinds = {
    node: (run) => bytesOf(Readable.from(oddPieces(), { objectMode: false }).pipe(pmhTransform(run))),
    web: (run) => bytesOf(/** @type {any} */ (/** @type {ReadableStream<any>} */ (Readable.toWeb(Readable.from(oddPieces(), { objectMode: false }))).pipeThrough(pmhTransformStream(run)))),
  };
  for (const [kind, convert] of Object.entries(kinds)) {
    it(`of ${kind} give the bytes of one call`, async () => {
      /** @type {Uint8Array[]} */
      const report = [];
      let summary;
      const payload = await convert({ profile, options, onReport: (bytes) => report.push(bytes), onSummary: (counted) => (summary = counted) });
      assert.equal(payload.compare(single.payload), 0);
      assert.deepEqual(summary, single.summary);
      const lines = Buffer.concat(report).toString().trimEnd().split("\n").map((line) => JSON.parse(line));
      // a stream is read once, so that other records have no name
      const unnamed = single.findings.map((finding) => ("other" in finding ? { ...finding, other: null } : finding));
      assert.deepEqual(lines, [...unnamed, { summary: single.summary }]);
    });

    it(`of ${kind} fail where the report can't be written`, async () => {
      const full = new Error("no space left");
      const failing = convert({ profile, options, onReport: () => Promise.reject(full) });
      await assert.rejects(failing, full);
    });
  }

  it("open with a profile or not at all", () => {
    assert.throws(() => pmhTransform({ profile: Buffer.from("{}"), options }), { name: "PmhError", code: "PMH9004" });
    assert.throws(() => pmhTransformStream({ profile: Buffer.from("{}"), options }), { name: "PmhError", code: "PMH9004" });
  });
});

describe("convert.js", () => {
  const [small, large, payload, report, profileFile] = ["small", "large", "payload", "report", "profile"].map((name) => join(folder, name));
  const convert = (/** @type {string} */ input) => {
    const program = new URL("../src/convert.js", import.meta.url).pathname;
    const done = spawnSync(process.execPath, [program, profileFile, options.asOf, input, payload, report], { encoding: "utf8" });
    return { ...done, told: done.stdout ? JSON.parse(done.stdout) : null };
  };

  it("uses no more memory for 200 MB than for 10 MB", { timeout: 240_000 }, async () => {
    // the records come again and again, each time of other people, so that all are to be sent
    const rules = { PMH3102: "off", PMH5005: "off" };
    const lenient = Buffer.from(JSON.stringify({ ...JSON.parse(profile.toString()), rules }));
    const single = run(lenient, options, records);
    writeFileSync(profileFile, lenient);
    await pipeline(otherPeople(10e6), createWriteStream(small));
    await pipeline(otherPeople(200e6), createWriteStream(large));
    const few = convert(small);
    const many = convert(large);
    const times = statSync(large).size / records.length;
    assert.equal(many.status, 3, many.stderr); // the sample has bad records on purpose
    assert.equal(many.told.summary.accepted, times * single.summary.accepted);
    const elements = single.payload.length - 2;
    assert.equal(statSync(payload).size, times * (elements + 1) + 1);
    assert.ok(statSync(payload).size > 100e6);
    const lines = readFileSync(report, "utf8").trimEnd().split("\n");
    assert.equal(lines.length, times * single.findings.length + 1);
    // the garbage collector's slack
    const allowed = few.told.peakMemoryBytes + 40e6;
    assert.ok(many.told.peakMemoryBytes < allowed, `${many.told.peakMemoryBytes} of ${allowed} bytes`);
  });

  it("tells every mistake of a profile", () => {
    writeFileSync(profileFile, '{"name":"x","colour":1}');
    const done = convert(small);
    assert.equal(done.status, 2);
    assert.match(done.stderr, /PMH9004/);
    assert.ok(done.stderr.split("\n").length > 4, done.stderr);
    writeFileSync(profileFile, profile);
  });
});
