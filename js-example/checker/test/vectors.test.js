// Every vector gives the same bytes in the browser, through the package's browser entry as a web server hands it out.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { after, before, it } from "node:test";
import { vectors } from "../../node/test/vectors.js";
import { launch } from "./browser.js";

const web = new URL("../../../target/npm/package/web/", import.meta.url);
const files = /** @type {Record<string, string>} */ ({ "/": "text/html", "/pmh.js": "text/javascript", "/pmh_bg.wasm": "application/wasm" });
const server = createServer(({ url = "" }, response) => {
  response.writeHead(files[url] ? 200 : 404, { "Content-Type": files[url] ?? "text/plain", "Content-Security-Policy": "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'" });
  response.end(url === "/" || !files[url] ? "" : readFileSync(new URL(`.${url}`, web)));
});

/** @type {Awaited<ReturnType<typeof launch>>} */
let chromium;
before(async () => {
  chromium = await launch();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(null)));
});
after(async () => {
  await chromium?.close();
  server.close();
});

it("all vectors", async () => {
  const all = vectors();
  assert.ok(all.length >= 250);
  const page = await chromium.browser.newPage();
  await page.goto(`http://127.0.0.1:${/** @type {import("node:net").AddressInfo} */ (server.address()).port}/`);
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
