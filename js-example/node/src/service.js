// A small HTTP service that checks a finished payload:
//
//     node src/service.js 8080
//     curl --data-binary @payload.json 'http://127.0.0.1:8080/check?asOf=2026-11-22'
//
// The answer is the report as one JSON object. The body is read in small pieces and the report is sent as it comes, at the pace of its reader, so that
// neither's length matters to the memory. Nothing of the body occurs in a log; findings quote no value but the record's key. It listens on the
// loopback only: put what authenticates in front of it.

import { createServer } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { pathToFileURL } from "node:url";
import { Session } from "pmh-core";

/** A payload of 100,000 persons has about 200 MB. */
const MAX_BODY = 512 * 1024 * 1024;

/** More findings are counted, not sent: a person reads none of them. */
const MAX_FINDINGS = 10_000;

/** Checks at the same time; each has a session of a few MB. */
const MAX_CHECKS = 4;

/** A piece of the body gives a report of up to some hundred times its size. */
const PIECE = 4096;

/** Time in which neither side moves a byte. */
const IDLE = 60_000;

/**
 * @typedef {object} Limits
 * @property {number} maxBody
 * @property {number} maxFindings
 * @property {number} maxChecks
 */

/** The body is longer than the service takes. */
class TooLarge extends Error {}

/** @param {Partial<Limits> & { onTrap?: () => void }} [settings] */
export function createService({ maxBody = MAX_BODY, maxFindings = MAX_FINDINGS, maxChecks = MAX_CHECKS, onTrap } = {}) {
  let checks = 0;
  const server = createServer(async (request, response) => {
    if (checks >= maxChecks) {
      response.setHeader("Retry-After", "5");
      return answer(response, 503, { message: "too many checks at the same time", help: "send the payload again later" });
    }
    checks += 1;
    try {
      await check(request, response, { maxBody, maxFindings, maxChecks });
    } catch (error) {
      // a trap leaves the module in an unknown state: no other request may use it
      if (error instanceof WebAssembly.RuntimeError) response.once("close", () => onTrap?.());
      if (response.headersSent) response.destroy();
      else if (error instanceof TooLarge) answer(response, 413, { message: "the payload is too large", help: `at most ${maxBody} bytes` });
      else answer(response, 500, { message: "the check failed", help: "send the payload again" });
    } finally {
      checks -= 1;
    }
  });
  server.setTimeout(IDLE);
  return server;
}

/**
 * @param {import("node:http").IncomingMessage} request
 * @param {import("node:http").ServerResponse} response
 * @param {Limits} limits
 */
async function check(request, response, limits) {
  const url = new URL(request.url ?? "/", "http://localhost");
  if (url.pathname !== "/check") return answer(response, 404, { message: "no such path", help: "POST /check" });
  if (request.method !== "POST") return answer(response.setHeader("Allow", "POST"), 405, { message: "POST only", help: "POST /check" });

  const lang = url.searchParams.get("lang") === "en" ? "en" : "ja";
  const session = open({ asOf: url.searchParams.get("asOf") ?? "", mode: "payload", lang, report: "ndjson" });
  if (!(session instanceof Session)) return answer(response, 400, session);
  const parts = report(session, request, limits);
  const first = await parts.next(); // what goes wrong until here still gets an answer of its own
  response.writeHead(200, { "Content-Type": "application/json", "Cache-Control": "no-store" });
  await pipeline(
    Readable.from(
      (async function* () {
        yield first.value;
        yield* parts;
      })(),
      { objectMode: false, highWaterMark: 0 },
    ),
    response,
  );
}

/**
 * The report as one object, in parts as the body comes: `{"findings":[…],"summary":{…}}`, with `"omitted"` if there are more findings.
 * @param {Session} session
 * @param {import("node:http").IncomingMessage} request
 * @param {Limits} limits
 */
async function* report(session, request, { maxBody, maxFindings }) {
  let rest = Buffer.alloc(0); // a line whose end has not come yet
  /** @type {Buffer | undefined} */
  let last; // the summary, unless another line follows
  let [read, findings, omitted] = [0, 0, 0];
  const take = (/** @type {Uint8Array} */ lines) => {
    /** @type {Buffer[]} */
    const parts = [];
    rest = Buffer.concat([rest, lines]);
    for (let end = rest.indexOf("\n"); end >= 0; end = rest.indexOf("\n")) {
      if (last && findings === maxFindings) omitted += 1;
      else if (last) parts.push(Buffer.from(findings++ ? "," : '{"findings":['), last);
      last = rest.subarray(0, end);
      rest = rest.subarray(end + 1);
    }
    return Buffer.concat(parts);
  };
  for await (const piece of request.iterator({ destroyOnReturn: false })) {
    read += piece.length;
    if (read > maxBody) throw new TooLarge();
    for (let at = 0; at < piece.length; at += PIECE) {
      const part = take(session.push(piece.subarray(at, at + PIECE)).report);
      if (part.length > 0) yield part;
    }
  }
  const part = take(session.finish().report);
  session.free(); // a session that ends otherwise is the garbage collector's: after a trap it can't be freed
  const end = `]${omitted ? `,"omitted":${omitted}` : ""},${last?.subarray(1)}`; // the summary's line is an object of its own
  yield Buffer.concat([part, Buffer.from(findings ? end : `{"findings":[${end}`)]);
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
