// The npm package in a worker thread of its own, so that a trap of the module is an error of one call: its thread is thrown away, and the next
// call gets a new one. Calls wait for each other; for several at once, make several. The process lives as long as they do: `close()` them.

import { once } from "node:events";
import { isMainThread, parentPort, Worker } from "node:worker_threads";
import { run } from "pmh-core";

/** @typedef {Parameters<typeof run>} Call */
/** @typedef {{ result: import("pmh-core").RunResult } | { refused: Refusal }} Answer */
/** @typedef {{ code: string, message: string, findings: import("pmh-core").Finding[] }} Refusal */

export class IsolatedPmh {
  /** @type {Worker | null} */
  #worker = null;
  /** @type {Promise<unknown>} */
  #last = Promise.resolve();

  /**
   * What `run()` of the package gives, from another thread.
   *
   * Throws what `run()` throws; a trap is a `PmhError` of code PMH6402.
   * @param {Call} call
   * @returns {Promise<import("pmh-core").RunResult>}
   */
  run(...call) {
    const answer = this.#last.then(() => this.#ask(call));
    this.#last = answer.catch(() => {});
    return answer;
  }

  /** @param {Call} call */
  async #ask(call) {
    this.#worker ??= new Worker(new URL(import.meta.url));
    this.#worker.postMessage(call);
    /** @type {Answer} */
    let answer;
    try {
      [answer] = await once(this.#worker, "message");
    } catch (error) {
      await this.close();
      throw error;
    }
    if ("result" in answer) return answer.result;
    if (answer.refused.code === "PMH6402") await this.close();
    throw Object.assign(new Error(answer.refused.message), { name: "PmhError", ...answer.refused });
  }

  /** Ends the thread, with everything in it. A later call begins a new one. */
  async close() {
    const worker = this.#worker;
    this.#worker = null;
    await worker?.terminate();
  }
}

/** @param {Call} call */
function answer(call) {
  try {
    return { result: run(...call) };
  } catch (error) {
    // every call behind a trap is refused with the code and the words for it
    if (error instanceof WebAssembly.RuntimeError) return answer(call);
    const { code, message, findings } = /** @type {import("pmh-core").PmhError} */ (error);
    return { refused: { code, message, findings } };
  }
}

if (!isMainThread) parentPort?.on("message", (/** @type {Call} */ call) => parentPort?.postMessage(answer(call)));
