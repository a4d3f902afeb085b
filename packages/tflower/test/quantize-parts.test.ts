import * as tfl from "@tflower/backend-tflite/dialect";
import {
  CompileError,
  dataConstant,
  encode,
  Module,
  memorySource,
  Rewriter,
  type TensorData,
  tensor,
  tensorData,
} from "@tflower/core";
import { fits } from "@tflower/quantize";
import { describe, expect, test } from "vitest";
import { createCompiler } from "../src/create-compiler.ts";
import { asCodes } from "../src/quantize/as-codes.ts";
import { countRight, evaluationSet } from "../src/quantize/evaluation-set.ts";
import { costOf } from "../src/quantize/layer-cost.ts";
import { groupLayers, quantizedNodes } from "../src/quantize/layer-groups.ts";
import { ClosenessSum, qualityOf } from "../src/quantize/quality.ts";
import { writeSafetensors } from "../src/safetensors/safetensors.ts";
import { openSafetensors } from "../src/safetensors/safetensors-file.ts";

/** Layers of 16 by 16 in these modules, one behind the other. */
function chain(...modules: readonly string[]): Module {
  const module = new Module();
  const graph = module.graph("main");
  module.signatures = [{ key: "serving_default", graph: "main" }];
  const r = new Rewriter(graph);
  let x = graph.input(tensor("f32", [1, 16]), "x");
  for (const [k, path] of modules.entries()) {
    const filter = r.constant(
      dataConstant(
        tensorData(
          "f32",
          [16, 16],
          Array.from({ length: 256 }, (_, i) => Math.sin(i + k)),
        ),
      ),
    );
    const locations = [{ id: `linear_${k}`, ...(path !== "" && { module: path }) }];
    x = r.create(tfl.fullyConnected, { input: x, filter }, {}, { locations }).results[0]!;
  }
  graph.outputs = [x];
  return module;
}
const compiler = createCompiler({ quantize: true });
const groupsOf = (module: Module, most: number) =>
  groupLayers(quantizedNodes(module, { scheme: "int8" }, compiler), most);

describe("groups of layers", () => {
  const blocks = chain(
    "emb",
    "layers.0.attn.q",
    "layers.0.attn.o",
    "layers.0.mlp",
    "layers.1.attn.q",
    "layers.1.mlp",
    "layers.1",
    "head",
  );
  test("are modules, as deep as the number allows", () => {
    expect(groupsOf(blocks, 3).map((g) => g.name)).toEqual(["emb", "layers", "head"]);
    expect(groupsOf(blocks, 5).map((g) => g.name)).toEqual(["layers.0", "layers.1", "emb itself", "head itself"]);
    expect(groupsOf(blocks, 7).map((g) => g.name)).toEqual([
      "layers.0.attn",
      "layers.0.mlp",
      "layers.1.attn",
      "layers.1.mlp",
      "emb itself",
      "layers.1 itself",
      "head itself",
    ]);
  });
  test("hold every op once, and are selected by rules that fit no other group's", () => {
    for (const most of [1, 3, 5, 7, 9]) {
      const groups = groupsOf(blocks, most);
      const all = groups.flatMap((g) => g.nodes);
      expect(all).toHaveLength(8);
      expect(new Set(all).size).toBe(8);
      for (const g of groups) expect(all.filter((n) => fits(g.selector, n))).toEqual(g.nodes);
    }
  });
  test("come apart into smaller ones, down to single ops", () => {
    const [, layers] = groupsOf(blocks, 3);
    expect(layers!.parts().map((g) => g.name)).toEqual(["layers.0", "layers.1"]);
    const first = layers!.parts()[0]!;
    expect(first.parts().map((g) => [g.name, g.nodes.length])).toEqual([
      ["layers.0.attn", 2],
      ["layers.0.mlp", 1],
    ]);
    expect(first.parts()[1]!.parts()).toEqual([]);
    // nothing is known of modules: ops by the names of their results
    const [plain] = groupsOf(chain("", "", ""), 1);
    expect(plain!.parts().map((g) => g.selector)).toEqual([
      { tensor: "^(linear_0)$" },
      { tensor: "^(linear_1)$" },
      { tensor: "^(linear_2)$" },
    ]);
  });
  test("cost what kernels take for them", () => {
    const nodes = [...blocks.graphs[0]!.nodes];
    const cost = (choice: Parameters<typeof costOf>[1]) => costOf(nodes, choice);
    const float = cost(() => "float");
    expect(float).toEqual({ time: 8 * 256, bytes: 8 * 1024 });
    expect(cost(() => "int8").bytes).toBe(float.bytes / 4);
    expect(cost(() => "int4").bytes).toBe(float.bytes / 8);
    expect(cost(() => "fp16")).toEqual({ time: float.time, bytes: float.bytes / 2 });
    expect(cost(() => "int8").time).toBeLessThan(cost(() => "dynamic-int8").time);
    expect(cost(() => "int16x8").time).toBeGreaterThan(float.time);
  });
});

