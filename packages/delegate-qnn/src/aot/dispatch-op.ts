import { attr, defineOp, operand } from "@tflower/core";

const common = {
  operands: { inputs: operand.variadic(operand.tensor) },
  traits: {
    tfl: {
      builtin: "CUSTOM",
      customCode: "DISPATCH_OP",
      rawOptions: "options",
      file: ["inputs"],
      parameters: {},
    },
  },
} as const;

/** Stands for a partition that is not compiled yet: a graph of the same module. It has no options in the file. */
export const dispatchOp = defineOp("tfl.custom.DISPATCH_OP", {
  ...common,
  summary: "Runs a partition, which is to be compiled ahead of time.",
  attrs: { partition: attr.graph, options: attr.optional(attr.str).default_(undefined) },
});

/** The custom op by which LiteRT runs a partition on an NPU: byte code that its options find behind the file. */
export const compiledDispatchOp = defineOp("tfl.custom.DISPATCH_OP", {
  ...common,
  summary: "Runs a partition that was compiled ahead of time.",
  attrs: {
    /** Options as they are in the file, in base64. */
    options: attr.str,
    /** Name of the graph in the byte code. */
    partition: attr.str,
  },
});
