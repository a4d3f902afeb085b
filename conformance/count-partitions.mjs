// How XNNPACK divides each program: node conformance/count-partitions.mjs PROGRAM.pt2... (after a build). Writes conformance/partitions.snap.txt.
import { writeFileSync } from "node:fs";
import { basename } from "node:path";

const { compileProgram, createCompiler, openSource, placementBy, xnnpackTarget } = await import(
  "../packages/tflower/dist/index.js"
);
const { readPt2 } = await import("../packages/frontend-pt2/dist/index.js");

const paths = process.argv.slice(2);
if (paths.length === 0) {
  console.error("usage: node conformance/count-partitions.mjs PROGRAM.pt2...");
  process.exit(2);
}
const rows = [];
for (const path of paths.sort()) {
  const compiler = createCompiler();
  const source = await openSource(path);
  try {
    const module = await compileProgram(await readPt2(source), compiler);
    const p = placementBy(compiler, module, xnnpackTarget);
    const outside = p.nodes.filter((n) => n.partition === undefined).length;
    rows.push({ name: basename(path, ".pt2"), ops: p.nodes.length, outside, ...p, cause: p.causes[0]?.reason ?? "" });
  } catch (e) {
    console.error(`${path}: ${e.message.split("\n")[0]}`);
  } finally {
    await source.close?.();
  }
}
const sum = (key) => rows.reduce((n, r) => n + r[key], 0);
const line = (name, ...rest) => `${name.padEnd(40)} ${rest.map((x) => String(x).padStart(8)).join(" ")}`;
const text = [
  `${rows.length} programs; ${rows.filter((r) => r.partitions === 1 && r.outside === 0).length} run in XNNPACK as a whole`,
  `partitions: fewest ${sum("fewest")}, as the runtime divides ${sum("partitions")}, as runs of the file's order ${sum("runs")}`,
  `more than one as runs: ${rows.filter((r) => r.runs > 1).length} programs; fewer with the engine: ${rows.filter((r) => r.fewest < r.runs).length}`,
  "",
  `${line("program", "ops", "outside", "fewest", "runtime", "runs")}  what is outside most`,
  ...rows.map((r) => `${line(r.name, r.ops, r.outside, r.fewest, r.partitions, r.runs)}  ${r.cause}`.trimEnd()),
];
writeFileSync(new URL("partitions.snap.txt", import.meta.url), `${text.join("\n")}\n`);
console.log(text.slice(0, 3).join("\n"));
