import { Compiler, type Graph, Module, Rewriter, runGraph, runPasses, tensor, tensorData, type Value } from "@tflower/core";
import { expect, test } from "vitest";
import { concatenation, relu, reshape, split, transpose } from "../../src/dialect/index.ts";
import { tflitePlugin } from "../../src/index.ts";
import { optimizeLayout } from "../../src/passes/optimize-layout.ts";

const compiler = new Compiler().use(tflitePlugin());
const toNchw = [0, 3, 1, 2];
const toNhwc = [0, 2, 3, 1];

/** How many transposes are left of what `build` makes of an input, and whether the numbers are the same. */
async function left(shape: readonly number[], build: (r: Rewriter, x: Value) => readonly Value[]): Promise<number> {
  const module = new Module();
  const graph: Graph = module.graph("main");
  const x = graph.input(tensor("f32", shape));
  graph.outputs = build(new Rewriter(graph), x);
  const data = tensorData("f32", shape, Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i - 20));
  const before = await runGraph(graph, [data]);
  await runPasses(module, [optimizeLayout()], compiler);
  expect(await runGraph(graph, [data])).toEqual(before);
  return [...graph.nodes].filter((n) => n.is(transpose)).length;
}

const turn = (r: Rewriter, input: Value, perm: readonly number[]): Value => r.emit(transpose, { input }, {}, { perm });
/** A channel shuffle in two groups, channels first. */
function shuffle(r: Rewriter, x: Value): Value {
  const [n, c, h, w] = x.type.shape as readonly number[];
  const apart = r.emit(reshape, { input: x }, {}, { shape: [n!, 2, c! / 2, h!, w!] });
  return r.emit(reshape, { input: turn(r, apart, [0, 2, 1, 3, 4]) }, {}, { shape: [n!, c!, h!, w!] });
}

test("a channel shuffle between channels-last ops moves channels only", async () => {
  expect(await left([1, 3, 5, 6], (r, x) => [turn(r, shuffle(r, turn(r, x, toNchw)), toNhwc)])).toBe(1);
});

test("units that shuffle, split, work on one half and join stay channels last", async () => {
  const units = await left([1, 3, 2, 8], (r, x) => {
    let v = turn(r, x, toNchw);
    for (let unit = 0; unit < 3; unit++) {
      const [keep, work] = r.create(split, { value: shuffle(r, v) }, { axis: 1, num_splits: 2 }).results as [Value, Value];
      const done = r.emit(relu, { input: turn(r, work, toNhwc) }, {});
      v = r.emit(concatenation, { values: [keep, turn(r, done, toNchw)] }, {}, { axis: 1 });
    }
    return [turn(r, v, toNhwc)];
  });
  expect(units).toBe(3);
});

test("a transpose sinks through a concatenation of many equal parts", async () => {
  const parts = await left([1, 3, 2, 4], (r, x) => {
    const one = turn(r, x, toNchw);
    const more = [relu, relu].reduce<Value[]>((all, op) => [...all, turn(r, r.emit(op, { input: turn(r, all.at(-1)!, toNhwc) }, {}), toNchw)], [one]);
    return [turn(r, r.emit(concatenation, { values: [...more, one] }, {}, { axis: 1 }), toNhwc)];
  });
  expect(parts).toBe(0);
});

test("a reader that needs the merged axes in front keeps the transpose in one piece", async () => {
  expect(await left([1, 3, 5, 6], (r, x) => [shuffle(r, turn(r, x, toNchw))])).toBe(1);
});
