// What every host of the module must hold: flat memory, a trap that ends its instance, a version that is compared, the same bytes from many threads.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { before, describe, it } from "node:test";
import { Worker } from "node:worker_threads";
import { Session, run } from "pmh-core";
import { PmhError, PmhModule } from "../src/plain-abi.js";
import { fakeModule } from "./fake-module.js";
import { options, profile, records } from "./records.js";
import { marked, testTrap } from "./test-trap.js";

const SMALL = 1_000_000;
const LARGE = 1_000;
const given = Buffer.from(JSON.stringify(options));
const space = Buffer.from(" ");

/** @type {PmhModule} */
let module;
before(async () => {
  const file = process.env.PMH_MODULE ?? new URL("../../../target/dist/pmh.wasm", import.meta.url);
  module = await PmhModule.compile(new Uint8Array(readFileSync(file)));
});

/**
 * Repeats a call, and asks what memory is in use after the first tenth and at the end.
 * @param {number} times
 * @param {() => unknown} call
 * @param {() => number} memory
 */
function early_and_late(times, call, memory) {
  for (let i = 0; i < times / 10; i += 1) call();
  const early = memory();
  for (let i = times / 10; i < times; i += 1) call();
  return { early, late: memory() };
}

const residentMemory = () => {
  globalThis.gc?.();
  return process.memoryUsage().rss;
};

describe("memory stays flat", () => {
  it("in the plain module, through a million small calls", () => {
    const session = module.open(profile, given);
    const { early, late } = early_and_late(SMALL, () => session.push(space), () => session.memory);
    assert.ok(early > 0);
    assert.equal(late, early);
  });

  it("in the plain module, through a thousand large calls", () => {
    const session = module.open(profile, given);
    const call = () => {
      session.push(records);
      session.finish();
      session.reset();
    };
    const { early, late } = early_and_late(LARGE, call, () => session.memory);
    assert.equal(late, early);
  });

  it("in the npm package, through a million small and a thousand large calls", () => {
    const session = new Session(profile, options);
    const large = () => {
      session.push(records);
      session.finish();
      session.reset();
    };
    for (const [times, call] of /** @type {const} */ ([[SMALL, () => session.push(space)], [LARGE, large]])) {
      const { early, late } = early_and_late(times, call, residentMemory);
      // the garbage collector's slack; one leaked output of a large call would be 150 MB in all
      assert.ok(late < early + 32e6, `${early} bytes, then ${late}`);
      session.reset();
    }
    session.free();
  });

  it("in the npm package, through ten thousand sessions", () => {
    const call = () => new Session(profile, options).free();
    const { early, late } = early_and_late(10_000, call, residentMemory);
    assert.ok(late < early + 32e6, `${early} bytes, then ${late}`);
  });
});

describe("a trap", () => {
  it("of the plain module is this host's error, and ends the instance alone", async () => {
    const broken = await PmhModule.compile(fakeModule(1));
    const [session, other] = [broken.open(null, given), broken.open(null, given)];
    assert.throws(() => session.push(space), (error) => error instanceof PmhError && error.code === "PMH6402" && error.cause instanceof WebAssembly.RuntimeError);
    assert.throws(() => session.push(space), { code: "PMH9102" });
    assert.equal(session.memory, 0);
    assert.deepEqual(other.finish().report.length, 0);
  });

  it("of the real module ends its session alone", async () => {
    const traps = await PmhModule.compile(new Uint8Array(readFileSync(new URL("pmh.wasm", testTrap))));
    const expected = run(profile, options, records);
    const [session, other] = [traps.open(profile, given), traps.open(profile, given)];
    assert.throws(() => session.push(marked), { name: "PmhError", code: "PMH6402" });
    assert.throws(() => session.finish(), { code: "PMH9102" });
    for (const sound of [other, traps.open(profile, given)]) {
      const payload = Buffer.concat([sound.push(records).payload, sound.finish().payload]);
      assert.equal(payload.compare(expected.payload), 0);
    }
    module.open(profile, given).push(marked); // what is handed out does no such thing
  });

  it("of the npm package ends every session of the thread", () => {
    // V8 gives the module 4 MiB here; a record that never ends needs more
    const script = `
      import assert from "node:assert/strict";
      import { Session } from "pmh-core";
      const options = { asOf: "2026-11-22", mode: "payload" };
      const profile = Buffer.from(process.argv[1]);
      const [session, other] = [new Session(profile, options), new Session(null, options)];
      const piece = Buffer.alloc(500_000, "1");
      session.push(Buffer.from('[{"myNumber":"'));
      assert.throws(() => { for (let i = 0; i < 30; i += 1) session.push(piece); }, (error) => error instanceof WebAssembly.RuntimeError && !error.message.includes("111"));
      assert.throws(() => session.finish(), { name: "PmhError", code: "PMH6402" });
      assert.throws(() => other.push(Buffer.from("[]")), { name: "PmhError", code: "PMH6402" });
      assert.throws(() => new Session(null, options), { name: "PmhError", code: "PMH6402" });
      console.log("held");`;
    const patient = { ...JSON.parse(profile.toString()), limits: { recordBytes: 16777216 } };
    const done = spawnSync(process.execPath, ["--wasm-max-mem-pages=64", "--input-type=module", "--eval", script, JSON.stringify(patient)], { encoding: "utf8", cwd: import.meta.dirname });
    assert.equal(done.stdout, "held\n", done.stderr);
  });
});

it("a module of another version is refused with both versions", async () => {
  const other = await PmhModule.compile(fakeModule(2));
  assert.throws(() => other.open(null, given), (error) => error instanceof PmhError && error.code === "PMH6401" && /version 2\b.*version 1\b/.test(error.message));
});

it("eight threads at once give the same bytes", async () => {
  const workers = Array.from({ length: 8 }, () => new Worker(new URL("worker.js", import.meta.url), { workerData: module.module }));
  const answers = await Promise.all(workers.map((worker) => once(worker, "message")));
  const [[packaged, plain, report]] = answers.flat();
  assert.equal(packaged, plain);
  assert.equal(report.length, 64);
  for (const [answer] of answers) assert.deepEqual(answer, [packaged, plain, report]);
});
