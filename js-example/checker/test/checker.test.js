// The page in Chromium, opened from a folder as a person opens it.

import assert from "node:assert/strict";
import { createWriteStream, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before, beforeEach, describe, it } from "node:test";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { folder, launch, page as address, root } from "./browser.js";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const vendor = (/** @type {string} */ name) => join(root, "tests/vendors", name);
const vector = (/** @type {string} */ name) => JSON.parse(readFileSync(join(root, "tests/vectors", `${name}.json`), "utf8"));
const expected = JSON.parse(readFileSync(vendor("flat-romaji/expected.json"), "utf8"));

/** @type {Awaited<ReturnType<typeof launch>>} */
let chromium;
/** @type {import("playwright-core").Page} */
let page;
before(async () => {
  chromium = await launch();
});
after(() => chromium?.close());

/** @param {import("playwright-core").BrowserContextOptions} [options] */
async function open(options) {
  page = await chromium.browser.newPage({ locale: "ja-JP", viewport: { width: 1440, height: 1000 }, ...options });
  page.setDefaultTimeout(30_000);
  page.on("pageerror", (error) => assert.fail(`the page failed: ${error}`));
  await page.goto(address);
}
beforeEach(async () => {
  await page?.close();
  await open();
});

/** @param {{ payload?: string, records?: string, profile?: string, asOf?: string }} files */
async function check({ payload, records, profile, asOf = expected.asOf }) {
  if (records) await page.getByLabel("レコードを変換して検査").check();
  const fields = page.locator('input[type="file"]');
  await fields.nth(0).setInputFiles(payload ?? records ?? "");
  if (profile) await fields.nth(1).setInputFiles(profile);
  await page.getByLabel("処理日").fill(asOf);
  await page.getByRole("button", { name: "検査する", exact: true }).click();
}
const checkVendor = async () => {
  await check({ records: vendor("flat-romaji/records.ndjson"), profile: vendor("flat-romaji/profile.json") });
  await page.locator("#result").waitFor();
};
const figures = async () => {
  const texts = await page.locator(".counts dd").allInnerTexts();
  const [read, accepted, excluded, rejected] = texts.map((text) => Number(text.replaceAll(/\D/g, "")));
  return { read, accepted, excluded, rejected };
};
/** @param {string} name @param {unknown} content */
const file = (name, content) => {
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify(content));
  return path;
};
/** What the accessibility checker finds, once it is known to look. */
async function violations() {
  await page.evaluate(axe); // through the debugger: the page's policy stays as it is
  const { passes, violations } = await page.evaluate(() => /** @type {any} */ (window).axe.run(document));
  assert.ok(passes.length > 20, `${passes.length} rules were applied`);
  return violations.map((/** @type {any} */ { id, nodes }) => `${id}: ${nodes.map((/** @type {any} */ { target }) => target)}`);
}

