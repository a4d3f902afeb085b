// What calibration costs beside plain inference of the same samples in the same runtime: CPU time of this process, interleaved.
// usage: node bench/calibrate.mjs MODEL.pt2 [--samples 64] [--rounds 5] [--json OUT.json]; build first
import { readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { parseArgs } from "node:util";
import { loadModel } from "@tflower/runtime-litert";
import { calibrateModule, convert, dtypes, tensorData } from "tflower";

const { positionals, values: flags } = parseArgs({
  allowPositionals: true,
  options: {
    samples: { type: "string", default: "64" },
    rounds: { type: "string", default: "5" },
    json: { type: "string" },
  },
});
const path = positionals[0];
if (!path) {
  process.stderr.write("usage: node bench/calibrate.mjs MODEL.pt2 [--samples 64] [--rounds 5] [--json OUT.json]\n");
  process.exit(2);
}
const [count, rounds] = [Number(flags.samples), Number(flags.rounds)];
const bytes = new Uint8Array(readFileSync(path));
const model = await convert(bytes, { settings: { quantize: true } });
const graph = model.module.graphs[0];

let seed = 0x2545f491;
const next = () => {
  seed ^= seed << 13;
  seed ^= seed >>> 17;
  seed ^= seed << 5;
  return (seed >>> 0) / 2 ** 32;
};
const random = (type) => {
  const float = dtypes[type.dtype].kind === "float";
  const n = type.shape.reduce((a, b) => a * b, 1);
  const element = () => (float ? 2 * (next() + next() + next() + next() - 2) : Math.floor(2 * next()));
  return tensorData(type.dtype, type.shape, Array.from({ length: n }, element));
};
const samples = Array.from({ length: count }, () => graph.inputs.map((v) => random(v.type)));
const given = samples.map((s) => s.map((t) => ({ dtype: t.type.dtype, shape: t.type.shape, data: t.data })));

const runtime = await loadModel(await model.bytes());
async function plain() {
  for (const inputs of given) await runtime.run(inputs);
}
let statistics;
async function calibrate() {
  statistics = await calibrateModule(model.module, samples, { load: loadModel });
}
/** Milliseconds of CPU and of the clock that `work` takes. */
async function measure(work) {
  const before = process.cpuUsage();
  const start = performance.now();
  await work();
  const { user, system } = process.cpuUsage(before);
  return { cpu: (user + system) / 1000, wall: performance.now() - start };
}
await runtime.run(given[0]);
const times = { plain: [], calibrate: [] };
for (let i = 0; i < rounds; i++) {
  times.plain.push(await measure(plain));
  times.calibrate.push(await measure(calibrate));
}
runtime.dispose();
const median = (list, of) => list.map((x) => x[of]).sort((a, b) => a - b)[Math.floor(list.length / 2)];
const best = (list, of) => Math.min(...list.map((x) => x[of]));
const elements = Object.values(statistics.values).reduce((n, v) => n + v.count + v.nonFinite + v.extreme, 0);
const result = {
  model: basename(path),
  samples: count,
  values: Object.keys(statistics.values).length,
  countedPerSample: elements / count,
  plainMs: median(times.plain, "cpu") / count,
  calibrateMs: median(times.calibrate, "cpu") / count,
  // on a machine that others use, too, the least is what the work itself takes
  leastRatio: best(times.calibrate, "cpu") / best(times.plain, "cpu"),
  ratio: median(times.calibrate, "cpu") / median(times.plain, "cpu"),
  wallRatio: median(times.calibrate, "wall") / median(times.plain, "wall"),
};
process.stdout.write(`${JSON.stringify(result)}\n`);
if (flags.json) writeFileSync(flags.json, `${JSON.stringify(result, null, 1)}\n`);
