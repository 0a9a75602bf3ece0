// The plain module `pmh.wasm` in Node, without the npm package: all of `wasm/ABI.md`, to be read as the example of a host of one's own.
//
// Each session has an instance of its own: after a trap it is thrown away, and no other session notices.

/** The version of the ABI that this host is written for. */
const ABI_VERSION = 1;
const STATUS = ["ok", "profile", "options", "order", "session", "argument", "nothing"];
const NOTHING_TO_LOCATE = 6;

/**
 * The module's exports.
 * @typedef {object} Exports
 * @property {WebAssembly.Memory} memory
 * @property {() => number} pmh_abi_version
 * @property {(len: number) => number} pmh_alloc
 * @property {(ptr: number, len: number) => void} pmh_free
 * @property {(profile: number, profileLen: number, options: number, optionsLen: number) => number} pmh_open
 * @property {(session: number) => number} pmh_status
 * @property {(session: number, ptr: number, len: number) => number} pmh_push
 * @property {(session: number) => number} pmh_finish
 * @property {(session: number) => number} pmh_reset
 * @property {(session: number) => number} pmh_locate
 * @property {(session: number, which: number) => number} pmh_output_ptr
 * @property {(session: number, which: number) => number} pmh_output_len
 */

/** What the module refused, or that it broke. */
export class PmhError extends Error {
  /**
   * @param {string} code As `docs/rules.md` has them: 9xxx the profile, the options or the order of calls, 64xx the module.
   * @param {string} message
   * @param {{ report?: Uint8Array, cause?: unknown }} [details] `report` lists every mistake.
   */
  constructor(code, message, { report, cause } = {}) {
    super(`${code}: ${message}`, { cause });
    this.name = "PmhError";
    this.code = code;
    this.report = report;
  }
}

/** A compiled module; it may be shared with workers. */
export class PmhModule {
  /** @param {WebAssembly.Module} module */
  constructor(module) {
    this.module = module;
  }

  /** @param {Uint8Array<ArrayBuffer>} bytes */
  static async compile(bytes) {
    return new PmhModule(await WebAssembly.compile(bytes));
  }

  /**
   * Opens a session in a new instance.
   * @param {Uint8Array | null} profile
   * @param {Uint8Array} options JSON; see `wasm/ABI.md`, "Options".
   */
  open(profile, options) {
    const { exports } = new WebAssembly.Instance(this.module);
    const module = /** @type {Exports} */ (/** @type {unknown} */ (exports));
    const version = module.pmh_abi_version();
    if (version !== ABI_VERSION) {
      throw new PmhError("PMH6401", `the module's ABI has version ${version}, this program needs version ${ABI_VERSION}`);
    }
    return new PmhSession(module, profile ?? new Uint8Array(), options);
  }
}

/** A run over one input. */
export class PmhSession {
  /** @type {Exports | null} */
  #module;
  #session = 0;

  /**
   * @param {Exports} module
   * @param {Uint8Array} profile
   * @param {Uint8Array} options
   */
  constructor(module, profile, options) {
    this.#module = module;
    this.#call((module) => {
      this.#session = lend(module, profile, (profileAt) =>
        lend(module, options, (optionsAt) => module.pmh_open(profileAt, profile.length, optionsAt, options.length)),
      );
      return module.pmh_status(this.#session);
    });
  }

  /**
   * Takes the next piece of the input, cut anywhere.
   * @param {Uint8Array} piece
   */
  push(piece) {
    return this.#call((module) => lend(module, piece, (at) => module.pmh_push(this.#session, at, piece.length)));
  }

  /** Says that the input has ended. */
  finish() {
    return this.#call((module) => module.pmh_finish(this.#session));
  }

  /** Back to the state after opening. */
  reset() {
    this.#call((module) => module.pmh_reset(this.#session));
  }

  /**
   * After `finish()`: back to the state after opening, if a second run over the same input would name the other records of findings; whether it would.
   */
  locate() {
    let isBack = false;
    this.#call((module) => {
      const status = module.pmh_locate(this.#session);
      isBack = status === 0;
      return status === NOTHING_TO_LOCATE ? 0 : status;
    });
    return isBack;
  }

  /** Bytes of the instance's memory. */
  get memory() {
    return this.#module?.memory.buffer.byteLength ?? 0;
  }

  /** Throws the instance away, with everything in it. */
  close() {
    this.#module = null;
  }

  /** @param {(module: Exports) => number} call */
  #call(call) {
    const module = this.#module;
    if (!module) throw new PmhError("PMH9102", "the session is closed");
    let status;
    try {
      status = call(module);
    } catch (cause) {
      this.close(); // its state is unknown now
      throw new PmhError("PMH6402", "the module trapped; its instance was thrown away", { cause });
    }
    const [payload, report] = [0, 1].map((which) => {
      const at = module.pmh_output_ptr(this.#session, which);
      return new Uint8Array(module.memory.buffer, at, module.pmh_output_len(this.#session, which)).slice();
    });
    if (status !== 0) {
      const [first] = new TextDecoder().decode(report).split("\n", 1);
      const code = /"code":"(PMH\d{4})"/.exec(first ?? "")?.[1] ?? "PMH6405";
      throw new PmhError(code, `the module refused: ${STATUS[status]}`, { report });
    }
    return { payload, report };
  }
}

/**
 * Copies bytes into the module's memory for one call.
 * @template T
 * @param {Exports} module
 * @param {Uint8Array} bytes
 * @param {(at: number) => T} call
 */
function lend(module, bytes, call) {
  const at = module.pmh_alloc(bytes.length);
  if (at === 0) throw new RangeError(`no room for ${bytes.length} bytes`);
  new Uint8Array(module.memory.buffer, at, bytes.length).set(bytes);
  const result = call(at);
  module.pmh_free(at, bytes.length);
  return result;
}