describe("a check", () => {
  it("of records gives what the vendor's generator says", async () => {
    await checkVendor();
    const { read, accepted, excluded, rejected } = expected;
    assert.deepEqual(await figures(), { read, accepted, excluded, rejected });
    assert.match(await page.locator(".verdict").innerText(), new RegExp(`${rejected} 件`));
  });

  it("of a payload points into the payload", async () => {
    const { json, findings, summary } = vector("272-payload-missing");
    await check({ payload: file("payload.json", json) });
    await page.locator("#result").waitFor();
    assert.equal((await figures()).rejected, summary.rejected);
    assert.equal(await page.locator(".grid").getAttribute("aria-rowcount"), String(findings.length + 1));
    await page.locator(".rows .row").first().click();
    const marked = page.locator(".line.marked");
    assert.match(await marked.innerText(), /方書[\s\S]*項目がありません/);
  });

  it("shows a letter that no font has by its code point", async () => {
    await check({ payload: file("gaiji.json", vector("279-payload-certificate").json) });
    await page.locator(".rows .row", { hasText: "PMH3201" }).click();
    await page.getByRole("button", { name: "値を表示する" }).click();
    assert.match(await page.locator(".line.marked", { hasText: "U+" }).innerText(), /‹U\+[EF][0-9A-F]{3}›/);
  });

  it("of a clean payload says so", async () => {
    await check({ payload: file("clean.json", vector("270-payload-clean").json) });
    assert.equal((await page.locator(".verdict").innerText()).replace(/^\S\s*/, ""), "エラーも警告もありません。");
    assert.equal(await page.locator(".findings").count(), 0);
  });

  it("says that a file cut short must not be sent", async () => {
    const whole = JSON.stringify(vector("270-payload-clean").json);
    const path = join(folder, "cut.json");
    writeFileSync(path, whole.slice(0, -1));
    await check({ payload: path });
    await page.getByText("全件ではないため、送信しないでください").waitFor();
  });

  it("lists every mistake of a profile", async () => {
    await check({ records: vendor("flat-romaji/records.ndjson"), profile: file("profile.json", { name: "x", colour: 1 }) });
    await page.getByText("プロファイルに誤りがあるため").waitFor();
    assert.ok((await page.locator(".rows .row").count()) > 3);
  });

  it("takes a file that is dropped", async () => {
    const transfer = await page.evaluateHandle((text) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([text], "dropped.json"));
      return transfer;
    }, JSON.stringify(vector("270-payload-clean").json));
    await page.locator(".drop").dispatchEvent("drop", { dataTransfer: transfer });
    await page.getByText("dropped.json").waitFor();
    await page.getByRole("button", { name: "検査する", exact: true }).click();
    await page.getByText("エラーも警告もありません。").waitFor();
  });

  it("tells of a file that can't be read", async () => {
    const { json } = vector("270-payload-clean");
    await page.locator('input[type="file"]').setInputFiles(file("gone.json", json));
    writeFileSync(join(folder, "gone.json"), JSON.stringify([...json, ...json])); // changed after it was chosen
    await page.getByRole("button", { name: "検査する", exact: true }).click();
    assert.match(await page.getByRole("alert").innerText(), /読み取れませんでした/);
  });
});

describe("the list", () => {
  beforeEach(checkVendor);

  it("is narrowed by rule, by severity and by text", async () => {
    const shown = async () => Number(await page.locator(".grid").getAttribute("aria-rowcount")) - 1;
    const all = await shown();
    await page.locator(".rule").first().click();
    const number = Number(await page.locator(".rule .number").first().innerText());
    await page.locator(`.grid[aria-rowcount="${number + 1}"]`).waitFor();
    await page.locator(".rule").first().click();
    await page.getByLabel("重要度").selectOption("warning");
    await page.locator(".rows .severity.error").first().waitFor({ state: "detached" });
    const warnings = await shown();
    await page.getByLabel("重要度").selectOption("error");
    await page.locator(".rows .severity.warning").first().waitFor({ state: "detached" });
    assert.equal((await shown()) + warnings, all);
    await page.getByLabel("絞り込み").fill("KOJIN_NO");
    await page.locator(".rows .row", { hasText: "/KOJIN_NO" }).first().waitFor();
    await page.waitForFunction(() => [...document.querySelectorAll(".rows .row")].every((row) => row.textContent?.includes("/KOJIN_NO")));
  });

  it("is moved through and opened without a mouse", async () => {
    await page.locator(".grid").focus();
    for (const key of ["ArrowDown", "ArrowDown", "End", "ArrowUp"]) await page.keyboard.press(key);
    const active = page.locator('.rows .row[aria-selected="true"]');
    await active.waitFor();
    const count = Number(await page.locator(".grid").getAttribute("aria-rowcount"));
    await page.locator(`.row[aria-rowindex="${count - 1}"][aria-selected="true"]`).waitFor();
    assert.equal(await page.locator(".grid").getAttribute("aria-activedescendant"), await active.getAttribute("id"));
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => document.activeElement?.id === "detail");
  });
});

describe("values", () => {
  it("of a person are masked until asked for, and masked again with the next record", async () => {
    await checkVendor();
    const { rejectedRecords } = expected;
    const wrong = rejectedRecords.find((/** @type {any} */ { because }) => because === "my-number-check-digit").record;
    const record = JSON.parse(readFileSync(vendor("flat-romaji/records.ndjson"), "utf8").split("\n")[wrong] ?? "");
    const secrets = [record.KOJIN_NO, record.SHIMEI_KANJI.trim(), record.SHIMEI_KANA.trim(), record.SHIMEI_KANJI.trim().split("　")[0], record.JUKYUSHA_NO.trim()];
    const seen = async () => {
      const html = await page.locator("#app").innerHTML(); // the sample stands in the page's script
      return secrets.filter((secret) => html.includes(secret));
    };
    await page.locator(".rows .row", { hasText: "PMH3102" }).click();
    await page.locator(".line.marked").first().waitFor();
    assert.equal(await page.locator(".line.marked").count(), 2, "the record's place and the payload's");
    assert.deepEqual(await seen(), []);
    await page.getByRole("button", { name: "値を表示する" }).click();
    await page.locator(".line .value", { hasText: record.KOJIN_NO }).first().waitFor();
    assert.deepEqual(await seen(), secrets);
    await page.locator(".rows .row").last().click();
    await page.locator(".line .masked").first().waitFor();
    assert.deepEqual(await seen(), []);
  });
});

