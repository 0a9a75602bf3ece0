// pmh.wasm in Node, all checks on, through the plain ABI.
// node module.mjs MODULE PROFILE INPUT OUTPUT
import { closeSync, openSync, readFileSync, readSync, writeSync } from "node:fs";

const [module, profilePath, input, output] = process.argv.slice(2);
const PIECE = 256 * 1024;

const { instance } = await WebAssembly.instantiate(readFileSync(module));
const pmh = instance.exports;
const memory = () => new Uint8Array(pmh.memory.buffer);

function lend(bytes) {
  const pointer = pmh.pmh_alloc(bytes.length);
  memory().set(bytes, pointer);
  return pointer;
}

const profile = readFileSync(profilePath);
const options = Buffer.from('{"asOf":"2026-11-22","lang":"en"}');
const session = pmh.pmh_open(lend(profile), profile.length, lend(options), options.length);
if (pmh.pmh_status(session) !== 0) throw new Error("profile or options were refused");

const [from, to] = [openSync(input, "r"), openSync(output, "w")];
function take(status) {
  if (status !== 0) throw new Error(`status ${status}`);
  const pointer = pmh.pmh_output_ptr(session, 0);
  writeSync(to, memory(), pointer, pmh.pmh_output_len(session, 0));
}

const buffer = pmh.pmh_alloc(PIECE);
for (let read; (read = readSync(from, memory(), buffer, PIECE, null)) > 0; ) {
  take(pmh.pmh_push(session, buffer, read));
}
take(pmh.pmh_finish(session));
closeSync(to);
