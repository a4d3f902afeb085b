import { attr, defineOp, operand } from "@tflower/core";

/** The custom op by which LiteRT runs a partition on an NPU: byte code that its options find behind the file. */
export const dispatchOp = defineOp("tfl.custom.DISPATCH_OP", {
  summary: "Runs a partition that was compiled ahead of time.",
  operands: { inputs: operand.variadic(operand.tensor) },
  attrs: {
    /** Options as they are in the file, in base64; none in a file that is only partitioned. */
    options: attr.optional(attr.str).default_(undefined),
    /** The graph that it stands for. */
    partition: attr.str.default_(""),
  },
  traits: {
    tfl: {
      builtin: "CUSTOM",
      customCode: "DISPATCH_OP",
      rawOptions: "options",
      file: ["inputs"],
      parameters: {},
    },
  },
});
