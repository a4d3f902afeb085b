import { type Attr, attr, type Dim, defineOp, isStatic, scalarData, showDim, tensor } from "@tflower/core";

/** A size as a tensor of rank 0, where a program computes with one: `x * x.shape[0]`. */
export const dim = defineOp("core.dim", {
  summary: "A size of the program as an int64 of rank 0.",
  operands: {},
  attrs: { expr: attr.dim as Attr<Dim, false> },
  infer: () => tensor("i64", []),
  evaluate(_, { expr }) {
    if (!isStatic(expr)) throw new RangeError(`the size ${showDim(expr)} is known only when the program runs`);
    return scalarData("i64", expr);
  },
});
