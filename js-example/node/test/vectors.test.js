// Every vector gives the same bytes through the npm package and through the plain module, payload and report.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { before, describe, it } from "node:test";
import { Session, run } from "pmh-core";
import { PmhError, PmhModule } from "../src/plain-abi.js";
import { vectors } from "./vectors.js";

const plainModule = process.env.PMH_MODULE ?? new URL("../../../target/dist/pmh.wasm", import.meta.url);
const all = vectors();
const text = (/** @type {Uint8Array} */ bytes) => new TextDecoder().decode(bytes);

/** @param {{ payload: Uint8Array, report: Uint8Array }[]} outputs */
function joined(outputs) {
  return {
    payload: text(Buffer.concat(outputs.map(({ payload }) => payload))),
    report: text(Buffer.concat(outputs.map(({ report }) => report))),
  };
}

/**
 * @param {Uint8Array} bytes
 * @param {number} size
 */
function* pieces(bytes, size) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

it("finds the vectors", () => assert.ok(all.length >= 250, `only ${all.length}`));

describe("the npm package", () => {
  for (const { name, profile, options, input, payload, report, findings, named, second, summary } of all) {
    const expected = { payload: text(payload), report: text(report) };
    const given = JSON.parse(text(options));
    const opens = summary.complete || !findings.some(({ code }) => code.startsWith("PMH9"));

    it(name, () => {
      if (!opens) {
        assert.throws(() => new Session(profile, given), { name: "PmhError", code: findings[0]?.code, findings });
        assert.throws(() => run(profile, given, input), { name: "PmhError", code: findings[0]?.code });
        return;
      }
      const session = new Session(profile, given);
      for (const size of [input.length + 1, 7]) {
        const outputs = [...pieces(input, size)].map((piece) => session.push(piece));
        const end = session.finish();
        assert.deepEqual(joined([...outputs, end]), expected);
        assert.deepEqual(end.summary, summary);
        assert.equal(session.locate(), second !== null);
        if (second) {
          const again = [...pieces(input, size)].map((piece) => session.push(piece));
          assert.deepEqual(joined([...again, session.finish()]), { ...expected, report: text(second) });
          assert.equal(session.locate(), false);
        }
        session.reset();
      }
      session.free();
      const result = run(profile, given, input);
      assert.deepEqual({ ...result, payload: text(result.payload) }, { payload: expected.payload, findings: named, summary });
    });
  }

  it("is the same for require()", () => {
    const required = createRequire(import.meta.url)("pmh-core");
    assert.equal(required.Session, Session);
    assert.equal(required.run, run);
  });

  it("refuses a call after the end, with a code", () => {
    const session = new Session(null, { asOf: "2026-11-22", mode: "payload", lang: undefined });
    session.push(Buffer.from("[]"));
    session.finish();
    assert.throws(() => session.push(Buffer.from("[]")), { name: "PmhError", code: "PMH9102" });
    assert.throws(() => session.finish(), { code: "PMH9102" });
    session.reset();
    session.push(Buffer.from("[]"));
    assert.throws(() => session.locate(), { code: "PMH9102" });
    assert.equal(session.finish().summary.complete, true);
  });

  it("refuses options that are no object", () => {
    for (const options of [undefined, null, 7, "2026-11-22", [], {}]) {
      // @ts-expect-error the types forbid it, a caller without them may do it
      assert.throws(() => new Session(null, options), { name: "PmhError", code: "PMH9101" });
    }
  });
});

describe("the plain module", () => {
  /** @type {PmhModule} */
  let module;
  before(async () => {
    module = await PmhModule.compile(new Uint8Array(readFileSync(plainModule)));
  });

  for (const { name, profile, options, input, payload, report, second } of all) {
    it(name, () => {
      const expected = { payload: text(payload), report: text(report) };
      try {
        const session = module.open(profile, options);
        assert.deepEqual(joined([session.push(input), session.finish()]), expected);
        assert.equal(session.locate(), second !== null);
        if (second) {
          assert.deepEqual(joined([session.push(input), session.finish()]), { ...expected, report: text(second) });
          assert.equal(session.locate(), false);
        }
      } catch (error) {
        if (!(error instanceof PmhError)) throw error;
        assert.equal(text(error.report ?? new Uint8Array()), expected.report);
        assert.equal(expected.payload, "");
        assert.match(error.code, /^PMH9\d{3}$/);
      }
    });
  }
});
