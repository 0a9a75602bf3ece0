// Bytes for people.

import type { Lang } from "./protocol";

export function size(bytes: number, lang: Lang) {
  const [unit, divisor] = bytes >= 1e6 ? (["megabyte", 1e6] as const) : bytes >= 1e3 ? (["kilobyte", 1e3] as const) : (["byte", 1] as const);
  return new Intl.NumberFormat(lang === "ja" ? "ja-JP" : "en-GB", { style: "unit", unit, maximumFractionDigits: 1 }).format(bytes / divisor);
}
