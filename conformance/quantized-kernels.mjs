// Holds the reference semantics of quantized ops against LiteRT's kernels, code by code:
//   node conformance/quantized-kernels.mjs --python PYTHON [--runs 200] [--only REGEX] [--seed N] [--write] [--golden]
// PYTHON is an interpreter that has ai-edge-litert. Random graphs of one quantized op are written as .tflite files and run on the portable
// kernels, on those for this machine, and with XNNPACK; what each form claims of each of them must hold (exit 1).
// --write makes quantized.snap.txt; --golden keeps small cases and what the kernels gave, for a test without Python.
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { MemorySink, toTfliteFile, writeTflite } from "../packages/backend-tflite/dist/index.js";
import { CompileError, countOf, decode, encode, printModule, runGraph } from "../packages/core/dist/index.js";
import {
  claimedTolerance,
  compareTensors,
  Discarded,
  drawApplication,
  formName,
  programOf,
  quantizedForms,
  seeded,
} from "../packages/testing/dist/index.js";

const { values: o } = parseArgs({
  options: {
    python: { type: "string", default: "python3" },
    runs: { type: "string", default: "200" },
    only: { type: "string", default: "" },
    seed: { type: "string", default: "1" },
    write: { type: "boolean", default: false },
    golden: { type: "boolean", default: false },
  },
});
const kernels = ["reference", "builtin", "xnnpack"];
/** Golden cases of each form, and how large they may be. */
const [goldenCases, goldenElements] = [2, 40];

const snapshotHead = `Elements in which a kernel's result is not that of the reference semantics: "= N" none of N, "K of N, most M" for K of them, by M codes
at most (floats: M of the largest element). "differs": the form claims nothing there. "none": that runtime has no such kernel.`;

const only = new RegExp(o.only);
const folder = mkdtempSync(join(tmpdir(), "tflower-kernels-"));
const cases = [];
try {
  for (const form of quantizedForms)
    if (only.test(formName(form)))
      for (let run = 0; run < Number(o.runs); run++) await prepare(form, Number(o.seed) * 1_000_003 + run);
  const script = fileURLToPath(new URL("quantized_kernels.py", import.meta.url));
  execFileSync(o.python, [script, folder], { stdio: ["ignore", "ignore", "inherit"] });
  report();
  if (o.golden) writeGolden();
} finally {
  rmSync(folder, { recursive: true });
}

/** Writes one random case, unless the draw leads nowhere or the writer refuses it. */
async function prepare(form, seed) {
  let application;
  try {
    application = drawApplication(seeded(seed), form.op, form.draw);
  } catch (e) {
    if (e instanceof Discarded) return;
    throw e;
  }
  const { module, inputs } = programOf(application);
  const sink = new MemorySink();
  try {
    await writeTflite(toTfliteFile(module), sink);
  } catch (e) {
    if (e instanceof CompileError) return;
    throw e;
  }
  const expected = await runGraph(module.find("main"), inputs);
  const name = String(cases.length).padStart(6, "0");
  writeFileSync(join(folder, `${name}.tflite`), sink.bytes());
  inputs.forEach((t, k) => {
    writeFileSync(join(folder, `${name}.in.${k}`), encode(t));
  });
  cases.push({ form, name, seed, module, inputs, expected });
}

/** Results of one case; a text where it does not run. */
function resultsOf(c, which) {
  const error = join(folder, `${c.name}.${which}.error`);
  if (existsSync(error)) return readFileSync(error, "utf8");
  return c.expected.map((e, i) => {
    const type = { ...e.type, quant: undefined };
    return decode(type, new Uint8Array(readFileSync(join(folder, `${c.name}.${which}.${i}`))));
  });
}

function report() {
  const rows = [];
  let broken = 0;
  for (const form of quantizedForms.filter((f) => only.test(formName(f)))) {
    const own = cases.filter((c) => c.form === form);
    const cells = kernels.map((which) => {
      const { off, elements, most, wrong, errors } = tally(own, which);
      if (wrong) broken++;
      if (errors === own.length) return "none";
      const note = errors ? `, ${errors} do not run` : "";
      if (form.differsOn?.includes(which)) return `differs${note}`;
      return (off === 0 ? `= ${elements}` : `${off} of ${elements}, most ${most}`) + (wrong ? " WRONG" : "") + note;
    });
    rows.push([formName(form), String(own.length), ...cells]);
  }
  const head = ["form", "cases", ...kernels];
  const widths = head.map((h, i) => Math.max(h.length, ...rows.map((r) => r[i].length)));
  const text = [head, ...rows]
    .map((r) =>
      r
        .map((cell, i) => cell.padEnd(widths[i]))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
  console.log(text);
  if (o.write) writeFileSync(new URL("quantized.snap.txt", import.meta.url), `${snapshotHead}\n\n${text}\n`);
  if (broken) {
    console.error(`${broken} claims do not hold`);
    process.exitCode = 1;
  }
}

function tally(own, which) {
  const sum = { off: 0, elements: 0, most: 0, wrong: 0, errors: 0 };
  for (const c of own) {
    const got = resultsOf(c, which);
    const tolerance = claimedTolerance(c.form, which);
    if (typeof got === "string") {
      // a kernel that is not there at all says so for every case
      if (sum.errors++ === 0 && own.length > 1 && typeof resultsOf(own.at(-1), which) !== "string")
        console.log(`${formName(c.form)} (${which}, seed ${c.seed}): ${got.trim()}\n${printModule(c.module)}`);
      continue;
    }
    c.expected.forEach((e, i) => {
      const real = e.type.dtype === "f32";
      const top = real ? e.data.reduce((m, v) => Math.max(m, Math.abs(v)), 0) || 1 : 1;
      for (let k = 0; k < e.data.length; k++) {
        const apart = Math.abs(Number(got[i].data[k]) - Number(e.data[k])) / top;
        if (apart > 0) sum.off++;
        sum.most = Math.max(sum.most, real ? Number(apart.toPrecision(2)) : apart);
      }
      sum.elements += e.data.length;
      const d = tolerance && compareTensors(got[i], e, tolerance);
      if (!d) return;
      if (sum.wrong++ === 0)
        console.log(`${formName(c.form)} (${which}, seed ${c.seed}): ${d.message}\n${printModule(c.module)}`);
    });
  }
  return sum;
}

/** Small cases with what the kernels gave that the form is exact on. */
function writeGolden() {
  const lines = [];
  for (const form of quantizedForms) {
    const which = form.exactOn ?? "reference";
    const small = cases.filter((c) => {
      if (c.form !== form) return false;
      const tensors = [...c.inputs, ...c.expected];
      return (
        tensors.reduce((n, t) => n + countOf(t.type.shape), 0) <= goldenElements &&
        printModule(c.module, { constants: "full" }).length < 800 &&
        new Set(c.expected[0].data).size > 1 &&
        typeof resultsOf(c, which) !== "string"
      );
    });
    // the last ones: no seed is better than another, and these are no others' first
    for (const c of small.slice(-goldenCases)) {
      const hex = (t) => Buffer.from(encode(t)).toString("hex");
      lines.push(
        JSON.stringify({
          form: formName(form),
          ir: printModule(c.module, { constants: "full" }),
          inputs: c.inputs.map(hex),
          results: resultsOf(c, which).map(hex),
        }),
      );
    }
  }
  const file = new URL("../packages/testing/test/kernel-results.jsonl", import.meta.url);
  writeFileSync(file, `${lines.join("\n")}\n`);
  console.log(`${lines.length} golden cases`);
}
