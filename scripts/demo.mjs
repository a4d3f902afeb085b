// Converts the bundled examples, runs their test sets on LiteRT, and prints how they compare with PyTorch.
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { loadModel } from "@tflower/runtime-litert";
import { convert, readSafetensors } from "tflower";

const arrays = { f32: Float32Array, i64: BigInt64Array, i32: Int32Array };
const elements = (t) =>
  new arrays[t.dtype](t.bytes.buffer, t.bytes.byteOffset, t.bytes.byteLength / arrays[t.dtype].BYTES_PER_ELEMENT);
const largest = (row) => row.reduce((best, v, i) => (v > row[best] ? i : best), 0);

/** Runs each test of an example through the file; gives accuracy, the largest error against PyTorch, and ms a run. */
async function evaluate(path, tests, example) {
  const model = await loadModel(readFileSync(path));
  const inputs = tests.get(example.inputs);
  const [labels, logits] = [elements(tests.get(example.labels)), elements(tests.get(example.logits))];
  const [count, ...shape] = inputs.shape;
  const data = elements(inputs);
  const size = data.length / count;
  const classes = logits.length / count;
  const port = model.signatures[0].inputs[0];
  let right = 0;
  let noise = 0;
  let signal = 0;
  let ms = Infinity;
  for (let i = 0; i < count; i++) {
    const tensor = { dtype: port.dtype, shape: port.shape, data: data.slice(i * size, (i + 1) * size) };
    const start = performance.now();
    const [out] = await model.run([tensor]);
    ms = Math.min(ms, performance.now() - start);
    right += largest(out.data) === Number(labels[i]) ? 1 : 0;
    for (let k = 0; k < classes; k++) {
      noise += (out.data[k] - logits[i * classes + k]) ** 2;
      signal += logits[i * classes + k] ** 2;
    }
  }
  model.dispose();
  void shape;
  return { accuracy: right / count, snr: 10 * Math.log10(signal / noise), ms };
}

const rows = [
  ["example", "ops", "transposes", "bytes", "convert ms", "run ms", "SNR vs PyTorch", "accuracy", "PyTorch's"],
];
let worse = 0;
mkdirSync("out", { recursive: true });
for (const name of readdirSync("examples").sort()) {
  const folder = join("examples", name);
  if (!existsSync(join(folder, "example.json"))) continue;
  const example = JSON.parse(readFileSync(join(folder, "example.json"), "utf8"));
  const start = performance.now();
  const model = await convert(join(folder, example.pt2));
  const path = join("out", `${name}.tflite`);
  await model.save(path);
  const ms = performance.now() - start;
  const nodes = model.module.graphs.flatMap((g) => [...g.nodes]);
  const tests = readSafetensors(example.tests, readFileSync(join(folder, example.tests)));
  const r = await evaluate(path, tests, example);
  if (r.accuracy < example.pytorchAccuracy) worse++;
  rows.push([
    name,
    nodes.length,
    nodes.filter((n) => n.op.name === "tfl.transpose").length,
    statSync(path).size,
    ms.toFixed(0),
    r.ms.toFixed(2),
    `${r.snr.toFixed(0)} dB`,
    r.accuracy.toFixed(3),
    example.pytorchAccuracy.toFixed(3),
  ]);
}
const widths = rows[0].map((_, i) => Math.max(...rows.map((r) => String(r[i]).length)));
for (const r of rows)
  console.log(r.map((c, i) => (i === 0 ? String(c).padEnd(widths[i]) : String(c).padStart(widths[i]))).join("  "));
console.log(`\nThe files lie in out/. Convert one of yours: npm start -- convert my.pt2`);
process.exitCode = worse ? 1 : 0;