describe("the report", () => {
  /** @param {string} name */
  const saved = async (name) => {
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name }).click()]);
    return { name: download.suggestedFilename(), text: readFileSync(await download.path(), "utf8") };
  };

  it("is saved as the core wrote it", async () => {
    await check({ payload: file("payload.json", vector("272-payload-missing").json) });
    await page.locator("#result").waitFor();
    const { name, text } = await saved("NDJSON");
    assert.equal(name, "payload-report.ndjson");
    const lines = text.trimEnd().split("\n").map((line) => JSON.parse(line));
    const { findings, summary } = vector("272-payload-missing");
    assert.deepEqual(lines.at(-1), { summary });
    assert.deepEqual(lines.slice(0, -1).map(({ code, target }) => ({ code, target })), findings.map((/** @type {any} */ { code, target }) => ({ code, target })));
  });

  it("is saved as a CSV that Excel reads", async () => {
    await checkVendor();
    const { text } = await saved("CSV");
    assert.ok(text.startsWith("\ufeff番号,重要度,コード,"));
    assert.ok(text.endsWith("\r\n"));
    const rows = text.slice(1).trimEnd().split("\r\n");
    assert.equal(rows.length, Number(await page.locator(".grid").getAttribute("aria-rowcount")));
    assert.match(rows[1] ?? "", /,"=""0\d+""",/); // a record key keeps its zeros
    assert.ok(rows.every((row) => !/(^|,)[=+\-@]/.test(row)), "no cell is a formula");
  });
});

describe("nothing leaves", () => {
  it("however the page is used", async () => {
    /** @type {string[]} */
    const requests = [];
    page.on("request", (request) => requests.push(request.url()));
    await checkVendor();
    await page.locator(".rows .row").first().click();
    await page.locator(".line").first().waitFor();
    await page.getByRole("button", { name: "English" }).click();
    await page.getByText("Records with errors").waitFor();
    assert.deepEqual(requests.filter((url) => !url.startsWith("blob:")), []);
  });

  it("to the server that the page came from", async () => {
    let hits = 0;
    const html = readFileSync(new URL(address));
    const server = createServer((_request, response) => {
      hits += 1;
      response.setHeader("Content-Type", "text/html").end(html);
    }).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    await page.goto(`http://127.0.0.1:${/** @type {import("node:net").AddressInfo} */ (server.address()).port}/`);
    await checkVendor();
    await page.locator(".rows .row").first().click();
    await page.locator(".line").first().waitFor();
    assert.equal(hits, 1, "the page itself");
    server.closeAllConnections();
    server.close();
  });

  it("even where a script tries to", async () => {
    let hits = 0;
    const server = createServer((_request, response) => {
      hits += 1;
      response.setHeader("Access-Control-Allow-Origin", "*").end("{}");
    }).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const target = `http://127.0.0.1:${/** @type {import("node:net").AddressInfo} */ (server.address()).port}/`;
    await checkVendor();
    const outcomes = await page.evaluate(async (url) => {
      const image = new Promise((resolve) => Object.assign(new Image(), { onload: () => resolve("sent"), onerror: () => resolve("stopped"), src: url }));
      const fetched = fetch(url).then(() => "sent", () => "stopped");
      navigator.sendBeacon(url, "x");
      const socket = new Promise((resolve) => {
        try {
          const opened = new WebSocket(url.replace("http", "ws"));
          opened.onopen = () => resolve("sent");
          opened.onerror = () => resolve("stopped");
        } catch {
          resolve("stopped");
        }
      });
      document.body.append(Object.assign(document.createElement("iframe"), { src: url }));
      document.body.append(Object.assign(document.createElement("script"), { src: url }));
      return Promise.all([image, fetched, socket]);
    }, target);
    assert.deepEqual(outcomes, ["stopped", "stopped", "stopped"]);
    const [worker] = page.workers();
    assert.ok(worker);
    assert.equal(await worker.evaluate((url) => fetch(url).then(() => "sent", () => "stopped"), target), "stopped");
    assert.equal(hits, 0);
    assert.equal(await (await fetch(target)).text(), "{}"); // the server does answer others
    server.close();
  });
});

