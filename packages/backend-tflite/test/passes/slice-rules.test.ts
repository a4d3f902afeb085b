import { applyRules, Module, parseType, Rewriter, runGraph, tensor, tensorData, verifyGraph } from "@tflower/core";
import { describe, expect, test } from "vitest";
import { slice, stridedSlice } from "../../src/dialect/slice.ts";
import { mergeSliceRules, sliceRules } from "../../src/passes/slice-rules.ts";

interface Cut {
  readonly shape: readonly number[];
  readonly begin: readonly number[];
  readonly end: readonly number[];
  readonly strides: readonly number[];
}
/** Elements of 0, 1, 2, ... that a strided slice takes, before and after the rules, and the ops that are left. */
async function apply({ shape, begin, end, strides }: Cut, dtype: "f32" | "i64" = "f32") {
  const graph = new Module().graph("main");
  const x = graph.input(tensor(dtype, shape));
  graph.outputs = [new Rewriter(graph).create(stridedSlice, { input: x }, { begin, end, strides }).result];
  const data = tensorData(
    dtype,
    shape,
    Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i),
  );
  const before = await runGraph(graph, [data]);
  applyRules(graph, sliceRules);
  expect(verifyGraph(graph)).toEqual([]);
  const after = await runGraph(graph, [data]);
  return { before, after, ops: [...graph.nodes].map((n) => n.op.name) };
}

describe("grouped-slice", () => {
  test.each<Cut>([
    { shape: [1, 8, 6, 3], begin: [0, 0, 0, 0], end: [1, 8, 6, 3], strides: [1, 2, 2, 1] },
    { shape: [1, 8, 6, 3], begin: [0, 1, 0, 0], end: [1, 8, 6, 3], strides: [1, 2, 3, 1] },
    { shape: [2, 7, 5], begin: [0, 1, 2], end: [2, 7, 5], strides: [1, 3, 2] },
    { shape: [9], begin: [0], end: [9], strides: [2] },
    { shape: [9, 2], begin: [2, 0], end: [9, 2], strides: [4, 1] },
    { shape: [5, 4], begin: [4, 1], end: [5, 4], strides: [3, 1] },
    { shape: [3, 11, 2], begin: [1, 4, 0], end: [3, 11, 2], strides: [2, 3, 1] },
  ])("%j", async (cut) => {
    const { before, after, ops } = await apply(cut);
    expect(after).toEqual(before);
    expect(ops).not.toContain("tfl.strided_slice");
  });

  test("needs two ops where groups are whole", async () => {
    const { ops } = await apply({ shape: [1, 8, 6, 3], begin: [0, 1, 0, 0], end: [1, 8, 6, 3], strides: [1, 2, 2, 1] });
    expect(ops).toEqual(["tfl.reshape", "tfl.slice"]);
  });
  test("pads floats only", async () => {
    const cut = { shape: [5, 2], begin: [0, 0], end: [5, 2], strides: [2, 1] };
    expect((await apply(cut)).ops).toEqual(["tfl.pad", "tfl.reshape", "tfl.slice"]);
    expect((await apply(cut, "i64")).ops).toEqual(["tfl.strided_slice"]);
  });
  test("every cut of a small matrix", async () => {
    for (let n = 1; n <= 7; n++)
      for (let begin = 0; begin < n; begin++)
        for (let step = 2; step <= 4; step++) {
          const { before, after } = await apply({ shape: [n, 3], begin: [begin, 0], end: [n, 3], strides: [step, 1] });
          expect(after).toEqual(before);
        }
  });
  test("leaves plain slices alone", async () => {
    expect((await apply({ shape: [4, 3], begin: [1, 0], end: [4, 3], strides: [1, 1] })).ops).toEqual([
      "tfl.strided_slice",
    ]);
    expect(slice.name).toBe("tfl.slice");
  });
});

describe("merging", () => {
  const data = tensorData(
    "f32",
    [8, 9],
    Array.from({ length: 72 }, (_, i) => i),
  );
  test("a cut of a cut is one", async () => {
    const graph = new Module().graph("main");
    const x = graph.input(tensor("f32", [8, 9]));
    const r = new Rewriter(graph);
    const a = r.create(slice, { input: x }, { begin: [1, 2], size: [6, 7] }).result;
    const b = r.create(stridedSlice, { input: a }, { begin: [1, 0], end: [6, 7], strides: [2, 3] }).result;
    const c = r.create(slice, { input: b }, { begin: [0, 1], size: [2, -1] }).result;
    const d = r.create(slice, { input: a }, { begin: [3, 0], size: [1, -1] }).result;
    graph.outputs = [c, d];
    const before = await runGraph(graph, [data]);
    applyRules(graph, mergeSliceRules);
    expect(verifyGraph(graph)).toEqual([]);
    expect(await runGraph(graph, [data])).toEqual(before);
    expect([...graph.nodes].map((n) => [n.op.name, n.inputs[0] === x])).toEqual([
      ["tfl.strided_slice", true],
      ["tfl.slice", true],
    ]);
  });
  test("a symbolic axis that stays whole is left open", () => {
    const graph = new Module().graph("main");
    const x = graph.input(parseType("f32[s0,9]"));
    const r = new Rewriter(graph);
    const a = r.create(slice, { input: x }, { begin: [0, 2], size: [-1, 6] }).result;
    graph.outputs = [r.create(slice, { input: a }, { begin: [0, 1], size: [-1, 3] }).result];
    applyRules(graph, mergeSliceRules);
    const [node, ...rest] = [...graph.nodes];
    expect(rest).toEqual([]);
    expect(node!.attrs).toEqual({ begin: [0, 3], size: [-1, 3] });
  });
});
