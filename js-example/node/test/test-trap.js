// The real module, built to trap where a piece of input asks for it; `cargo xtask test-trap` leaves it there.

import { cpSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { records } from "./records.js";

/** The folder of the modules that trap. */
export const testTrap = process.env.PMH_TEST_TRAP ? pathToFileURL(`${process.env.PMH_TEST_TRAP}/`) : new URL("../../../target/test-trap/", import.meta.url);

/** The sample records with a request for a trap in a place that the profile doesn't read. */
export const marked = Buffer.from(records.toString().replace("{", '{"note":"pmh-test-trap",'));

/**
 * Installs into a folder the npm package with the module that traps.
 * @param {string} folder
 */
export function installTrap(folder) {
  const installed = join(folder, "node_modules/pmh-core");
  const real = realpathSync(fileURLToPath(new URL("../../node_modules/pmh-core", import.meta.url)));
  cpSync(real, installed, { recursive: true });
  for (const file of ["pmh.js", "pmh_bg.wasm"]) cpSync(fileURLToPath(new URL(`node/${file}`, testTrap)), join(installed, "node", file));
}
