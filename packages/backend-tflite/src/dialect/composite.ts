import { attr, operand } from "@tflower/core";
import { defineTfl } from "./define-tfl.ts";

export const stablehloComposite = defineTfl("STABLEHLO_COMPOSITE", {
  summary: "Runs a graph that a delegate may know a faster form of by its name. Types are given.",
  options: "StableHLOCompositeOptions",
  operands: { inputs: operand.variadic(operand.tensor) },
  attrs: {
    name: attr.str,
    decomposition_subgraph_index: attr.graph,
    /** Pairs of name and value, packed as a FlexBuffer map. */
    composite_attributes: attr.list(attr.raw).default_([]),
    version: attr.int.default_(1),
  },
  traits: { wraps: { graph: "decomposition_subgraph_index", operands: "inputs", named: true } },
  run: ({ inputs }, { decomposition_subgraph_index }, call) => call(decomposition_subgraph_index, inputs),
});
