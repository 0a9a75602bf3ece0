// The worker: loads the module, runs one check, and answers questions about it. It can reach no network, like the page.

import { initSync } from "pmh-core";
import module from "pmh-core/pmh.wasm?inline";
import type { Failure, Job, Reply, Request, Requests } from "../protocol";
import { Check, Unreadable } from "./check";

const base64 = module.slice(module.indexOf(",") + 1);
initSync({ module: Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)) });

let check: Check | undefined;
const tell = (reply: Reply) => self.postMessage(reply);

self.onmessage = async ({ data: { id, kind, request } }: MessageEvent<Request>) => {
  try {
    tell({ id, answer: await answer(kind, request) });
  } catch (error) {
    // what went wrong may hold a value: only its kind leaves
    const failure: Failure = error instanceof Unreadable ? "unreadable" : "trap";
    tell({ id, failure });
  }
};

function answer(kind: Request["kind"], request: Request["request"]): unknown {
  if (kind === "check") {
    check = new Check(request as Job);
    return check.run((progress) => tell({ progress }));
  }
  if (!check) throw new Error("nothing has been checked");
  if (kind === "rows") {
    const { filter, from, to } = request as Requests["rows"]["request"];
    return check.rows(filter, from, to);
  }
  if (kind === "record") {
    const { index, reveal } = request as Requests["record"]["request"];
    return check.record(index, reveal);
  }
  const { format, lang } = request as Requests["report"]["request"];
  return check.download(format, lang);
}
