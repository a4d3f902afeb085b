// `node scripts/plant-wrong-weight.mjs MODEL.pt2 [MODULE]`: converts a program, changes weights of one convolution or linear layer in the
// file (the one of MODULE, or the middle one), and lets `tflower compare` find it. Shows that a wrong weight is found by module and line.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readTflite } from "@tflower/backend-tflite";
import { convert } from "tflower";

const [program, wanted] = process.argv.slice(2);
if (!program) {
  console.error("usage: node scripts/plant-wrong-weight.mjs MODEL.pt2 [MODULE]");
  process.exit(2);
}
const folder = mkdtempSync(join(tmpdir(), "tflower-planted-"));
const path = join(folder, "planted.tflite");
const model = await convert(program);
await model.save(path);

const bytes = new Uint8Array(readFileSync(path));
const { operators, tensors } = readTflite(bytes).subgraphs[0];
const weighted = operators.filter(
  (o) => ["CONV_2D", "FULLY_CONNECTED"].includes(o.builtin) && tensors[o.inputs[1]].buffer?.byteLength > 256,
);
const moduleOf = (o) => tensors[o.outputs[0]].name.split("/")[0];
const victim = wanted === undefined ? weighted[weighted.length >> 1] : weighted.find((o) => moduleOf(o) === wanted);
if (!victim) {
  console.error(`no layer of ${wanted}; there are ${weighted.map(moduleOf).join(", ")}`);
  process.exit(2);
}
const weight = tensors[victim.inputs[1]].buffer;
const elements = new Float32Array(weight.buffer, weight.byteOffset, weight.byteLength / 4);
const scale = Math.sqrt(elements.reduce((n, v) => n + v * v, 0) / elements.length);
elements[elements.length >> 1] += 20 * scale;
writeFileSync(path, bytes);
console.log(`planted: one of ${elements.length} weights of ${moduleOf(victim)} is wrong\n`);

const cli = fileURLToPath(new URL("../packages/tflower/bin/tflower.js", import.meta.url));
const { status } = spawnSync(process.execPath, [cli, "compare", program, path, "--top", "5"], { stdio: "inherit" });
rmSync(folder, { recursive: true });
process.exitCode = status;