describe("everybody can use it", () => {
  for (const [name, options] of /** @type {const} */ ([["in light", { colorScheme: "light" }], ["in dark", { colorScheme: "dark" }], ["on a small screen", { viewport: { width: 400, height: 800 } }]])) {
    it(name, async () => {
      await page.close();
      await open(options);
      assert.deepEqual(await violations(), []);
      await checkVendor();
      await page.locator(".rows .row").first().click();
      await page.locator(".line").first().waitFor();
      assert.deepEqual(await violations(), []);
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true);
    });
  }

  it("in English, with the core's messages in English too", async () => {
    await checkVendor();
    await page.getByRole("button", { name: "English" }).click();
    await page.locator(".rows .row").first().click();
    await page.locator(".line").first().waitFor();
    assert.equal(await page.evaluate(() => document.documentElement.lang), "en");
    const chrome = await page.locator(".masthead h1, .verdict, .rule, .said h2, .said p, aside").allInnerTexts();
    assert.deepEqual(chrome.filter((text) => /[ぁ-ん]/.test(text)), []);
  });

  it("on paper", async () => {
    await checkVendor();
    await page.emulateMedia({ media: "print" });
    assert.equal(await page.locator("form.inputs").isVisible(), false);
    assert.equal(await page.locator(".grid").isVisible(), false);
    const printed = page.locator(".printed tbody tr");
    assert.equal(await printed.count(), Number(await page.locator(".grid").getAttribute("aria-rowcount")) - 1);
    assert.ok(await printed.first().isVisible());
  });
});

describe("a file of 100 MB", { timeout: 240_000 }, () => {
  const path = join(folder, "large.json");
  const [clean] = vector("270-payload-clean").json;
  const batch = `,${JSON.stringify(clean)}`.repeat(1000);
  const batches = Math.ceil(100e6 / Buffer.byteLength(batch));
  const records = batches * 1000 + 1;
  before(() =>
    pipeline(
      Readable.from([`[${JSON.stringify(clean)}`, ...Array(batches).fill(batch), "]"]),
      createWriteStream(path),
    ),
  );
  const begin = async () => {
    await check({ payload: path });
    await page.waitForFunction(() => Number(document.querySelector("progress")?.value) > 1e6);
  };

  it("leaves the page usable while it is checked", async () => {
    await begin();
    // a choice is made in the middle of it, and takes effect before the check has ended
    await page.getByLabel("レコードを変換して検査").check();
    const during = await page.evaluate(() => ({ value: document.querySelector("progress")?.value ?? 0, fields: document.querySelectorAll('input[type="file"]').length }));
    assert.equal(during.fields, 2);
    assert.ok(during.value > 1e6 && during.value < 100e6, `${during.value}`);
    await page.locator("#result").waitFor({ timeout: 150_000 });
    assert.equal((await figures()).read, records);
    assert.equal(await page.locator(".grid").getAttribute("aria-rowcount"), String(records)); // all but the first are duplicates
    await page.locator(".grid").focus();
    await page.keyboard.press("End");
    await page.locator(`.row[aria-rowindex="${records}"][aria-selected="true"]`).waitFor();
    await page.getByText(new RegExp(`^${records.toLocaleString("ja-JP")} 件目`)).waitFor();
    await page.locator(".line").first().waitFor();
    assert.ok((await page.locator(".rows .row").count()) < 100, "only what is in sight exists");
  });

  it("can be given up", async () => {
    await begin();
    const [worker] = page.workers();
    await Promise.all([worker?.waitForEvent("close"), page.getByRole("button", { name: "中止" }).click()]);
    assert.equal(await page.locator("progress").count(), 0);
    assert.equal(await page.locator("#result").count(), 0);
    await checkVendor();
    assert.equal((await figures()).read, expected.read);
  });
});
