// The worker of docs/embedding.md does what is said of it in Chromium, eight of them at once.

import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { programs } from "../../node/test/embedding.js";
import { vector } from "../../node/test/vectors.js";
import { launch } from "./browser.js";
import { serve } from "./server.js";

const all = programs("browser");

/** @type {Awaited<ReturnType<typeof launch>>} */
let chromium;
/** @type {Awaited<ReturnType<typeof serve>>} */
let server;
before(async () => {
  chromium = await launch();
  server = await serve(Object.fromEntries(all.map(({ name, text }) => [`/${name}.js`, text])));
});
after(async () => {
  await chromium?.close();
  server?.close();
});

for (const { name } of all) {
  it(name, async () => {
    const page = await chromium.browser.newPage();
    await page.goto(server.address);
    /** What each of eight workers answers. @param {Uint8Array} profile @param {Uint8Array} records */
    const answers = (profile, records) =>
      page.evaluate(
        async ({ script, profile, records }) => {
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
          return Promise.all(Array.from({ length: 8 }, ask));
        },
        { script: `/${name}.js`, profile: [...profile], records: [...records] },
      );

    for (const given of ["002-clean-three-schemes", "049-period-three-fates"]) {
      const { profile, input, payload, findings, summary } = vector(given);
      const expected = { payload: new TextDecoder().decode(payload), findings, summary };
      assert.deepEqual(await answers(profile, input), Array(8).fill(expected));
    }
    for (const { code, findings } of await answers(Buffer.from("{}"), Buffer.from("[]"))) {
      assert.equal(code, "PMH9004");
      assert.equal(findings[0].code, code);
    }
  });
}
