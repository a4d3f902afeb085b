// Holds tflower's table against the validator of the user's QNN, op by op:  QNN_LIB_DIR=... node conformance/qnn-agreement.mjs FOLDER [--soc SM8650]
// FOLDER has .tflite files. Exit 1 where they differ. Needs a build.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { fromTfliteFile, readTflite } from "../packages/backend-tflite/dist/index.js";
import { knownSocs } from "../packages/delegate-qnn/dist/index.js";
import { findLibraries, judgeNodes, QnnProcess, ValidatorCache } from "../packages/delegate-qnn/dist/node/index.js";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { soc: { type: "string", default: "SM8650" } },
});
const soc = knownSocs.socs.get(values.soc);
const qnn = new QnnProcess(findLibraries());
const { build } = await qnn.describe();
const cache = new ValidatorCache(build);
const differ = new Map();
let nodes = 0;
let asked = 0;
for (const name of readdirSync(positionals[0])
  .filter((f) => f.endsWith(".tflite"))
  .sort()) {
  let all;
  try {
    const module = fromTfliteFile(readTflite(new Uint8Array(readFileSync(join(positionals[0], name)))), { name });
    all = module.graphs.flatMap((g) => [...g.nodes]);
  } catch (e) {
    console.error(`${name}: ${e.message.split("\n")[0]}`);
    continue;
  }
  nodes += all.length;
  const judged = await judgeNodes(all, soc, { process: qnn, build, cache });
  for (const [node, { table, verdict }] of judged) {
    if (table.graph) asked++;
    if (table.verdict.supported === verdict.supported) continue;
    const side = table.verdict.supported ? "the validator rejects" : "the validator accepts";
    const key = `${side} ${node.op.name}: ${(verdict.supported ? table.verdict : verdict).reason.slice(0, 240)}`;
    const known = differ.get(key) ?? { count: 0, example: `${name}: ${node.describe()}` };
    known.count++;
    differ.set(key, known);
  }
}
qnn.close();
console.log(
  `QNN ${build}, ${values.soc}: ${nodes} ops, ${asked} of them with a form in QNN; ${differ.size} kinds of differences`,
);
for (const [key, { count, example }] of [...differ].sort((a, b) => b[1].count - a[1].count))
  console.log(`${count} x ${key}\n    ${example}`);
process.exit(differ.size ? 1 : 0);
