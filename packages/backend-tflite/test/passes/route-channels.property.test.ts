import { Compiler, Module, Rewriter, runGraph, runPasses, tensor, tensorData, type Value } from "@tflower/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  concatenation,
  conv2d,
  depthwiseConv2d,
  pad,
  relu,
  reshape,
  slice,
  transpose,
} from "../../src/dialect/index.ts";
import { tflitePlugin } from "../../src/index.ts";
import { routeChannels } from "../../src/passes/route-channels.ts";

const compiler = new Compiler().use(tflitePlugin());
const between = (low: number, high: number) => fc.integer({ min: low, max: high });

/** Small integers, so that the order of sums does not matter. */
function numbers(r: Rewriter, shape: readonly number[], seed: number): Value {
  const data = Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => ((i * 7 + seed * 5) % 11) - 5);
  return r.constant(tensorData("f32", shape, data));
}

interface Unit {
  readonly first: number;
  readonly keeps: number;
  readonly depthwise: boolean;
  readonly frame: boolean;
  readonly activation: boolean;
  readonly groups: number;
}
/** Units as ShuffleNet's, each with cuts of its own: some channels pass, others are convolved, all are shuffled. */
function build(channels: number, units: readonly Unit[], seed: number): Module {
  const module = new Module();
  const graph = module.graph("main");
  const r = new Rewriter(graph);
  const x = graph.input(tensor("f32", [1, 2, 3, 2]));
  const conv = (input: Value, outs: number, s: number): Value =>
    r.create(conv2d, {
      input,
      filter: numbers(r, [outs, 1, 1, input.type.shape[3] as number], s),
      bias: numbers(r, [outs], s + 1),
    }).result;
  let v = conv(x, channels, seed);
  units.forEach((u, i) => {
    const kept = Math.min(u.keeps, channels - 1);
    const size = (n: number) => [1, 2, 3, n];
    const begin = u.first % 2 ? 0 : channels - kept;
    const passed = kept > 0 ? r.create(slice, { input: v }, { begin: [0, 0, 0, begin], size: size(kept) }).result : v;
    const from = u.first % 2 ? kept : 0;
    const cut = r.create(slice, { input: v }, { begin: [0, 0, 0, from], size: size(channels - kept) }).result;
    let part = cut;
    if (u.depthwise) {
      if (u.frame) part = r.create(pad, { input: part }, { paddings: [0, 0, 0, 1, 1, 0, 0, 0] }).result;
      const filter = numbers(r, [1, u.frame ? 2 : 1, u.frame ? 2 : 1, channels - kept], seed + i);
      part = r.create(depthwiseConv2d, { input: part, filter }).result;
    }
    let out = conv(part, kept > 0 ? channels - kept : channels, seed + i + 3);
    if (u.activation) out = r.create(relu, { input: out }).result;
    const all = kept > 0 ? r.create(concatenation, { values: [passed, out] }, { axis: 3 }).result : out;
    const groups = channels % u.groups === 0 ? u.groups : 1;
    const parted = r.create(reshape, { input: all }, { shape: [1, 2, 3, groups, channels / groups] }).result;
    const turned = r.create(transpose, { input: parted }, { perm: [0, 1, 2, 4, 3] }).result;
    v = r.create(reshape, { input: turned }, { shape: [1, 2, 3, channels] }).result;
  });
  graph.outputs = [conv(v, 2, seed + 9)];
  return module;
}

test("units of joined, parted and shuffled channels compute the same without a shuffle", () =>
  fc.assert(
    fc.asyncProperty(
      fc.constantFrom(4, 6, 8, 12),
      fc.array(
        fc.record({
          first: between(0, 1),
          keeps: between(0, 7),
          depthwise: fc.boolean(),
          frame: fc.boolean(),
          activation: fc.boolean(),
          groups: fc.constantFrom(2, 3, 4),
        }),
        { minLength: 1, maxLength: 8 },
      ),
      between(0, 100),
      async (channels, units, seed) => {
        const module = build(channels, units, seed);
        const graph = module.find("main")!;
        const input = tensorData("f32", [1, 2, 3, 2], [1, -2, 3, 0, 5, -6, 2, 1, -1, 4, 3, -3]);
        const before = await runGraph(graph, [input]);
        await runPasses(module, [routeChannels()], compiler);
        const after = await runGraph(graph, [input]);
        const scale = Math.max(...Array.from(before[0]!.data, (n) => Math.abs(Number(n))), 1);
        const errors = Array.from(before[0]!.data, (n, i) => Math.abs(Number(n) - Number(after[0]!.data[i])) / scale);
        expect(Math.max(...errors)).toBeLessThan(1e-6);
        expect([...graph.nodes].filter((n) => n.is(transpose))).toEqual([]);
      },
    ),
    { numRuns: 100, seed: 3 },
  ));
