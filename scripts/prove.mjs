// Tries every lowering of the aten dialect on random applications of its op:
//   node scripts/prove.mjs [--runs 200] [--runtime] [--only REGEX] [--seed N] [--verbose]
// One line for each lowering: how many applications were compared, ran on LiteRT, were declined. Failures come with the smallest
// program found, ready to paste as a file test. Exit code 1 if something is wrong, or if nothing is proven of a lowering that is not
// listed in packages/ops-aten/test/without-property.json.
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { atenLowerings } from "../packages/ops-aten/dist/index.js";
import { checkLowering, explain } from "../packages/testing/dist/index.js";

const { values: o } = parseArgs({
  options: {
    runs: { type: "string", default: "200" },
    runtime: { type: "boolean", default: false },
    only: { type: "string", default: "" },
    seed: { type: "string" },
    verbose: { type: "boolean", default: false },
  },
});
const excepted = JSON.parse(
  readFileSync(new URL("../packages/ops-aten/test/without-property.json", import.meta.url), "utf8"),
);
const only = new RegExp(o.only);
const lowerings = atenLowerings().filter((l) => only.test(l.name) && !l.refuses);

const listed = (counts) => [...counts].sort((a, b) => b[1] - a[1]).map(([why, n]) => `${n}x ${why}`);
const sum = (counts) => [...counts.values()].reduce((a, b) => a + b, 0);
const total = { wrong: 0, unproven: 0, excepted: 0, proven: 0 };
for (const lowering of lowerings) {
  const start = performance.now();
  let line = "";
  let more = [];
  if (excepted[lowering.name] !== undefined) {
    total.excepted++;
    console.log(`excepted ${lowering.name}  ${excepted[lowering.name]}`);
    continue;
  }
  try {
    const r = await checkLowering(lowering, {
      runs: Number(o.runs),
      runtime: o.runtime,
      optimize: o.runtime,
      ...(o.seed !== undefined && { seed: Number(o.seed) }),
    });
    const kind = r.counterexample ? "wrong" : r.compared ? "proven" : "unproven";
    total[kind]++;
    line = `${kind} ${lowering.name}  ${r.compared} compared, ${r.ranOnRuntime} on LiteRT, ${sum(r.rejected)} declined, ${sum(r.threw)} undefined`;
    more = [...(o.verbose || !r.compared ? [...listed(r.rejected), ...listed(r.threw)] : [])];
    if (r.counterexample) more.push(`seed ${r.seed}`, ...explain(r.counterexample).split("\n"));
  } catch (e) {
    total.wrong++;
    line = `broken ${lowering.name}  ${e.message}`;
    if (o.verbose) more.push(...String(e.stack).split("\n"));
  }
  console.log(`${line}, ${Math.round(performance.now() - start)} ms`);
  for (const m of more) console.log(`    ${m}`);
}
console.log(
  `${total.proven} proven, ${total.wrong} wrong, ${total.unproven} without an accepted application, ${total.excepted} excepted`,
);
process.exitCode = total.wrong || total.unproven ? 1 : 0;
