// A rule's explanation. The table of rules writes paragraphs, lists of one level and `code`, and nothing else of Markdown.

export function Explanation({ text }: { text: string }) {
  return (
    <div class="explanation">
      {text.split("\n\n").map((block) =>
        block.startsWith("- ") ? (
          <ul key={block}>
            {block.split(/\n(?=- )/).map((item) => (
              <li key={item}>
                <Inline text={item.slice(2)} />
              </li>
            ))}
          </ul>
        ) : (
          <p key={block}>
            <Inline text={block} />
          </p>
        ),
      )}
    </div>
  );
}

/** Text with code between backticks. */
export function Inline({ text }: { text: string }) {
  return <>{text.split("`").map((piece, index) => (index % 2 === 1 ? <code key={index}>{piece}</code> : piece))}</>;
}
