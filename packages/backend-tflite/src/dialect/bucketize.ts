import { attr, operand, tensor } from "@tflower/core";
import { mapUnary } from "../semantics/pointwise.ts";
import { defineTfl } from "./define-tfl.ts";

export const bucketize = defineTfl("BUCKETIZE", {
  summary: "How many boundaries, which rise, are not above the element.",
  options: "BucketizeOptions",
  operands: { input: operand.dtype("f32", "f64", "i32", "i64") },
  attrs: { boundaries: attr.floats },
  traits: { elementwise: true },
  infer: ({ input }) => tensor("i32", input.shape),
  evaluate({ input }, { boundaries }, [type]) {
    const bounds = boundaries.map(Math.fround);
    const place = (x: number | bigint): number => bounds.filter((b) => !(x < b)).length;
    if (input.data instanceof BigInt64Array) {
      const out = Int32Array.from(input.data, (x) => place(x) as never);
      return { type: tensor("i32", input.type.shape) as never, data: out };
    }
    return mapUnary(type!, input, { float: place, int: place });
  },
});
