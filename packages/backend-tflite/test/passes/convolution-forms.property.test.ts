import { Module, Rewriter, runGraph, type TensorData, tensor, tensorData, verifyGraph } from "@tflower/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { conv2d, transposeConv } from "../../src/dialect/convolution.ts";
import { pad } from "../../src/dialect/pad.ts";
import { resizeNearestNeighbor } from "../../src/dialect/resize.ts";
import { slice } from "../../src/dialect/slice.ts";
import { convolvePhases, phaseForms, type SpreadConvolution } from "../../src/passes/convolve-phases.ts";
import { upsampledConvolution } from "../../src/passes/join-upsampling.ts";
import { cpuCosts } from "../../src/passes/kernel-costs.ts";
import { framedConvolution } from "../../src/passes/multiply-fewer.ts";
import { transposedConvolution } from "../../src/passes/split-transposed-convolutions.ts";
import { tiledConvolution } from "../../src/passes/tiled-convolution.ts";
import { possibleTilings } from "../../src/passes/winograd-plan.ts";

const runs = { numRuns: 60, seed: 7 };
const activations = fc.constantFrom("NONE", "RELU", "RELU6" as const);
const between = (low: number, high: number) => fc.integer({ min: low, max: high });
const pair = (a: fc.Arbitrary<number>) => fc.tuple(a, a);

/** Normal-ish numbers of a seed. */
function data(shape: readonly number[], seed: number): TensorData {
  let s = seed + 1;
  const next = (): number => ((s = (Math.imul(s, 1103515245) + 12345) & 0x7fffffff), s / 0x40000000 - 1);
  return tensorData("f32", shape, Array.from({ length: shape.reduce((a, b) => a * b, 1) }, next));
}
/** Signal to noise in decibels. */
function decibels(got: TensorData, want: TensorData): number {
  expect(got.type).toEqual(want.type);
  let [signal, noise] = [0, 0];
  want.data.forEach((w, i) => {
    signal += Number(w) ** 2;
    noise += (Number(w) - Number(got.data[i]!)) ** 2;
  });
  return noise === 0 ? Infinity : 10 * Math.log10(signal / noise);
}

interface Built {
  readonly module: Module;
  readonly input: TensorData;
}
/** What every form that `forms` offers computes, beside what the graph computed before. */
async function check(build: () => Built, forms: (module: Module) => readonly ((r: Rewriter) => void)[]): Promise<void> {
  const { module, input } = build();
  const [want] = await runGraph(module.find("main")!, [input]);
  const count = forms(module).length;
  for (let i = 0; i < count; i++) {
    const again = build().module;
    const graph = again.find("main")!;
    forms(again)[i]!(new Rewriter(graph));
    expect(verifyGraph(graph)).toEqual([]);
    const [got] = await runGraph(graph, [input]);
    expect(decibels(got!, want!), `form ${i}`).toBeGreaterThan(110);
  }
}
const main = (m: Module) => m.find("main")!;
const phases = (c: SpreadConvolution | undefined, m: Module, last: () => any) =>
  c
    ? phaseForms(c, cpuCosts).map((form) => (r: Rewriter) => {
        const at = last();
        r.replace(at, [convolvePhases(r, c, form, [...main(m).nodes].find((n) => n.op.name !== "tfl.pad")!)]);
      })
    : [];

