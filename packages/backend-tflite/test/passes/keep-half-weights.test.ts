import {
  appliedConstant,
  Compiler,
  type Constant,
  dataConstant,
  defineOp,
  Module,
  operand,
  Rewriter,
  runGraph,
  runPasses,
  tensor,
  tensorData,
  withDType,
} from "@tflower/core";
import { expect, test } from "vitest";
import * as tfl from "../../src/dialect/index.ts";
import { keepHalfWeights } from "../../src/passes/keep-half-weights.ts";

const widen = defineOp("test.widen", {
  summary: "float16 as float32.",
  operands: { x: operand.tensor },
  traits: { elementwise: true, converts: true },
  infer: ({ x }) => withDType(x, "f32"),
  evaluate: ({ x }) => ({ type: withDType(x.type, "f32") as typeof x.type, data: x.data }),
});
/** `rows` x `columns` halves, as a float32 constant. */
function weights(rows: number, columns: number): Constant {
  const values = Array.from({ length: rows * columns }, (_, i) => ((i * 37) % 512) / 64 - 4);
  return appliedConstant(
    widen,
    { x: dataConstant(tensorData("f16", [rows, columns], values)) },
    {},
    tensor("f32", [rows, columns]),
  );
}
async function run(module: Module) {
  const compiler = new Compiler();
  const input = tensorData(
    "f32",
    [2, 64],
    Array.from({ length: 128 }, (_, i) => (i % 11) - 5),
  );
  const ids = tensorData("i32", [3], [5, 0, 63]);
  const inputs = module.graphs[0]!.inputs.map((v) => (v.type.dtype === "i32" ? ids : input));
  const before = await runGraph(module.graphs[0]!, inputs);
  await runPasses(module, [keepHalfWeights()], compiler);
  const after = await runGraph(module.graphs[0]!, inputs);
  expect(after).toEqual(before);
  return Array.from(module.graphs[0]!.nodes).map((n) => n.op.name);
}
function program(build: (rewriter: Rewriter, module: Module) => void): Module {
  const module = new Module();
  module.graph("main");
  build(new Rewriter(module.graphs[0]!), module);
  return module;
}

test("a matrix that is made of halves stays so, through transposes, and is unpacked once for all that read it", async () => {
  const module = program((r, m) => {
    const graph = m.graphs[0]!;
    const x = graph.input(tensor("f32", [2, 64]), "x");
    const w = weights(64, 64);
    const turned = appliedConstant(tfl.transpose, { input: w }, { perm: [1, 0] }, tensor("f32", [64, 64]));
    const filter = r.constant(turned, "w");
    const again = r.constant(turned, "w2");
    const y = r.create(tfl.fullyConnected, { input: x, filter, bias: undefined }, {}).results[0]!;
    graph.outputs = r.create(tfl.fullyConnected, { input: y, filter: again, bias: undefined }, {}).results;
  });
  expect(await run(module)).toEqual(["tfl.dequantize", "tfl.fully_connected", "tfl.fully_connected"]);
  expect(module.graphs[0]!.first!.inputs[0]!.type.dtype).toBe("f16");
});

test("of a table the rows are looked up as halves", async () => {
  const module = program((r, m) => {
    const graph = m.graphs[0]!;
    const ids = graph.input(tensor("i32", [3]), "ids");
    graph.outputs = r.create(
      tfl.gather,
      { params: r.constant(weights(64, 64), "t"), indices: ids },
      { axis: 0 },
    ).results;
  });
  expect(await run(module)).toEqual(["tfl.gather", "tfl.cast"]);
});

test("what was computed with, is small, or was never half stays as it is", async () => {
  const module = program((r, m) => {
    const graph = m.graphs[0]!;
    const x = graph.input(tensor("f32", [2, 64]), "x");
    const two = dataConstant(tensorData("f32", [], [2]));
    const doubled = appliedConstant(tfl.maximum, { lhs: weights(64, 64), rhs: two }, {}, tensor("f32", [64, 64]));
    const linear = (input: typeof x, c: Constant) =>
      r.create(tfl.fullyConnected, { input, filter: r.constant(c, "w"), bias: undefined }, {}).results[0]!;
    const plain = dataConstant(tensorData("f32", [64, 64], new Float32Array(4096).fill(0.1)));
    graph.outputs = [linear(linear(linear(x, doubled), plain), weights(8, 64))];
  });
  expect(await run(module)).toEqual(["tfl.fully_connected", "tfl.fully_connected", "tfl.fully_connected"]);
});
