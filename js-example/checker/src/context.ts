// What every part of the page needs to know: the language.

import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Lang } from "./protocol";
import { words } from "./words";

export const Language = createContext<Lang>("ja");

export function useWords() {
  const lang = useContext(Language);
  const format = new Intl.NumberFormat(lang === "ja" ? "ja-JP" : "en-GB");
  return { lang, words: words[lang], count: (number: number) => format.format(number) };
}
