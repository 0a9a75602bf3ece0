// What the page does, for somebody who opens it for the first time.

import { useWords } from "../context";
import { rulesOfRecords } from "../rules";

export function About() {
  const { words, count } = useWords();
  return (
    <dl class="about">
      {words.about.map(([term, told]) => (
        <div key={term}>
          <dt>{term}</dt>
          <dd>{told(count(rulesOfRecords))}</dd>
        </div>
      ))}
    </dl>
  );
}
