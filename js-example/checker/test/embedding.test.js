// The worker of docs/embedding.md does what is said of it in Chromium, eight of them at once.

import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { programs } from "../../node/test/embedding.js";
import { testTrap } from "../../node/test/test-trap.js";
import { vector } from "../../node/test/vectors.js";
import { launch } from "./browser.js";
import { serve } from "./server.js";

const all = programs("browser");
const scripts = Object.fromEntries(all.map(({ name, text }) => [`/${name}.js`, text]));

/** @type {Awaited<ReturnType<typeof launch>>} */
let chromium;
/** @type {Awaited<ReturnType<typeof serve>>} */
let server;
before(async () => {
  chromium = await launch();
  server = await serve(scripts);
});
after(async () => {
  await chromium?.close();
  server?.close();
});

/**
 * What each of so many workers answers that run a program at once.
 * @param {Awaited<ReturnType<typeof serve>>} server
 * @param {string} name
 * @param {{ profile: Uint8Array, input: Uint8Array }} given
 * @param {number} workers
 */
async function answers(server, name, { profile, input }, workers) {
  const page = await chromium.browser.newPage();
  await page.goto(server.address);
  return page.evaluate(
    async ({ script, profile, records, workers }) => {
      const file = (/** @type {number[]} */ bytes) => new Blob([Uint8Array.from(bytes)]);
      const ask = async () => {
        const worker = new Worker(script, { type: "module" });
        const { data } = await new Promise((resolve, reject) => {
          worker.onmessage = resolve;
          worker.onerror = reject;
          worker.postMessage({ profile: file(profile), records: file(records) });
        });
        worker.terminate();
        return { ...data, payload: data.payload && new TextDecoder().decode(data.payload) };
      };
      return Promise.all(Array.from({ length: workers }, ask));
    },
    { script: `/${name}.js`, profile: [...profile], records: [...input], workers },
  );
}

/** @param {import("../../node/test/vectors.js").Vector} vector */
const expected = ({ payload, findings, summary }) => ({ payload: new TextDecoder().decode(payload), findings, summary });

for (const { name } of all) {
  it(`${name} does what is said of it`, async () => {
    for (const given of [vector("002-clean-three-schemes"), vector("049-period-three-fates")]) {
      assert.deepEqual(await answers(server, name, given, 8), Array(8).fill(expected(given)));
    }
    const [{ code, findings }] = await answers(server, name, { profile: Buffer.from("{}"), input: Buffer.from("[]") }, 1);
    assert.equal(code, "PMH9004");
    assert.equal(findings[0].code, code);
  });

  it(`${name} answers a trap without a code, and a new worker is sound`, async () => {
    // wasm-bindgen makes one module for Node and for browsers
    const trapping = await serve(scripts, new URL("node/pmh_bg.wasm", testTrap));
    after(() => trapping.close());
    const clean = vector("002-clean-three-schemes");
    const marked = Buffer.from(new TextDecoder().decode(clean.input).replace("{", '{"note":"pmh-test-trap",'));
    const [trapped] = await answers(trapping, name, { ...clean, input: marked }, 1);
    assert.equal(trapped.code, undefined);
    assert.equal(trapped.message, "unreachable");
    assert.deepEqual(await answers(trapping, name, clean, 1), [expected(clean)]);
    assert.deepEqual(await answers(server, name, { ...clean, input: marked }, 1), [expected(clean)]);
  });
}
