// Chromium, as a person would have it: headless, with nothing of its own on the network.

import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const FLAGS = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
// Chromium's own sandbox needs rights that root in a container doesn't have
if (process.getuid?.() === 0) FLAGS.push("--no-sandbox");

const executablePath = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find((file) => existsSync(file));

export const page = pathToFileURL(fileURLToPath(new URL("../dist/pmh-checker.html", import.meta.url))).href;
export const root = fileURLToPath(new URL("../../../", import.meta.url));
export const folder = mkdtempSync(join(tmpdir(), "pmh-checker-"));

export async function launch() {
  if (!executablePath) throw new Error("there is no Chromium: apt-get install chromium");
  const browser = await chromium.launch({ executablePath, args: FLAGS });
  return {
    browser,
    async close() {
      await browser.close();
      rmSync(folder, { recursive: true });
    },
  };
}
