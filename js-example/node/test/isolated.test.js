// The npm package behind a thread: the same bytes, the same refusals, and a trap that ends one call alone.

import assert from "node:assert/strict";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, it } from "node:test";
import { fileURLToPath } from "node:url";
import { run } from "pmh-core";
import { IsolatedPmh } from "../src/isolated.js";
import { options, profile, records } from "./records.js";
import { installTrap, marked } from "./test-trap.js";

const folder = mkdtempSync(join(tmpdir(), "pmh-isolated-"));
after(() => rmSync(folder, { recursive: true }));
const expected = run(profile, options, records);

/** @param {IsolatedPmh} pmh */
async function givesTheSame(pmh) {
  const { payload, ...rest } = await pmh.run(profile, options, records);
  assert.equal(Buffer.compare(payload, expected.payload), 0);
  assert.deepEqual(rest, { findings: expected.findings, summary: expected.summary });
}

it("gives what the package gives, eight threads at once", async (test) => {
  const threads = Array.from({ length: 8 }, () => new IsolatedPmh());
  test.after(() => Promise.all(threads.map((pmh) => pmh.close())));
  await Promise.all(threads.map(async (pmh) => {
    await Promise.all([givesTheSame(pmh), givesTheSame(pmh)]);
    await assert.rejects(pmh.run(Buffer.from("{}"), options, records), { name: "PmhError", code: "PMH9004" });
  }));
});

it("a trap is an error of its call, and the next one gets a new thread", async (test) => {
  installTrap(folder);
  cpSync(fileURLToPath(new URL("../src/isolated.js", import.meta.url)), join(folder, "isolated.mjs"));
  /** @type {{ IsolatedPmh: typeof IsolatedPmh }} */
  const trapping = await import(join(folder, "isolated.mjs"));
  const pmh = new trapping.IsolatedPmh();
  test.after(() => pmh.close());
  await givesTheSame(pmh);
  const behind = assert.rejects(pmh.run(profile, options, marked), { name: "PmhError", code: "PMH6402" });
  await givesTheSame(pmh); // asked for before the trap was known
  await behind;
  await assert.rejects(pmh.run(profile, options, marked), ({ message, findings }) => !JSON.stringify([message, findings]).includes("123456789018"));
  await givesTheSame(pmh);
});

it("in its own thread a trap of the package ends every session, and only what asks for it traps", async () => {
  installTrap(folder);
  /** @type {typeof import("pmh-core")} */
  const { Session, run: trapping } = await import(join(folder, "node_modules/pmh-core/node/index.mjs"));
  const [session, other] = [new Session(profile, options), new Session(profile, options)];
  assert.throws(() => session.push(marked), WebAssembly.RuntimeError);
  for (const call of [() => session.finish(), () => other.push(records), () => trapping(profile, options, records)]) {
    assert.throws(call, { name: "PmhError", code: "PMH6402" });
  }
  assert.deepEqual(run(profile, options, marked).summary, expected.summary); // the package that is handed out
});
