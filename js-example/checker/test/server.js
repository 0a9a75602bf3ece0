// The package's browser entry, and whatever stands beside it, as a web server with a strict policy hands it out.

import { readFileSync } from "node:fs";
import { createServer } from "node:http";

const web = new URL("../../../target/npm/package/web/", import.meta.url);
const policy = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'";

/**
 * @param {Record<string, string>} [scripts] Texts by path.
 * @param {URL} [module] Another module than the package's.
 */
export async function serve(scripts = {}, module = new URL("pmh_bg.wasm", web)) {
  const server = createServer(({ url = "" }, response) => {
    const [type, body] = content(url);
    response.writeHead(type ? 200 : 404, { "Content-Type": type || "text/plain", "Content-Security-Policy": policy });
    response.end(body);
  });
  /** @param {string} url @returns {[string, string | Buffer]} */
  const content = (url) => {
    if (url === "/") return ["text/html", ""];
    if (url === "/pmh_bg.wasm") return ["application/wasm", readFileSync(module)];
    if (url === "/pmh.js") return ["text/javascript", readFileSync(new URL("pmh.js", web))];
    return [scripts[url] === undefined ? "" : "text/javascript", scripts[url] ?? ""];
  };
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(null)));
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return { address: `http://127.0.0.1:${port}/`, close: () => server.close() };
}
