// A module of the ABI's shape, written byte by byte, that does what the real one never should.

/**
 * `pmh_push` traps; everything else answers a constant.
 * @param {number} version What `pmh_abi_version` answers.
 */
export function fakeModule(version) {
  const I32 = 0x7f;
  const UNREACHABLE = [0x00];
  const constant = (/** @type {number} */ value) => [0x41, value];
  /** Name, number of parameters, whether there is a result, code. @type {[string, number, boolean, number[]][]} */
  const functions = [
    ["pmh_abi_version", 0, true, constant(version)],
    ["pmh_alloc", 1, true, constant(8)],
    ["pmh_free", 2, false, []],
    ["pmh_open", 4, true, constant(1)],
    ["pmh_status", 1, true, constant(0)],
    ["pmh_push", 3, true, UNREACHABLE],
    ["pmh_finish", 1, true, constant(0)],
    ["pmh_reset", 1, true, constant(0)],
    ["pmh_output_ptr", 2, true, constant(0)],
    ["pmh_output_len", 2, true, constant(0)],
  ];
  const vector = (/** @type {number[][]} */ items) => [items.length, ...items.flat()];
  const section = (/** @type {number} */ id, /** @type {number[][]} */ items) => [id, ...leb(vector(items).length), ...vector(items)];
  const exported = (/** @type {string} */ name, /** @type {number} */ kind, /** @type {number} */ index) => [...vector([...Buffer.from(name)].map((byte) => [byte])), kind, index];
  const bodies = functions.map(([, , , code]) => [0, ...code, 0x0b]).map((body) => [body.length, ...body]);
  return new Uint8Array([
    ...Buffer.from("\0asm"), 1, 0, 0, 0,
    ...section(1, functions.map(([, parameters, result]) => [0x60, ...vector(Array(parameters).fill([I32])), ...vector(result ? [[I32]] : [])])),
    ...section(3, functions.map((_, index) => [index])),
    ...section(5, [[0, 1]]),
    ...section(7, [exported("memory", 2, 0), ...functions.map(([name], index) => exported(name, 0, index))]),
    ...section(10, bodies),
  ]);
}

/** @param {number} value An unsigned number below 2^14. */
function leb(value) {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, value >> 7];
}
