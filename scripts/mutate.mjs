// Puts small mistakes into lowerings, one at a time, and says which of them the property does not notice:
//   node scripts/mutate.mjs [--runs 40] [--only REGEX] [--write]
// A survivor is a generator that is too tame, or a mistake that makes no difference. --write keeps the list in conformance/mutants.txt.
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { atenLowerings } from "../packages/ops-aten/dist/index.js";
import { axisMutants, checkMutants, valueMutants } from "../packages/testing/dist/index.js";

const { values: o } = parseArgs({
  options: {
    runs: { type: "string", default: "40" },
    only: { type: "string", default: "" },
    write: { type: "boolean", default: false },
  },
});
const only = new RegExp(o.only);
const excepted = JSON.parse(
  readFileSync(new URL("../packages/ops-aten/test/without-property.json", import.meta.url), "utf8"),
);
const survivors = [];
let [made, noticed, lowerings] = [0, 0, 0];
for (const lowering of atenLowerings()) {
  // another name is another name's lowering, whose mistakes are tried there
  if (
    !only.test(lowering.name) ||
    lowering.refuses ||
    excepted[lowering.name] !== undefined ||
    lowering.op.traits.aliasOf
  )
    continue;
  lowerings++;
  if (lowerings % 50 === 0) console.error(`${lowerings} lowerings, ${noticed} of ${made} noticed`);
  try {
    for (const r of await checkMutants(lowering, [...axisMutants, ...valueMutants], { runs: Number(o.runs) })) {
      if (r.made === 0) continue;
      made++;
      if (r.noticed) noticed++;
      else survivors.push(`${lowering.name}: ${r.mutant}`);
    }
  } catch (e) {
    survivors.push(`${lowering.name}: ${String(e.message).split("\n")[0]}`);
  }
}
const lines = [
  `${noticed} of ${made} mistakes in ${lowerings} lowerings noticed within ${o.runs} runs; survivors:`,
  "",
  ...survivors.sort(),
];
console.log(lines.join("\n"));
if (o.write) writeFileSync(new URL("../conformance/mutants.txt", import.meta.url), `${lines.join("\n")}\n`);
