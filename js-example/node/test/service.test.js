// The HTTP service answers with the report, keeps no body, shows no value, and ends after a trap.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { after, before, describe, it } from "node:test";
import { createService } from "../src/service.js";
import { vectors } from "./vectors.js";

const checks = vectors().filter(({ options }) => JSON.parse(new TextDecoder().decode(options)).mode === "payload").filter(({ options }) => !new TextDecoder().decode(options).includes("acknowledged"));

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

describe("the service under load", () => {
  const start = async (/** @type {object} */ limits) => {
    const server = createService(limits);
    await once(server.listen(0, "127.0.0.1"), "listening");
    after(() => (server.closeAllConnections(), server.close()));
    return /** @type {import("node:net").AddressInfo} */ (server.address()).port;
  };

  it("counts more findings than it sends", async () => {
    const url = `http://127.0.0.1:${await start({ maxFindings: 3 })}/check?asOf=2026-11-22`;
    const { findings, omitted, summary } = await (await fetch(url, { method: "POST", body: `[${"{},".repeat(99)}{}]` })).json();
    assert.equal(findings.length, 3);
    const all = Object.values(summary.byCode).reduce((sum, count) => sum + Number(count), 0);
    assert.deepEqual([omitted, summary.read, summary.rejected], [all - 3, 100, 100]);
  });

  it("holds no more of a long report than its reader takes", async () => {
    const port = await start({ maxFindings: 1e9 });
    const body = `[${"{},".repeat(100_000)}{}]`;
    const slow = connect(port, "127.0.0.1").pause();
    await once(slow, "connect");
    globalThis.gc?.();
    const before = process.memoryUsage().rss;
    slow.write(`POST /check?asOf=2026-11-22 HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    const grown = process.memoryUsage().rss - before;
    slow.destroy();
    assert.ok(grown < 200e6, `${grown} bytes`);
  });

  it("makes no more than so many checks at a time, and goes on once one is gone", async () => {
    const port = await start({ maxChecks: 1 });
    const url = `http://127.0.0.1:${port}/check?asOf=2026-11-22`;
    const held = connect(port, "127.0.0.1");
    held.write("POST /check?asOf=2026-11-22 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n[");
    const status = async (/** @type {number} */ wanted) => {
      for (let tries = 0; tries < 100; tries += 1) {
        const response = await fetch(url, { method: "POST", body: "[]" });
        await response.text();
        if (response.status === wanted) return response;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      return assert.fail(`never ${wanted}`);
    };
    assert.ok((await status(503)).headers.get("retry-after"));
    held.destroy();
    await status(200);
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
