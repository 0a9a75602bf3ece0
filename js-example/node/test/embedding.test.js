// The programs of docs/embedding.md for Node do what is said of them, in an empty project with the package.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, it } from "node:test";
import { fileURLToPath } from "node:url";
import { programs } from "./embedding.js";
import { vector } from "./vectors.js";

const folder = mkdtempSync(join(tmpdir(), "pmh-embedding-"));
const payload = join(folder, "payload.json");
before(() => {
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(realpathSync(fileURLToPath(new URL("../../node_modules/pmh-core", import.meta.url))), join(folder, "node_modules/pmh-core"));
});
after(() => rmSync(folder, { recursive: true }));

for (const { name, text } of programs("node")) {
  it(name, () => {
    writeFileSync(join(folder, "program.mjs"), text);
    const run = (/** @type {Uint8Array} */ profile, /** @type {Uint8Array} */ records) => {
      writeFileSync(join(folder, "profile.json"), profile);
      writeFileSync(join(folder, "records.json"), records);
      return spawnSync(process.execPath, ["program.mjs"], { cwd: folder, encoding: "utf8" });
    };
    const refused = run(Buffer.from("{}"), Buffer.from("[]"));
    assert.equal(refused.status, 1);
    assert.match(refused.stderr, /PMH9004/);
    const faulty = vector("049-period-three-fates");
    assert.match(run(faulty.profile, faulty.input).stdout, /PMH3107/);
    assert.ok(!existsSync(payload), "it wrote a payload that must not be sent");
    const clean = vector("002-clean-three-schemes");
    const done = run(clean.profile, clean.input);
    assert.equal(done.status, 0, done.stderr);
    assert.deepEqual(readFileSync(payload), Buffer.from(clean.payload));
  });
}
