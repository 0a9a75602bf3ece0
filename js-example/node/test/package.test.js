// The tarball, installed into an empty project, works by `import`, by `require` and for the strict type checker, and keeps Node out of browsers.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { after, before, it } from "node:test";
import { vectors } from "./vectors.js";

const target = fileURLToPath(new URL("../../../target/npm/", import.meta.url));
const tsc = fileURLToPath(new URL("../../node_modules/typescript/bin/tsc", import.meta.url));
const project = mkdtempSync(join(tmpdir(), "pmh-package-"));
after(() => rmSync(project, { recursive: true }));

/**
 * @param {string} program
 * @param {string[]} args
 */
function ran(program, args) {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: project, encoding: "utf8" });
  assert.equal(status, 0, stdout + stderr);
  return stdout;
}
const write = (/** @type {string} */ name, /** @type {string} */ text) => writeFileSync(join(project, name), text);

before(() => {
  const tarballs = readdirSync(target).filter((file) => file.endsWith(".tgz"));
  assert.equal(tarballs.length, 1, `${tarballs}`);
  write("package.json", '{ "private": true }');
  ran("npm", ["install", "--offline", "--no-audit", "--no-fund", join(target, tarballs[0] ?? "")]);
});

it("brings no other package", () => {
  assert.deepEqual(readdirSync(join(project, "node_modules")).filter((name) => !name.startsWith(".")), ["pmh-core"]);
});

it("works by import and by require", () => {
  const use = 'const { summary } = run(null, { asOf: "2026-11-22", mode: "payload" }, new TextEncoder().encode("[]")); console.log(summary.complete);';
  write("use.mjs", `import init, { run } from "pmh-core"; await init(); ${use}`);
  write("use.cjs", `const { run } = require("pmh-core"); ${use}`);
  for (const file of ["use.mjs", "use.cjs"]) assert.equal(ran(process.execPath, [file]), "true\n");
});

it("does what its README shows", () => {
  const readme = readFileSync(join(project, "node_modules/pmh-core/README.md"), "utf8");
  const [, shown] = /```js\n([\s\S]*?)```/.exec(readme) ?? [];
  write("readme.mjs", shown ?? "");
  const [first, second] = ran(process.execPath, ["readme.mjs"]).split("\n");
  assert.match(first ?? "", /^1 PMH\d{4} \//);
  assert.match(second ?? "", /^PMH9004 \d$/);
});

it("keeps Node's modules out of the browser entry", () => {
  const { exports } = JSON.parse(readFileSync(join(project, "node_modules/pmh-core/package.json"), "utf8"));
  const entry = readFileSync(join(project, "node_modules/pmh-core", exports["."].default.default), "utf8");
  assert.doesNotMatch(entry, /\brequire\b|^import\b|\bimport\(|\bfs\b|\bprocess\b/m);
  assert.match(entry, /new URL\('pmh_bg\.wasm', import\.meta\.url\)/);
});

it("has types that name every member", () => {
  const all = vectors();
  const given = all.filter(({ findings }) => !findings.some(({ code }) => /PMH9101|PMH901[345]/.test(code)));
  // an object literal may have no member that its type doesn't name, and misses none that isn't optional
  const typed = `
    export const findings: Finding[] = ${JSON.stringify(all.flatMap(({ findings }) => findings))};
    export const summaries: Summary[] = ${JSON.stringify(all.map(({ summary }) => summary))};
    export const options: Options[] = [${given.map(({ options }) => new TextDecoder().decode(options)).join(",")}];
    export const everything: Required<Options> = { asOf: "2026-11-22", mode: "payload", lang: "en", input: "json", payload: false, report: "json", usage: true, characterTable: { "U+E000": "U+9AD8" }, payerNumbers: { prefixes: ["80"], valid: ["80130010"] }, acknowledged: [], hashKey: "0".repeat(32), fingerprints: true };
    // @ts-expect-error
    export const unknown: Options = { asOf: "2026-11-22", colour: 1 };
    const session: Session = new Session(new Uint8Array(), everything);
    export const output: { payload: Uint8Array; report: Uint8Array } = session.push(new Uint8Array());
    export const end: Summary = session.finish().summary;
    export const result: { payload: Uint8Array; findings: Finding[]; summary: Summary } = run(null, everything, new Uint8Array());
    export function codeOf(error: PmhError): string { return error.code + error.findings.length + error.message; }`;
  const names = "{ Session, run, type Finding, type Options, type PmhError, type Summary }";
  write("esm.mts", `import init, ${names} from "pmh-core"; export const ready = init();${typed}`);
  write("cjs.cts", `import ${names} from "pmh-core";${typed}`);
  write("browser.ts", `import init, ${names} from "pmh-core"; export const ready = init(new URL("pmh.wasm", "https://example.jp"));${typed}`);
  const check = ["--strict", "--noEmit", "--target", "es2022", "--lib", "es2022,dom,esnext.disposable", "--types", ""];
  ran(process.execPath, [tsc, ...check, "--module", "nodenext", "esm.mts", "cjs.cts"]);
  ran(process.execPath, [tsc, ...check, "--module", "esnext", "--moduleResolution", "bundler", "--customConditions", "browser", "browser.ts"]);
});
