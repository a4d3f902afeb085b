import { attr, operand } from "@tflower/core";
import { defineTfl } from "./define-tfl.ts";

export const ifOp = defineTfl("IF", {
  summary: "Runs one of two graphs on the inputs. Types are given.",
  options: "IfOptions",
  operands: { condition: operand.bool, inputs: operand.variadic(operand.tensor) },
  attrs: { then_subgraph_index: attr.graph, else_subgraph_index: attr.graph },
  run: ({ condition, inputs }, { then_subgraph_index, else_subgraph_index }, call) =>
    call(condition.data[0] ? then_subgraph_index : else_subgraph_index, inputs),
});

export const whileOp = defineTfl("WHILE", {
  summary: "Replaces the inputs by what the body makes of them as long as the condition holds. Types are given.",
  options: "WhileOptions",
  operands: { inputs: operand.variadic(operand.tensor) },
  attrs: { cond_subgraph_index: attr.graph, body_subgraph_index: attr.graph },
  async run({ inputs }, { cond_subgraph_index, body_subgraph_index }, call) {
    let state = inputs;
    while ((await call(cond_subgraph_index, state))[0]!.data[0]) state = await call(body_subgraph_index, state);
    return state;
  },
});

export const stablehloCase = defineTfl("STABLEHLO_CASE", {
  summary: "Runs the graph that the index names on the inputs; an index outside names the last. Types are given.",
  options: "StablehloCaseOptions",
  operands: { index: operand.dtype("i32"), inputs: operand.variadic(operand.tensor) },
  attrs: { branch_subgraph_indices: attr.list(attr.graph) },
});
