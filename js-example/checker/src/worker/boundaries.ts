// Where each record of an input begins, so that one can be read again when a person asks for it.
//
// It counts brackets and quotation marks as the core does, whatever pieces the input comes in, and never decides whether something is JSON.

const [QUOTE, BACKSLASH, COMMA, LF] = [0x22, 0x5c, 0x2c, 0x0a];
const [OPEN_BRACE, CLOSE_BRACE, OPEN_BRACKET, CLOSE_BRACKET] = [0x7b, 0x7d, 0x5b, 0x5d];
const isSpace = (byte: number) => byte === 0x20 || byte === LF || byte === 0x0d || byte === 0x09;
const MARK = [0xef, 0xbb, 0xbf];

export class Boundaries {
  /** The first byte of each record. */
  readonly starts: number[] = [];
  /** The byte behind each record that has ended. */
  readonly ends: number[] = [];
  #offset = 0;
  #form: "unknown" | "array" | "lines" | "ended" = "unknown";
  #depth = 0;
  #inText = false;
  #escaped = false;

  push(piece: Uint8Array) {
    for (const byte of piece) {
      this.#take(byte);
      this.#offset += 1;
    }
  }

  /** The bytes of a record, or `null` where it never ended. */
  range(record: number): [number, number] | null {
    const [start, end] = [this.starts[record], this.ends[record]];
    if (start === undefined) return null;
    if (end !== undefined) return [start, end];
    return this.#form === "lines" ? [start, this.#offset] : null;
  }

  get #inRecord() {
    return this.starts.length > this.ends.length;
  }

  #take(byte: number) {
    if (this.#form === "unknown") {
      if (isSpace(byte) || byte === MARK[this.#offset]) return;
      this.#form = byte === OPEN_BRACKET ? "array" : "lines";
      if (this.#form === "array") return;
    }
    if (this.#form === "lines") this.#line(byte);
    else if (this.#form === "array") this.#element(byte);
  }

  #line(byte: number) {
    if (byte === LF) {
      if (this.#inRecord) this.ends.push(this.#offset);
    } else if (!this.#inRecord && !isSpace(byte)) {
      this.starts.push(this.#offset);
    }
  }

  #element(byte: number) {
    if (this.#inText) {
      if (this.#escaped) this.#escaped = false;
      else if (byte === BACKSLASH) this.#escaped = true;
      else if (byte === QUOTE) this.#inText = false;
      return;
    }
    if (this.#depth === 0 && (byte === COMMA || byte === CLOSE_BRACKET)) {
      if (this.#inRecord) this.ends.push(this.#offset);
      if (byte === CLOSE_BRACKET) this.#form = "ended";
      return;
    }
    if (!this.#inRecord && !isSpace(byte)) this.starts.push(this.#offset);
    if (byte === QUOTE) this.#inText = true;
    else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) this.#depth += 1;
    else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) this.#depth -= 1;
  }
}
