// The report as a file.

import type { Client } from "../client";
import { useWords } from "../context";

export function Downloads({ client, name }: { client: Client; name: string }) {
  const { words, lang } = useWords();
  const save = async (format: "csv" | "ndjson") => {
    const url = URL.createObjectURL(await client.ask("report", { format, lang }));
    const link = document.createElement("a");
    link.href = url;
    link.download = `${name.replace(/\.\w+$/, "")}-report.${format}`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
  };
  return (
    <div class="downloads screen" role="group" aria-label={words.downloads}>
      <span aria-hidden="true">{words.downloads}</span>
      {(["csv", "ndjson"] as const).map((format) => (
        <button key={format} type="button" class="secondary" onClick={() => void save(format)}>
          {words[format]}
        </button>
      ))}
    </div>
  );
}
