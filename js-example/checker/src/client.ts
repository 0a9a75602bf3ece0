// The page's side of the worker. A run that is given up ends with its worker: nothing of it stays.

import type { Failure, Kind, Progress, Reply, Requests } from "./protocol";
import CheckWorker from "./worker/worker?worker&inline";

export class CheckFailure extends Error {
  constructor(readonly kind: Failure) {
    super(kind);
  }
}

export class Client {
  readonly #worker = new CheckWorker();
  readonly #waiting = new Map<number, { resolve: (answer: never) => void; reject: (error: Error) => void }>();
  #last = 0;

  constructor(onProgress: (progress: Progress) => void) {
    this.#worker.onmessage = ({ data }: MessageEvent<Reply>) => {
      if ("progress" in data) return onProgress(data.progress);
      const waiting = this.#waiting.get(data.id);
      this.#waiting.delete(data.id);
      if ("failure" in data) waiting?.reject(new CheckFailure(data.failure));
      else waiting?.resolve(data.answer as never);
    };
    this.#worker.onerror = () => {
      for (const { reject } of this.#waiting.values()) reject(new CheckFailure("trap"));
    };
  }

  ask<K extends Kind>(kind: K, request: Requests[K]["request"]): Promise<Requests[K]["answer"]> {
    const id = ++this.#last;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ id, kind, request });
    });
  }

  end() {
    this.#worker.terminate();
  }
}
