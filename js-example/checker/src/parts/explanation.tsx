// A rule's explanation. The table of rules writes paragraphs, lists of one level and `code`, and nothing else of Markdown.

import type { ComponentChildren } from "preact";

export function Explanation({ text }: { text: string }) {
  return (
    <div class="explanation">
      {text.split("\n\n").map((block) =>
        block.startsWith("- ") ? (
          <ul key={block}>
            {block.split(/\n(?=- )/).map((item) => (
              <li key={item}>{inline(item.slice(2))}</li>
            ))}
          </ul>
        ) : (
          <p key={block}>{inline(block)}</p>
        ),
      )}
    </div>
  );
}

/** Every second piece between backticks is code. */
function inline(text: string): ComponentChildren {
  return text.split("`").map((piece, index) => (index % 2 === 1 ? <code key={index}>{piece}</code> : piece));
}
