// Which rewrites apply where: node conformance/count-rewrites.mjs PROGRAM.pt2... (after a build). Writes conformance/rewrites.snap.txt.
import { writeFileSync } from "node:fs";
import { basename } from "node:path";

const { collectStatistics } = await import("../packages/core/dist/index.js");
const { compileProgram, createCompiler, openSource } = await import("../packages/tflower/dist/index.js");
const { readPt2 } = await import("../packages/frontend-pt2/dist/index.js");

const paths = process.argv.slice(2);
if (paths.length === 0) {
  console.error("usage: node conformance/count-rewrites.mjs PROGRAM.pt2...");
  process.exit(2);
}
/** Sites by rewrite and program. */
const sites = new Map();
for (const path of paths) {
  const compiler = createCompiler();
  const statistics = collectStatistics(compiler);
  try {
    await compileProgram(await readPt2(await openSource(path)), compiler);
  } catch (e) {
    console.error(`${path}: ${e.message.split("\n")[0]}`);
    continue;
  }
  const name = basename(path, ".pt2");
  for (const { pass, counts } of statistics)
    for (const [rewrite, n] of Object.entries(counts)) {
      const key = `${pass.replace(/\{.*/, "")}: ${rewrite}`;
      const by = sites.get(key) ?? new Map();
      by.set(name, (by.get(name) ?? 0) + n);
      sites.set(key, by);
    }
}
const rows = [...sites]
  .sort(([a], [b]) => (a < b ? -1 : 1))
  .map(([rewrite, by]) => {
    const most = [...by].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
    const total = most.reduce((n, [, k]) => n + k, 0);
    const examples = most.slice(0, 3).map(([name, n]) => `${name} ${n}`);
    return `${rewrite.padEnd(58)} ${String(by.size).padStart(6)} ${String(total).padStart(6)}  ${examples.join(", ")}`;
  });
const head = `${"pass: rewrite".padEnd(58)} models  sites  most in`;
writeFileSync(
  new URL("rewrites.snap.txt", import.meta.url),
  `${paths.length} programs\n\n${[head, ...rows].join("\n")}\n`,
);
console.log(`${rows.length} rewrites in ${paths.length} programs`);
