// The HTTP service answers with the report, keeps no body, shows no value, and ends after a trap.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { after, before, describe, it } from "node:test";
import { createService } from "../src/service.js";
import { vectors } from "./vectors.js";

const checks = vectors().filter(({ options }) => JSON.parse(new TextDecoder().decode(options)).mode === "payload");

describe("the service", () => {
  const server = createService({ maxBody: 1_000_000 });
  let url = "";
  before(async () => {
    await once(server.listen(0, "127.0.0.1"), "listening");
    url = `http://127.0.0.1:${/** @type {import("node:net").AddressInfo} */ (server.address()).port}`;
  });
  after(() => server.close());
  const post = (/** @type {string} */ path, /** @type {Uint8Array} */ body) => fetch(url + path, { method: "POST", body: new Uint8Array(body) });

  for (const { name, options, input, findings, summary } of checks.filter(({ profile }) => profile.length === 0)) {
    it(name, async () => {
      const { asOf, lang } = JSON.parse(new TextDecoder().decode(options));
      const response = await post(`/check?asOf=${asOf}&lang=${lang ?? "ja"}`, input);
      assert.equal(response.status, 200);
      assert.deepEqual(await response.json(), { findings, summary });
    });
  }

  it("tells what is wrong with the request", async () => {
    const options = await post("/check", Buffer.from("[]"));
    assert.equal(options.status, 400);
    assert.equal((await options.json()).code, "PMH9101");
    assert.equal((await post("/other", Buffer.from("[]"))).status, 404);
    assert.equal((await fetch(`${url}/check`)).status, 405);
  });

  it("takes no body over its limit", async () => {
    const body = Buffer.alloc(1_000_001, " ");
    // the answer may be lost where the connection closes under the body
    const status = await post("/check?asOf=2026-11-22", body).then(({ status }) => status, () => 413);
    assert.equal(status, 413);
    assert.equal((await post("/check?asOf=2026-11-22", Buffer.from("[]"))).status, 200);
  });
});

it("the service ends after a trap, so that nothing runs on in a broken module", { timeout: 60_000 }, async () => {
  // a machine that gives the module 4 MiB of memory: the findings of one piece need more
  const program = new URL("../src/service.js", import.meta.url).pathname;
  const service = spawn(process.execPath, ["--wasm-max-mem-pages=64", program, "0"]);
  after(() => service.kill());
  const [line] = await once(service.stdout, "data");
  const closed = once(service, "exit");
  const body = Buffer.from(`[{"myNumber":"111111111111"},${"{},".repeat(200_000)}{}]`);
  const response = await fetch(`${String(line).trim()}/check?asOf=2026-11-22`, { method: "POST", body });
  const answer = await response.text();
  assert.equal(response.status, 500);
  assert.doesNotMatch(answer, /1111/);
  assert.deepEqual(await closed, [70, null]);
});
