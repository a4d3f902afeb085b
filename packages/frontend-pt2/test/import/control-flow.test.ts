import { inlineGraphs, printModule, runPasses } from "@tflower/core";
import { expect, test } from "vitest";
import { imported, newCompiler } from "../support/imported.ts";

test("bodies of loops and branches become graphs, each with its inputs", async () => {
  const { module } = await imported("loops-and-branches");
  expect(printModule(module, { locations: false })).toMatchInlineSnapshot(`
    "signature "serving_default" = @main
    graph @main(%x: f32[2,3], %count: i64[]) {
      %zeros = aten.zeros() {size = [], dtype = "i64", device = "cpu", pin_memory = false} : i64[]
      %fc.bias = const [0.1527741253376007, -0.1744827926158905, -0.11348707973957062] : f32[3]
      %fc.weight = const ... : f32[3,3]
      %getitem, %getitem_1 = higher_order.while_loop((%zeros, %x), (%count, %fc.bias, %fc.weight)) {cond_graph = @while_loop_cond_graph_0, body_graph = @while_loop_body_graph_0} : i64[], f32[2,3]
      %sum_1 = aten.sum(%getitem_1) : f32[]
      %gt = aten.gt.Scalar(%sum_1) {other = 0} : bool[]
      %getitem_2 = higher_order.cond(%gt, (%getitem_1, %fc.bias, %fc.weight)) {true_graph = @true_graph_0, false_graph = @false_graph_0_1} : f32[2,3]
      return %getitem_2 as "output_0", %getitem as "output_1"
    }
    graph @while_loop_cond_graph_0(%arg0_1: i64[], %arg1_1: f32[2,3], %arg2_1: i64[], %arg3_1: f32[3], %arg4_1: f32[3,3]) {
      %lt = aten.lt.Tensor(%arg0_1, %arg2_1) : bool[]
      return %lt
    }
    graph @while_loop_body_graph_0(%arg0_1: i64[], %arg1_1: f32[2,3], %arg2_1: i64[], %arg3_1: f32[3], %arg4_1: f32[3,3]) {
      %c0 = const [1] : i64[]
      %add = aten.add.Tensor(%arg0_1, %c0) : i64[]
      %linear = aten.linear(%arg1_1, %arg4_1, %arg3_1) : f32[2,3]
      return %add, %linear
    }
    graph @true_graph_0(%getitem_1: f32[2,3], %p_fc_bias: f32[3], %p_fc_weight: f32[3,3]) {
      %sum_1 = aten.sum(%getitem_1) : f32[]
      %gt = aten.gt.Scalar(%sum_1) {other = 5} : bool[]
      %getitem = higher_order.cond(%gt, (%getitem_1)) {true_graph = @true_graph_0_1, false_graph = @false_graph_0} : f32[2,3]
      return %getitem
    }
    graph @true_graph_0_1(%getitem_1: f32[2,3]) {
      %c0 = const [2.0] : f32[]
      %mul = aten.mul.Tensor(%getitem_1, %c0) : f32[2,3]
      return %mul
    }
    graph @false_graph_0(%getitem_1: f32[2,3]) {
      %neg = aten.neg(%getitem_1) : f32[2,3]
      return %neg
    }
    graph @false_graph_0_1(%getitem_1: f32[2,3], %p_fc_bias: f32[3], %p_fc_weight: f32[3,3]) {
      %linear = aten.linear(%getitem_1, %p_fc_weight, %p_fc_bias) : f32[2,3]
      return %linear
    }
    "
  `);
});

test("a size that a branch captures is an int64 input of its graphs", async () => {
  const { module } = await imported("branch-with-size");
  expect(printModule(module, { locations: false })).toMatchInlineSnapshot(`
    "symbol s33 in 2..100
    signature "serving_default" = @main
    graph @main(%args_0: f32[s33,3]) {
      %sum_1 = aten.sum(%args_0) : f32[]
      %gt = aten.gt.Scalar(%sum_1) {other = 0} : bool[]
      %0 = core.dim() {expr = (s33)} : i64[]
      %getitem = higher_order.cond(%gt, (%args_0, %0)) {true_graph = @true_graph_0, false_graph = @false_graph_0} : f32[s33,3]
      return %getitem as "output"
    }
    graph @true_graph_0(%args_0: f32[s33,3], %sym_size_int_1: i64[]) {
      %0 = aten._to_copy(%sym_size_int_1) {dtype = "f32"} : f32[]
      %add = aten.add.Tensor(%args_0, %0) : f32[s33,3]
      return %add
    }
    graph @false_graph_0(%args_0: f32[s33,3], %sym_size_int_1: i64[]) {
      %c0 = const [1.0] : f32[]
      %sub = aten.sub.Tensor(%args_0, %c0) : f32[s33,3]
      return %sub
    }
    "
  `);
});

test("a block without gradients is inlined, blocks within it too", async () => {
  const { module, graph } = await imported("no-grad");
  expect(module.graphs.length).toBeGreaterThan(1);
  await runPasses(module, [inlineGraphs()], newCompiler());
  expect(module.graphs).toEqual([graph]);
  expect([...graph.nodes].map((n) => n.op.name)).toEqual(["aten.mul.Tensor", "aten.add.Tensor"]);
});
