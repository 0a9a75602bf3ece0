// A vendor's records in, the payload out, as a Node stream and as a Web stream. Both keep one piece at a time, whatever the input's length.
//
// The report leaves beside the payload: `onReport` is called with its bytes as they come, and awaited.

import { Transform } from "node:stream";
import { Session } from "pmh-core";

/**
 * @typedef {object} Run
 * @property {Uint8Array | null} profile The profile's bytes; `null` to check a finished payload.
 * @property {import("pmh-core").Options} options
 * @property {(report: Uint8Array) => unknown} [onReport] Takes the next bytes of the report.
 * @property {(summary: import("pmh-core").Summary) => void} [onSummary] Takes the summary, once.
 */

/**
 * For `pipeline()` of `node:stream/promises`.
 * @param {Run} run
 */
export function pmhTransform(run) {
  const steps = stepsOf(run);
  return new Transform({
    transform(piece, _encoding, done) {
      steps.push(piece).then((payload) => done(null, payload), done);
    },
    flush(done) {
      steps.finish().then((payload) => done(null, payload), done);
    },
    destroy(error, done) {
      steps.close();
      done(error);
    },
  });
}

/**
 * For `pipeThrough()`.
 * @param {Run} run
 * @returns {TransformStream<Uint8Array, Uint8Array>}
 */
export function pmhTransformStream(run) {
  const steps = stepsOf(run);
  /** @type {Transformer<Uint8Array, Uint8Array> & { cancel(): void }} */
  const transformer = {
    async transform(piece, controller) {
      controller.enqueue(await steps.push(piece));
    },
    async flush(controller) {
      controller.enqueue(await steps.finish());
      steps.close();
    },
    cancel: () => steps.close(),
  };
  return new TransformStream(transformer);
}

/**
 * A session that is closed once, however the stream ends.
 * @param {Run} run
 */
function stepsOf({ profile, options, onReport, onSummary }) {
  /** @type {Session | null} */
  let session = new Session(profile, options);
  const close = () => {
    session?.free();
    session = null;
  };
  /** @param {(session: Session) => import("pmh-core").Output} call */
  const step = async (call) => {
    if (!session) throw new Error("the stream has been closed");
    const open = session;
    session = null; // after a trap there is nothing left to close
    const { payload, report } = call(open);
    session = open;
    if (report.length > 0) await onReport?.(report);
    return payload;
  };
  return {
    close,
    /** @param {Uint8Array} piece */
    push: (piece) => step((open) => open.push(piece)),
    finish: () =>
      step((open) => {
        const output = open.finish();
        onSummary?.(output.summary);
        return output;
      }),
  };
}
