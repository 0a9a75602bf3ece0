// A record as lines of a form: one for each member, nested ones indented, with the place of a finding marked and values masked.

import type { Line } from "../protocol";
import type { IsOpen } from "./privacy";

/**
 * @param mark JSON Pointer of the finding's place, if it has one here.
 * @param isOpen Which values may be shown unasked; `null` where all may, because a person asked.
 */
export function linesOf(record: unknown, mark: string | null, isOpen: IsOpen | null): Line[] {
  const lines: Line[] = [];
  const walk = (value: unknown, depth: number, key: string, pointer: string) => {
    const nested = typeof value === "object" && value !== null;
    if (depth >= 0) {
      const masked = !nested && isOpen !== null && !isOpen(pointer) && holdsSomething(value);
      const shown = nested ? null : masked ? mask(value) : text(value);
      lines.push({ depth, key, pointer, value: shown, masked, marked: pointer === mark, missing: false });
    }
    if (nested) for (const [name, member] of Object.entries(value)) walk(member, depth + 1, name, `${pointer}/${escape(name)}`);
  };
  walk(record, -1, "", "");
  if (mark && !lines.some(({ marked }) => marked)) lines.splice(...missing(lines, mark));
  return lines;
}

/** Where a line for a place that isn't there belongs: at the end of what it would be part of. */
function missing(lines: Line[], mark: string): [number, number, Line] {
  const parent = mark.slice(0, mark.lastIndexOf("/"));
  let at = lines.length;
  while (at > 0 && parent !== "" && !`${lines[at - 1]?.pointer}/`.startsWith(`${parent}/`)) at -= 1;
  const depth = at === 0 || parent === "" ? 0 : parent.split("/").length - 1;
  const key = at === 0 || parent === "" ? mark.slice(1) : mark.slice(parent.length + 1);
  const line = { depth, key: unescape(key), pointer: mark, value: "", masked: false, marked: true, missing: true };
  return [at === 0 ? lines.length : at, 0, line];
}

const holdsSomething = (value: unknown) => value !== null && value !== "" && typeof value !== "boolean";
/** A character that no screen shows, a 外字 say, stands as its code point. */
const text = (value: unknown) =>
  typeof value === "string" ? value.replaceAll(/[\p{Co}\p{Cc}\p{Cn}\ufffd]/gu, (letter) => `‹U+${(letter.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}›`) : JSON.stringify(value);
/** How long a value is helps to see what is wrong with it; what it is stays hidden. */
const mask = (value: unknown) => "●".repeat(Math.min([...String(value)].length, 24));
const escape = (name: string) => name.replaceAll("~", "~0").replaceAll("/", "~1");
const unescape = (name: string) => name.replaceAll("~1", "/").replaceAll("~0", "~");
