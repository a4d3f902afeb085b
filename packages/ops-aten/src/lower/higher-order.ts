import { tfl } from "@tflower/backend-tflite";
import { defineLowering, type Node, reject } from "@tflower/core";
import * as ops from "../dialect/higher-order.ts";

const typesOf = (node: Node) => node.results.map((r) => r.type);

/** The branches stay graphs; they are lowered where they are. */
export const cond = defineLowering(ops.cond, ({ pred, operands }, { true_graph, false_graph }, emit, node) =>
  emit.all(
    tfl.ifOp,
    { condition: pred, inputs: operands },
    { then_subgraph_index: true_graph, else_subgraph_index: false_graph },
    typesOf(node as never),
  ),
);

export const whileLoop = defineLowering(
  ops.whileLoop,
  ({ carried, additional }, { cond_graph, body_graph }, emit, node) => {
    if (additional.length > 0)
      return reject("captures values; the pass settle-loops makes them carried ones, and has not run");
    return emit.all(
      tfl.whileOp,
      { inputs: carried },
      { cond_subgraph_index: cond_graph, body_subgraph_index: body_graph },
      typesOf(node as never),
    );
  },
);
