// Every vector gives the same bytes in the browser, through the package's browser entry as a web server hands it out.

import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { vectors } from "../../node/test/vectors.js";
import { launch } from "./browser.js";
import { serve } from "./server.js";

/** @type {Awaited<ReturnType<typeof launch>>} */
let chromium;
/** @type {Awaited<ReturnType<typeof serve>>} */
let server;
before(async () => {
  chromium = await launch();
  server = await serve();
});
after(async () => {
  await chromium?.close();
  server?.close();
});

it("all vectors", async () => {
  const all = vectors();
  assert.ok(all.length >= 250);
  const page = await chromium.browser.newPage();
  await page.goto(server.address);
  const given = all.map(({ name, profile, options, input }) => ({ name, options: new TextDecoder().decode(options), profile: [...profile], input: [...input] }));
  const outcomes = await page.evaluate(async (given) => {
    const { default: init, Session } = await import(/** @type {any} */ ("/pmh.js"));
    await init();
    const decoder = new TextDecoder();
    return given.map(({ profile, options, input }) => {
      try {
        const session = new Session(Uint8Array.from(profile), JSON.parse(options));
        const outputs = [session.push(Uint8Array.from(input)), session.finish()];
        session.free();
        const joined = (/** @type {"payload" | "report"} */ which) => outputs.map((output) => decoder.decode(output[which])).join("");
        return { payload: joined("payload"), report: joined("report") };
      } catch (error) {
        const { name, code, findings } = /** @type {any} */ (error);
        return { name, code, findings };
      }
    });
  }, given);
  all.forEach(({ name, payload, report, findings }, index) => {
    const outcome = outcomes[index];
    if (outcome && "code" in outcome) assert.deepEqual(outcome, { name: "PmhError", code: findings[0]?.code, findings }, name);
    else assert.deepEqual(outcome, { payload: new TextDecoder().decode(payload), report: new TextDecoder().decode(report) }, name);
  });
});

it("a million small calls and a thousand large ones leave memory as it was", { timeout: 240_000 }, async () => {
  const page = await chromium.browser.newPage();
  await page.goto(server.address);
  const [early, late] = await page.evaluate(async () => {
    const { default: init, Session } = await import(/** @type {any} */ ("/pmh.js"));
    const { memory } = await init();
    const session = new Session(null, { asOf: "2026-11-22", mode: "payload" });
    const space = Uint8Array.of(32);
    const large = new TextEncoder().encode(`[{}${" ".repeat(256 * 1024)}`);
    /** @param {number} part */
    const run = (part) => {
      for (let i = 0; i < 1_000_000 / part; i += 1) session.push(space);
      session.reset();
      for (let i = 0; i < 1_000 / part; i += 1) {
        session.push(large);
        session.finish();
        session.reset();
      }
      return memory.buffer.byteLength;
    };
    return [run(10), run(1)];
  });
  assert.ok(early > 0);
  assert.equal(late, early);
});
