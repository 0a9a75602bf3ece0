// The JavaScript programs of docs/embedding.md, as they stand there.

import { readFileSync } from "node:fs";

/**
 * Name and text of the programs whose names begin so; there must be one.
 * @param {string} begin
 */
export function programs(begin) {
  const document = readFileSync(new URL("../../../docs/embedding.md", import.meta.url), "utf8");
  const found = [...document.matchAll(/```js embedding:(\S+)\n(.*?\n)```/gs)].map(([, name = "", text = ""]) => ({ name, text }));
  const own = found.filter(({ name }) => name.startsWith(begin));
  if (own.length === 0) throw new Error(`docs/embedding.md has no program ${begin}`);
  return own;
}