describe("closeness", () => {
  test("is signal to noise, cosine and the largest difference", () => {
    const sum = new ClosenessSum();
    sum.add([3, 4], [3, 4.5]);
    sum.add([0, Number.NEGATIVE_INFINITY], [0, Number.NEGATIVE_INFINITY]);
    expect(sum.result.snr).toBeCloseTo(10 * Math.log10(25 / 0.25), 9);
    expect(sum.result.cosine).toBeCloseTo((9 + 18) / (5 * Math.hypot(3, 4.5)), 9);
    expect(sum.result.maxAbs).toBe(0.5);
    expect(new ClosenessSum().result).toEqual({ snr: Number.POSITIVE_INFINITY, cosine: 1, maxAbs: 0 });
  });
  test.each([
    [
      [1, 2],
      [1, Number.NaN],
    ],
    [
      [1, Number.POSITIVE_INFINITY],
      [1, 2],
    ],
    [[1, 2], [1]],
  ])("of %j and %j is none", (want, got) => {
    const sum = new ClosenessSum();
    sum.add(want, got);
    expect(sum.result.snr).toBe(Number.NEGATIVE_INFINITY);
  });
  test("of a program is that of its worst output of reals", () => {
    const graph = new Module().graph("main");
    const f = graph.input(tensor("f32", [2]));
    const i = graph.input(tensor("i32", [1]));
    graph.outputs = [f, i, f];
    graph.outputNames = ["a", "b", "c"];
    const give = (a: readonly number[], b: number, c: readonly number[]): TensorData[] => [
      tensorData("f32", [2], a),
      tensorData("i32", [1], [b]),
      tensorData("f32", [2], c),
    ];
    const q = qualityOf(graph, [give([1, 2], 3, [1, 1])], [give([1, 2], 4, [1, 1.5])], [tensorData("i64", [], [1])]);
    expect(q.outputs.map((o) => o.name)).toEqual(["a", "c"]);
    expect(q.snr).toBeCloseTo(10 * Math.log10(2 / 0.25), 9);
    expect(q.accuracy).toBe(1);
  });
});

describe("labels", () => {
  test("are classes along the last axis, or axis 1", () => {
    expect(countRight([0.1, 0.9, 0.8, 0.2], [2, 2], tensorData("i64", [2], [1, 1]))).toEqual([1, 2]);
    // two classes of three places
    expect(countRight([5, 0, 1, 4, 2, 3], [1, 2, 3], tensorData("i32", [1, 3], [0, 1, 1]))).toEqual([3, 3]);
    expect(() => countRight([1, 2, 3], [1, 3], tensorData("i64", [2], [0, 1]))).toThrow(/QNT0013.*there are 2 labels/s);
  });
  const write = async (tensors: Readonly<Record<string, TensorData>>) => {
    const raw = Object.entries(tensors).map(
      ([k, t]) => [k, { dtype: t.type.dtype, shape: t.type.shape, bytes: encode(t) }] as const,
    );
    return openSafetensors(memorySource("data", writeSafetensors(new Map(raw))));
  };
  const row = (n: number): TensorData =>
    tensorData(
      "f32",
      [1, 16],
      Array.from({ length: 16 }, (_, i) => i + n),
    );
  test("are read with the samples they belong to, spread over the file", async () => {
    const graph = chain("a").graphs[0]!;
    const tensors: Record<string, TensorData> = {};
    for (let n = 0; n < 9; n++) {
      tensors[`calib.${n}.in.0`] = row(n);
      tensors[`calib.${n}.label.0`] = tensorData("i64", [1], [n]);
    }
    const set = await evaluationSet(await write(tensors), graph, 3);
    expect(set.samples.map(([t]) => (t!.data as Float32Array)[0])).toEqual([0, 3, 6]);
    expect(set.labels!.map((t) => Number(t.data[0]))).toEqual([0, 3, 6]);
    const { labels } = await evaluationSet(await write({ "calib.0.in.0": row(0) }), graph, 3);
    expect(labels).toBeUndefined();
  });
  test("that are missing, or are no integers, are named", async () => {
    const graph = chain("a").graphs[0]!;
    const file = await write({
      "calib.0.in.0": row(0),
      "calib.0.label.0": tensorData("f32", [1], [1]),
      "calib.1.in.0": row(1),
    });
    const e = await evaluationSet(file, graph, 8).catch((x: unknown) => x);
    expect(e).toBeInstanceOf(CompileError);
    expect((e as CompileError).diagnostics.map((d) => d.message)).toEqual([
      "data: calib.0.label.0: expected integers, got f32[1]",
      "data: other samples have labels, and there is no calib.1.label.0",
    ]);
  });
});

test("reals become an input's codes", () => {
  const type = tensor("i8", [4], { scales: [0.5], zeroPoints: [10] });
  const codes = asCodes(tensorData("f32", [4], [0, 1.2, -200, 1e9]), type);
  expect([...codes.data]).toEqual([10, 12, -128, 127]);
  const floats = tensorData("f32", [1], [2]);
  expect(asCodes(floats, tensor("f32", [1]))).toBe(floats);
});
