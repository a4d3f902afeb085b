import { tflitePlugin } from "@tflower/backend-tflite";
import { Compiler, Module, Rewriter, runPasses, scalarData, tensor, tensorData } from "@tflower/core";
import { expect, test } from "vitest";
import { aten, atenPlugin, dropAsserts } from "../src/index.ts";
import { lowered } from "./lowered.ts";

const x = tensorData("f32", [3], [1, 2, 3]);
const why = async (a: Parameters<typeof lowered>[0]): Promise<string> => {
  const out = await lowered(a);
  return "refused" in out ? out.refused.map((d) => (d.notes ?? []).join()).join() : "lowered";
};

test("random ops say why", async () => {
  expect(await why({ op: aten.rand, operands: {}, attrs: { size: [2] } })).toContain("is random");
  expect(await why({ op: aten.bernoulliP, operands: { self: x }, attrs: { p: 0.5 } })).toContain("is random");
  expect(await why({ op: aten.dropout, operands: { input: x }, attrs: { p: 0.5, train: true } })).toContain(
    "training mode",
  );
  expect(await why({ op: aten.rrelu, operands: { self: x }, attrs: { training: true } })).toContain("training mode");
});
test("what has no form says so", async () => {
  expect(await why({ op: aten.polygamma, operands: { self: x }, attrs: { n: 2 } })).toContain("zeta function");
  expect(await why({ op: aten.elu, operands: { self: x }, attrs: { input_scale: -1n } })).toContain(
    "input_scale above zero",
  );
  expect(await why({ op: aten.floatPowerTensorScalar, operands: { self: x }, attrs: { exponent: 2n } })).toContain(
    "float64",
  );
});

/** A program that asserts that its input is not zero, and gives one that depends on it. */
function asserting() {
  const module = new Module();
  const graph = module.graph("main");
  const rewriter = new Rewriter(graph);
  const self = graph.input(tensor("bool", []));
  const token = graph.input(tensor("f32", [0]));
  rewriter.create(aten.assertAsync, { self });
  graph.outputs = [
    rewriter.create(aten.functionalAssertAsyncMsg, { self, dep_token: token }, { assert_msg: "must hold" }).result,
  ];
  return { module, graph, token };
}
test("assertions on data go with a warning", async () => {
  const { module, graph, token } = asserting();
  const compiler = new Compiler().use(tflitePlugin(), atenPlugin());
  const said: string[] = [];
  compiler.hooks.diagnostic.tap("test", (d) => void said.push(`${d.severity} ${d.code} ${d.message}`));
  await runPasses(module, [dropAsserts()], compiler);
  expect([...graph.nodes]).toEqual([]);
  expect(graph.outputs).toEqual([token]);
  expect(said).toEqual([expect.stringContaining("warning AST0001"), expect.stringContaining('("must hold")')]);
});
test("strictly, they are errors", async () => {
  const { module } = asserting();
  await expect(runPasses(module, [dropAsserts({ strict: true })], new Compiler())).rejects.toThrow("AST0001");
});
test("assertions on types must agree with them", () => {
  const { infer } = aten.assertTensorMetadata;
  const say = (dtype: "f32" | "i64", size: readonly number[]) =>
    infer!({ a: tensor("f32", [3]) }, { size, stride: undefined, dtype, device: undefined, layout: undefined });
  expect(say("f32", [3])).toEqual([]);
  expect(() => say("i64", [3])).toThrow("expects i64 elements");
  expect(() => say("f32", [4])).toThrow("expects f32[4]");
});
test("constants stay constants", async () => {
  const out = await lowered({
    op: aten.addTensor,
    operands: { self: x, other: scalarData("i64", 2) },
    constants: ["other"],
  });
  expect("text" in out && out.text).not.toContain("tfl.cast");
});
