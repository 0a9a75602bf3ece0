// A worker thread that converts the sample records both ways, and answers with a digest of each output.

import { createHash } from "node:crypto";
import { parentPort, workerData } from "node:worker_threads";
import { run } from "pmh-core";
import { PmhModule } from "../src/plain-abi.js";
import { options, profile, records } from "./records.js";

const digest = (/** @type {Uint8Array[]} */ ...parts) => createHash("sha256").update(Buffer.concat(parts)).digest("hex");
const packaged = run(profile, options, records);
const session = new PmhModule(workerData).open(profile, Buffer.from(JSON.stringify(options)));
const outputs = [session.push(records), session.finish()];
parentPort?.postMessage([
  digest(packaged.payload),
  digest(...outputs.map(({ payload }) => payload)),
  digest(...outputs.map(({ report }) => report)),
]);
