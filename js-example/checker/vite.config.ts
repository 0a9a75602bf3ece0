// One HTML file that a browser opens from a folder: script, worker, module and style are all inside, and a policy that lets nothing out.

import { createHash } from "node:crypto";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { defineConfig, type Plugin } from "vite";
import { viteSingleFile } from "vite-plugin-singlefile";

/** The module is handed to the package as bytes; its own address of a file beside it must not become a second copy. */
const moduleInside: Plugin = {
  name: "module-inside",
  transform(code, id) {
    if (!id.endsWith("/web/pmh.js")) return null;
    return code.replace(/new URL\('pmh_bg\.wasm', import\.meta\.url\)/, "undefined");
  },
};

/** Writes the finished page with its Content-Security-Policy: the digests of what stands in it, and nothing else. */
const policy: Plugin = {
  name: "policy",
  writeBundle({ dir = "dist" }) {
    const written = join(dir, "index.html");
    const html = readFileSync(written, "utf8");
    const digests = (tag: string) =>
      [...html.matchAll(new RegExp(`<${tag}[^>]*>([\\s\\S]*?)</${tag}>`, "g"))]
        .map(([, text]) => `'sha256-${createHash("sha256").update(text ?? "").digest("base64")}'`)
        .join(" ");
    const directives = [
      "default-src 'none'",
      `script-src ${digests("script")} 'wasm-unsafe-eval'`,
      `style-src ${digests("style")}`,
      "worker-src blob:",
      "img-src data:",
      "connect-src 'none'",
      "form-action 'none'",
      "base-uri 'none'",
    ];
    const charset = '<meta charset="utf-8" />';
    const meta = `<meta http-equiv="Content-Security-Policy" content="${directives.join("; ")}" />`;
    writeFileSync(join(dir, "pmh-checker.html"), html.replace(charset, () => `${charset}\n    ${meta}`));
    rmSync(written);
  },
};

export default defineConfig({
  base: "./",
  assetsInclude: ["**/*.wasm"],
  plugins: [moduleInside, viteSingleFile({ removeViteModuleLoader: true }), policy],
  worker: { plugins: () => [moduleInside] },
  resolve: { conditions: ["browser", "module", "import", "default"] },
  build: { target: "es2022", assetsInlineLimit: Number.MAX_SAFE_INTEGER, chunkSizeWarningLimit: 4096 },
});