test("every form of a transposed convolution computes the same", () =>
  fc.assert(
    fc.asyncProperty(
      fc.record({
        extent: pair(between(1, 5)),
        kernel: pair(between(1, 5)),
        stride: pair(between(1, 4)),
        batch: between(1, 2),
        channels: pair(between(1, 3)),
        cut: pair(between(0, 2)),
        more: pair(between(0, 3)),
        bias: fc.boolean(),
        same: fc.boolean(),
        activation: activations,
        seed: between(0, 1000),
      }),
      async (p) => {
        const build = (): Built => {
          const module = new Module();
          const graph = module.graph("main");
          const shape = [p.batch, ...p.extent, p.channels[0]];
          const x = graph.input(tensor("f32", shape));
          const r = new Rewriter(graph);
          const weights = r.constant(data([p.channels[1], ...p.kernel, p.channels[0]], p.seed));
          const bias = p.bias ? r.constant(data([p.channels[1]], p.seed + 1)) : undefined;
          const full = p.extent.map((n, i) =>
            p.same ? n * p.stride[i]! : (n - 1) * p.stride[i]! + p.kernel[i]! + Math.min(p.more[i]!, p.stride[i]! - 1),
          );
          const y = r.create(
            transposeConv,
            { weights, input: x, bias },
            {
              output_shape: [p.batch, ...full, p.channels[1]],
              padding: p.same ? "SAME" : "VALID",
              stride_h: p.stride[0],
              stride_w: p.stride[1],
              fused_activation_function: p.activation,
            },
          ).result;
          const size = full.map((n, i) => Math.max(n - 2 * p.cut[i]!, 1));
          const begin = full.map((n, i) => Math.min(p.cut[i]!, n - size[i]!));
          graph.outputs = begin.some((b) => b > 0)
            ? [
                r.create(slice, { input: y }, { begin: [0, ...begin, 0], size: [p.batch, ...size, p.channels[1]] })
                  .result,
              ]
            : [y];
          return { module, input: data(shape, p.seed + 2) };
        };
        await check(build, (m) => {
          const node = [...main(m).nodes][0]!;
          const found = transposedConvolution(node as never, main(m));
          return phases(found?.convolution, m, () => found!.last);
        });
      },
    ),
    runs,
  ));

const convolved = fc.record({
  extent: pair(between(1, 6)),
  kernel: pair(between(1, 3)),
  batch: between(1, 2),
  channels: pair(between(1, 3)),
  margins: fc.tuple(between(0, 2), between(0, 2), between(0, 2), between(0, 2)),
  times: pair(between(1, 3)),
  bias: fc.boolean(),
  activation: activations,
  padding: fc.constantFrom("SAME", "VALID", "PAD" as const),
  seed: between(0, 1000),
});
type Convolved = typeof convolved extends fc.Arbitrary<infer T> ? T : never;

/** A convolution, perhaps behind an upsampling; `undefined` where it has no result. */
function convolution(p: Convolved, upsampled: boolean): Built {
  const module = new Module();
  const graph = module.graph("main");
  const shape = [p.batch, ...p.extent, p.channels[0]];
  const r = new Rewriter(graph);
  let x = graph.input(tensor("f32", shape));
  if (upsampled) {
    const size = p.extent.map((n, i) => n * p.times[i]!);
    x = r.create(resizeNearestNeighbor, { input: x }, { size }).result;
  }
  const space = (x.type.shape as readonly number[]).slice(1, 3);
  const [top, bottom, left, right] = p.margins;
  if (p.padding === "PAD") x = r.create(pad, { input: x }, { paddings: [0, 0, top, bottom, left, right, 0, 0] }).result;
  const room = p.padding === "PAD" ? [space[0]! + top + bottom, space[1]! + left + right] : space;
  const kernel = p.kernel.map((k, i) => Math.min(k, room[i]!));
  const filter = r.constant(data([p.channels[1], ...kernel, p.channels[0]], p.seed));
  const bias = p.bias ? r.constant(data([p.channels[1]], p.seed + 1)) : undefined;
  const y = r.create(
    conv2d,
    { input: x, filter, bias },
    { padding: p.padding === "SAME" ? "SAME" : "VALID", fused_activation_function: p.activation },
  ).result;
  graph.outputs = [y];
  return { module, input: data(shape, p.seed + 2) };
}
const convolutionOf = (m: Module) => [...main(m).nodes].at(-1)!;

test("every form of a convolution behind an upsampling computes the same", () =>
  fc.assert(
    fc.asyncProperty(convolved, (p) =>
      check(
        () => convolution(p, true),
        (m) => phases(upsampledConvolution(convolutionOf(m) as never, main(m)), m, () => convolutionOf(m)),
      ),
    ),
    runs,
  ));

test("every tiling of a convolution computes the same", () =>
  fc.assert(
    fc.asyncProperty(convolved, (p) =>
      check(
        () => convolution({ ...p, kernel: [p.seed % 2 ? 3 : p.kernel[0], 3] }, false),
        (m) => {
          const node = convolutionOf(m);
          const c = framedConvolution(node as never);
          if (!c) return [];
          const [channels, kh, kw, depth] = c.filter.type.shape as readonly [number, number, number, number];
          const plain = { batch: 1, result: c.result, kernel: [kh, kw] as const, depth, channels };
          return possibleTilings(plain).map(
            (tiling) => (r: Rewriter) => r.replace(node, [tiledConvolution(r, c, tiling, node)]),
          );
        },
      ),
    ),
    runs,
  ));
