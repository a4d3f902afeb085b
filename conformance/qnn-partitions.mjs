// Counts partitions of .tflite files for one system on chip, by tflower's table and by LiteRT's own plugin, and keeps a snapshot:
//   node conformance/qnn-partitions.mjs FOLDER --litert AI_EDGE_LITERT_FOLDER --stub FOLDER [--soc SM8650] [--check]
// FOLDER has .tflite files made by `tflower convert --target qnn:SM8650`; --litert is the installed Python package; --stub a folder with an
// empty libQnnLpai.so, which the plugin wants to see (see docs/design/qnn.md). QNN_LIB_DIR names QNN's libraries. Needs a build.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { fromTfliteFile, readTflite } from "../packages/backend-tflite/dist/index.js";
import { knownSocs, partitionForQnn } from "../packages/delegate-qnn/dist/index.js";
import { findLibraries } from "../packages/delegate-qnn/dist/node/index.js";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    litert: { type: "string" },
    stub: { type: "string" },
    soc: { type: "string", default: "SM8650" },
    check: { type: "boolean", default: false },
  },
});
const [folder] = positionals;
const soc = knownSocs.socs.get(values.soc);
const scratch = mkdtempSync(join(tmpdir(), "qnn-partitions-"));
const plugin = join(values.litert, "vendors/qualcomm/compiler");
const libraries = [values.litert, plugin, dirname(findLibraries().htp), values.stub].join(":");

/** DISPATCH_OPs in the file that LiteRT's plugin makes; undefined where it fails. */
function peer(file) {
  const out = join(scratch, "peer.tflite");
  rmSync(out, { force: true });
  const run = spawnSync(
    join(values.litert, "tools/apply_plugin_main"),
    [
      "--cmd=partition",
      `--model=${file}`,
      `--o=${out}`,
      "--soc_manufacturer=Qualcomm",
      `--soc_model=${values.soc}`,
      `--libs=${plugin}`,
    ],
    { env: { ...process.env, LD_LIBRARY_PATH: libraries }, timeout: 300_000, stdio: "ignore" },
  );
  if (run.status !== 0) return undefined;
  try {
    const made = readTflite(new Uint8Array(readFileSync(out)));
    return made.subgraphs.flatMap((s) => s.operators).filter((op) => op.customCode === "DISPATCH_OP").length;
  } catch {
    return undefined;
  }
}

function ours(file) {
  try {
    const module = fromTfliteFile(readTflite(new Uint8Array(readFileSync(file))), { name: basename(file) });
    const partitioning = partitionForQnn(module, soc);
    const reasons = new Map();
    for (const p of partitioning)
      for (const [node, { reason }] of p.outside) {
        const key = `${node.op.name} ${reason}`;
        reasons.set(key, (reasons.get(key) ?? 0) + 1);
      }
    return {
      count: partitioning.reduce((n, p) => n + p.partitions.length, 0),
      inside: partitioning.reduce((n, p) => n + p.partitions.reduce((k, x) => k + x.nodes.length, 0), 0),
      outside: partitioning.reduce((n, p) => n + p.outside.size, 0),
      reasons,
    };
  } catch (e) {
    return { error: e.message.split("\n")[0] };
  }
}

const rows = [];
const all = new Map();
for (const name of readdirSync(folder)
  .filter((f) => f.endsWith(".tflite"))
  .sort()) {
  const file = join(folder, name);
  const mine = ours(file);
  const other = peer(file);
  for (const [k, n] of mine.reasons ?? []) all.set(k, (all.get(k) ?? 0) + n);
  rows.push({ name: name.replace(/\.tflite$/, ""), mine, other });
  process.stderr.write(`${name} ${mine.count ?? mine.error} ${other}\n`);
}
rmSync(scratch, { recursive: true });
const both = rows.filter((r) => r.mine.count !== undefined && r.other !== undefined);
const several = both.filter((r) => r.other > 1);
const summary = [
  `${values.soc}: ${rows.length} models, ${both.length} counted by both`,
  `partitions: tflower ${both.reduce((n, r) => n + r.mine.count, 0)}, LiteRT's plugin ${both.reduce((n, r) => n + r.other, 0)}`,
  `more than LiteRT's: ${both.filter((r) => r.mine.count > r.other).length}; fewer where it has several: ${several.filter((r) => r.mine.count < r.other).length} of ${several.length}`,
];
const text = [
  ...summary,
  "",
  "model: partitions (ops inside, outside) | LiteRT's",
  ...rows.map(
    (r) =>
      `${r.name}: ${r.mine.error ? `error ${r.mine.error}` : `${r.mine.count} (${r.mine.inside}, ${r.mine.outside})`} | ${r.other ?? "fails"}`,
  ),
  "",
].join("\n");
const snapshot = new URL("qnn-partitions.snap.txt", import.meta.url);
console.log(summary.join("\n"));
console.log(
  [...all]
    .sort((a, b) => b[1] - a[1])
    .slice(0, 40)
    .map(([k, n]) => `${n} x ${k}`.slice(0, 260))
    .join("\n"),
);
if (values.check) {
  if (readFileSync(snapshot, "utf8") !== text) {
    console.error("the snapshot differs: run without --check and look at the difference");
    process.exit(1);
  }
} else writeFileSync(snapshot, text);
