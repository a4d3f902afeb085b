import { fc, test as property } from "@fast-check/vitest";
import * as tfl from "@tflower/backend-tflite/dialect";
import { dataConstant, Module, Rewriter, runPasses, type TensorData, tensor, tensorData } from "@tflower/core";
import { quantizePasses, type SchemeName } from "@tflower/quantize";
import { loadModel } from "@tflower/runtime-litert";
import { describe, expect } from "vitest";
import { realsOf } from "../src/compare/tensor-error.ts";
import { createCompiler } from "../src/create-compiler.ts";
import { cloneModule } from "../src/quantize/clone-module.ts";
import { runSamples } from "../src/quantize/run-samples.ts";
import { sampleCalibration } from "../src/quantize/sample-calibration.ts";

/** A chain of layers, as small nets have them. */
interface Chain {
  readonly layers: readonly {
    readonly kind: "conv" | "pointwise" | "depthwise";
    readonly channels: number;
    readonly relu: boolean;
    readonly bias: boolean;
    readonly residual: boolean;
  }[];
  readonly dense: boolean;
  readonly seed: number;
}
const chains: fc.Arbitrary<Chain> = fc.record({
  layers: fc.array(
    fc.record({
      kind: fc.constantFrom("conv" as const, "pointwise" as const, "depthwise" as const),
      channels: fc.constantFrom(16, 24, 32),
      relu: fc.boolean(),
      bias: fc.boolean(),
      residual: fc.boolean(),
    }),
    { minLength: 1, maxLength: 3 },
  ),
  dense: fc.boolean(),
  seed: fc.integer({ min: 1, max: 1_000_000 }),
});

const size = 5;
/** Numbers from -by to by, the same for a seed. */
function data(shape: readonly number[], seed: number, by = 1): TensorData {
  let s = (seed * 2654435761) >>> 0 || 1;
  const elements = Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => {
    s ^= s << 13;
    s ^= s >>> 17;
    s = (s ^ (s << 5)) >>> 0;
    return by * (s / 2 ** 31 - 1);
  });
  return tensorData("f32", shape, elements);
}

/** The chain as a module, with weights that neither swell nor shrink what goes through. */
function moduleOf({ layers, dense, seed }: Chain): Module {
  const module = new Module();
  const graph = module.graph("main");
  module.signatures = [{ key: "serving_default", graph: "main" }];
  const r = new Rewriter(graph);
  let x = graph.input(tensor("f32", [1, size, size, 16]), "x");
  let depth = 16;
  const constant = (shape: readonly number[], k: number, by: number) =>
    r.constant(dataConstant(data(shape, seed + k, by)));
  for (const [k, l] of layers.entries()) {
    const extent = l.kind === "pointwise" ? 1 : 3;
    const channels = l.kind === "depthwise" ? depth : l.channels;
    const shape = l.kind === "depthwise" ? [1, 3, 3, channels] : [channels, extent, extent, depth];
    const fan = l.kind === "depthwise" ? 9 : extent * extent * depth;
    const filter = constant(shape, 10 * k + 1, 1.7 / Math.sqrt(fan));
    const bias = constant([channels], 10 * k + 2, l.bias ? 0.5 : 0);
    const attrs = { padding: "SAME", fused_activation_function: l.relu ? "RELU" : "NONE" };
    const before = x;
    const operands = { input: x, filter, bias };
    const node =
      l.kind === "depthwise" ? r.create(tfl.depthwiseConv2d, operands, attrs) : r.create(tfl.conv2d, operands, attrs);
    x = node.results[0]!;
    if (l.residual && channels === depth) x = r.create(tfl.add, { lhs: x, rhs: before }, {}).results[0]!;
    depth = channels;
  }
  if (dense) {
    const pooled = r.create(tfl.mean, { input: x }, { axes: [1, 2], keep_dims: false }).results[0]!;
    const weights = constant([16, depth], 99, 1.7 / Math.sqrt(depth));
    x = r.create(tfl.fullyConnected, { input: pooled, filter: weights }, {}).results[0]!;
  }
  graph.outputs = [x];
  return module;
}

/** How far a quantized chain is from the float one on LiteRT, as shares of the range of its outputs. */
async function distance(chain: Chain, scheme: SchemeName): Promise<{ readonly most: number; readonly rms: number }> {
  const compiler = createCompiler({ quantize: true });
  const module = moduleOf(chain);
  const samples = [1, 2, 3].map((k) => [data([1, size, size, 16], chain.seed + 1000 + k)]);
  // ranges of these samples, and weights to the nearest: what is to be shown is the arithmetic
  const { statistics } = sampleCalibration(samples, loadModel);
  const quantized = cloneModule(module);
  const passes = [...quantizePasses({ scheme }, { calibration: { statistics } }), ...compiler.pipeline.finish];
  await runPasses(quantized, passes, compiler, { verifyEach: true });
  await runPasses(module, compiler.pipeline.finish, compiler);
  const want = await runSamples(module, samples, loadModel);
  const got = await runSamples(quantized, samples, loadModel);
  let [low, high, most, sum, count] = [0, 0, 0, 0, 0];
  for (const [s, [w]] of want.entries()) {
    const [a, b] = [realsOf(w!), realsOf(got[s]![0]!)];
    for (let i = 0; i < a.length; i++) {
      const d = Math.abs(a[i]! - b[i]!);
      [low, high] = [Math.min(low, a[i]!), Math.max(high, a[i]!)];
      most = Math.max(most, d);
      sum += d * d;
      count++;
    }
  }
  return { most: most / (high - low), rms: Math.sqrt(sum / count) / (high - low) };
}

/** The same chains each time; QUANTIZE_RUNS=200 draws more of them. */
const runs = { seed: 20_26, numRuns: Number(process.env["QUANTIZE_RUNS"] ?? 6) };

describe("chains of layers give on LiteRT what the floats give, within shares of the output's range", () => {
  property.prop([chains], runs)(
    "int8: 10 % at most, 2.5 % on average",
    async (chain) => {
      const { most, rms } = await distance(chain, "int8");
      expect(most).toBeLessThan(0.1);
      expect(rms).toBeLessThan(0.025);
    },
    120_000,
  );
  property.prop([chains], { ...runs, numRuns: Math.ceil(runs.numRuns / 2) })(
    "dynamic-int8: 10 % at most, 2.5 % on average",
    async (chain) => {
      const { most, rms } = await distance(chain, "dynamic-int8");
      expect(most).toBeLessThan(0.1);
      expect(rms).toBeLessThan(0.025);
    },
    120_000,
  );
  property.prop([chains], { ...runs, numRuns: Math.ceil(runs.numRuns / 2) })(
    "int16x8: 5 % at most, 1.5 % on average",
    async (chain) => {
      const { most, rms } = await distance(chain, "int16x8");
      expect(most).toBeLessThan(0.05);
      expect(rms).toBeLessThan(0.015);
    },
    120_000,
  );
});
