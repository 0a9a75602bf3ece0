// The page: what is to be checked, how far it is, and what came of it.

import { useEffect, useRef, useState } from "preact/hooks";
import { CheckFailure, Client } from "./client";
import { Language } from "./context";
import { About } from "./parts/about";
import { Inputs } from "./parts/inputs";
import { ProgressBar } from "./parts/progress";
import { Result } from "./parts/result";
import type { Failure, Job, Lang, Outcome, Progress } from "./protocol";
import { words } from "./words";

type Phase =
  | { name: "idle" }
  | { name: "running"; progress: Progress }
  | { name: "failed"; failure: Failure }
  | { name: "done"; outcome: Outcome; client: Client; job: Job };

export function App() {
  const [lang, setLang] = useState<Lang>(navigator.language.startsWith("ja") ? "ja" : "en");
  const [phase, setPhase] = useState<Phase>({ name: "idle" });
  const client = useRef<Client | null>(null);
  const job = useRef<Job | null>(null);
  const said = words[lang];

  useEffect(() => {
    document.documentElement.lang = lang;
    document.title = said.title;
  }, [lang, said]);

  const stop = () => {
    client.current?.end();
    client.current = null;
    setPhase({ name: "idle" });
  };

  const start = async (wanted: Job) => {
    stop();
    job.current = wanted;
    setPhase({ name: "running", progress: { bytes: 0, total: wanted.input.size, findings: 0 } });
    const own = new Client((progress) => client.current === own && setPhase({ name: "running", progress }));
    client.current = own;
    try {
      const outcome = await own.ask("check", wanted);
      if (client.current === own) setPhase({ name: "done", outcome, client: own, job: wanted });
    } catch (error) {
      if (client.current !== own) return;
      own.end();
      setPhase({ name: "failed", failure: error instanceof CheckFailure ? error.kind : "trap" });
    }
  };

  const switchLanguage = () => {
    const other = lang === "ja" ? "en" : "ja";
    setLang(other);
    // the core's messages are in the language of the run
    if (phase.name !== "idle" && job.current) void start({ ...job.current, lang: other });
  };

  return (
    <Language.Provider value={lang}>
      <header class="masthead">
        <h1>{said.title}</h1>
        <button type="button" class="quiet" lang={lang === "ja" ? "en" : "ja"} onClick={switchLanguage}>
          {said.language}
        </button>
      </header>
      <main>
        <Inputs busy={phase.name === "running"} onStart={(wanted) => void start({ ...wanted, lang })} />
        {phase.name === "idle" && <About />}
        {phase.name === "running" && <ProgressBar progress={phase.progress} onCancel={stop} />}
        {phase.name === "failed" && (
          <p class="alert" role="alert">
            {said.failures[phase.failure]}
          </p>
        )}
        {phase.name === "done" && <Result outcome={phase.outcome} client={phase.client} job={phase.job} />}
      </main>
      <footer>{said.footer}</footer>
    </Language.Provider>
  );
}
