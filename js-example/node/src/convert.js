// Converts a file of records, JSON array or NDJSON, in constant memory:
//
//     node src/convert.js PROFILE AS-OF RECORDS PAYLOAD REPORT
//
// Ends with 0, with 3 where a record was rejected or the input was cut short, and with 2 where profile or options can't be used.

import { createReadStream, createWriteStream, readFileSync } from "node:fs";
import { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { pmhTransform } from "./streams.js";

const [profile, asOf, records, payload, report] = process.argv.slice(2);
if (!profile || !asOf || !records || !payload || !report) {
  console.error("usage: node src/convert.js PROFILE AS-OF RECORDS PAYLOAD REPORT");
  process.exit(2);
}

const reportFile = Writable.toWeb(createWriteStream(report, { mode: 0o600 })).getWriter();
/** @type {import("pmh-core").Summary | undefined} */
let summary;
try {
  const convert = pmhTransform({
    profile: readFileSync(profile),
    options: { asOf },
    onReport: (bytes) => reportFile.write(bytes),
    onSummary: (counted) => (summary = counted),
  });
  await pipeline(createReadStream(records), convert, createWriteStream(payload, { mode: 0o600 }));
  await reportFile.close();
} catch (error) {
  if (!(error instanceof Error) || error.name !== "PmhError") throw error;
  const { findings } = /** @type {import("pmh-core").PmhError} */ (error);
  for (const { code, profile, message, help, systemHelp } of findings) {
    console.error(`${code} ${profile ?? ""} ${message}`);
    for (const line of systemHelp === null ? [help] : [`担当課: ${help}`, `システム担当: ${systemHelp}`]) console.error(`  ${line}`);
  }
  process.exit(2);
}
console.log(JSON.stringify({ summary, peakMemoryBytes: process.resourceUsage().maxRSS * 1024 }));
process.exitCode = summary?.complete && summary.rejected === 0 ? 0 : 3;
