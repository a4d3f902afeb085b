// Random programs of the aten dialect, compiled, evaluated, and run on LiteRT:
//   node scripts/fuzz.mjs [--minutes 5] [--seed N] [--nodes 10] [--keep-going]
// A program that comes out wrong is shrunk and printed as a file test; exit code 1.
import { parseArgs } from "node:util";
import fc from "fast-check";
import { atenSteps, checkProgram, programs } from "../packages/testing/dist/index.js";

const { values: o } = parseArgs({
  options: {
    minutes: { type: "string", default: "5" },
    seed: { type: "string" },
    nodes: { type: "string", default: "10" },
    "keep-going": { type: "boolean", default: false },
  },
});
const until = Date.now() + Number(o.minutes) * 60_000;
let seed = Number(o.seed ?? Date.now() % 1_000_000);
const seen = { equal: 0, skipped: 0 };
const skipped = new Map();
let wrong = 0;
while (Date.now() < until) {
  let verdict;
  let shrinkUntil = Infinity;
  const property = fc.asyncProperty(
    programs(atenSteps, {
      maxNodes: Number(o.nodes),
      inputs: { dtypes: ["f32", "i64", "i32"], minRank: 1, maxRank: 4, maxElements: 200 },
    }),
    async (p) => {
      if (Date.now() > shrinkUntil) return true;
      const v = await checkProgram(p);
      if (v.kind !== "wrong") {
        if (shrinkUntil === Infinity) seen[v.kind]++;
        if (v.kind === "skipped") skipped.set(v.why, (skipped.get(v.why) ?? 0) + 1);
        return true;
      }
      verdict = v;
      if (shrinkUntil === Infinity) shrinkUntil = Date.now() + 20_000;
      return false;
    },
  );
  const result = await fc.check(property, { seed, numRuns: 100 });
  if (result.failed) {
    wrong++;
    console.log(`wrong (seed ${seed}): ${verdict?.message ?? result.errorInstance?.stack}`);
    if (result.counterexample) console.log(`// test: import,lower,optimize,finish${result.counterexample[0]}`);
    if (verdict?.lowered) console.log(`becomes:\n${verdict.lowered}`);
    if (!o["keep-going"]) break;
  }
  seed++;
}
for (const [why, n] of [...skipped].sort((a, b) => b[1] - a[1]).slice(0, 5)) console.log(`${n}x skipped: ${why}`);
console.log(`${seen.equal} programs equal, ${seen.skipped} skipped, ${wrong} wrong; the next seed is ${seed}`);
process.exitCode = wrong ? 1 : 0;
