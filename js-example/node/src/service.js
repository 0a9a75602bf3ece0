// A small HTTP service that checks a finished payload:
//
//     node src/service.js 8080
//     curl --data-binary @payload.json 'http://127.0.0.1:8080/check?asOf=2026-11-22'
//
// The answer is the report as one JSON object. The body is read in pieces and never kept, so its length doesn't matter to the memory;
// nothing of it stands in an answer or a log. It listens on the loopback alone: put what authenticates in front of it.

import { createServer } from "node:http";
import { pathToFileURL } from "node:url";
import { Session } from "pmh-core";

/** A payload of 100,000 persons has about 200 MB. */
const MAX_BODY = 512 * 1024 * 1024;

/** @param {{ maxBody?: number, onTrap?: () => void }} [settings] */
export function createService({ maxBody = MAX_BODY, onTrap } = {}) {
  return createServer(async (request, response) => {
    try {
      await check(request, response, maxBody);
    } catch (error) {
      // a trap leaves the module in an unknown state: no other request may use it
      if (error instanceof WebAssembly.RuntimeError) response.once("finish", () => onTrap?.());
      if (response.headersSent) response.destroy();
      else answer(response, 500, { message: "the check failed", help: "send the payload again" });
    }
  });
}

/**
 * @param {import("node:http").IncomingMessage} request
 * @param {import("node:http").ServerResponse} response
 * @param {number} maxBody
 */
async function check(request, response, maxBody) {
  const url = new URL(request.url ?? "/", "http://localhost");
  if (url.pathname !== "/check") return answer(response, 404, { message: "no such path", help: "POST /check" });
  if (request.method !== "POST") return answer(response.setHeader("Allow", "POST"), 405, { message: "POST only", help: "POST /check" });

  const lang = url.searchParams.get("lang") === "en" ? "en" : "ja";
  const session = open({ asOf: url.searchParams.get("asOf") ?? "", mode: "payload", lang, report: "json" });
  if (!(session instanceof Session)) return answer(response, 400, session);
  /** @type {Uint8Array[]} */
  const report = [];
  let read = 0;
  for await (const piece of request.iterator({ destroyOnReturn: false })) {
    read += piece.length;
    if (read > maxBody) return answer(response, 413, { message: "the payload is too large", help: `at most ${maxBody} bytes` });
    report.push(session.push(piece).report);
  }
  report.push(session.finish().report);
  session.free(); // a session that ends otherwise is the garbage collector's: after a trap it can't be freed
  response.writeHead(200, { "Content-Type": "application/json", "Cache-Control": "no-store" });
  response.end(Buffer.concat(report));
}

/**
 * A session, or what is wrong with the options.
 * @param {import("pmh-core").Options} options
 */
function open(options) {
  try {
    return new Session(null, options);
  } catch (error) {
    if (error instanceof Error && error.name === "PmhError") return { ...error, message: error.message };
    throw error;
  }
}

/**
 * @param {import("node:http").ServerResponse} response
 * @param {number} status
 * @param {object} body
 */
function answer(response, status, body) {
  response.writeHead(status, { "Content-Type": "application/json", "Cache-Control": "no-store", Connection: "close" });
  response.end(JSON.stringify(body));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const onTrap = () => {
    console.error("the module trapped; whatever started this service must start it again");
    process.exitCode = 70;
    server.close();
    setTimeout(() => server.closeAllConnections(), 1000); // the answers under way have left by then
  };
  const server = createService({ onTrap }).listen(Number(process.argv[2] ?? 8080), "127.0.0.1", () => {
    const address = server.address();
    console.log(`http://127.0.0.1:${typeof address === "object" && address?.port}`);
  });
}
