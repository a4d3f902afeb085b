import { type Emit, type OpDef, reject, type Value } from "@tflower/core";
import * as addMatmul from "../dialect/add-matmul.ts";
import { einsum } from "../dialect/einsum.ts";
import * as matmul from "../dialect/matmul.ts";
import { bilinear, conjugate, pairOf, sum } from "./numbers.ts";
import { type ComplexRule, complexRule, isPair, type Part } from "./rule.ts";

/** A product of two operands: four real ones, or two where one operand is real. */
function productRule(op: OpDef<any, any, any>): ComplexRule {
  const [first, second] = Object.keys(op.operands as object) as [string, string];
  return complexRule(op, (operands, attrs, emit) => {
    const { [first]: a, [second]: b } = operands as Record<string, Part>;
    return bilinear(emit, a!, b!, (x, y) => emit(op, { [first]: x, [second]: y } as never, attrs as never));
  });
}
const linear = (emit: Emit, input: Value, weight: Value): Value => emit(matmul.linear, { input, weight });

export const productRules: readonly ComplexRule[] = [
  ...[matmul.mm, matmul.bmm, matmul.matmul, matmul.linalgMatmul, matmul.mv, matmul.dot, addMatmul.outer, addMatmul.ger].map((op) => productRule(op)),
  complexRule(matmul.vdot, ({ self, other }, _, emit) =>
    bilinear(emit, isPair(self) ? conjugate(emit, self) : self, other, (x, y) => emit(matmul.dot, { self: x, tensor: y })),
  ),
  complexRule(matmul.linear, ({ input, weight, bias }, _, emit) => {
    const out = bilinear(emit, input, weight, (x, y) => linear(emit, x, y));
    return bias ? sum(emit, out, bias) : out;
  }),
  complexRule(einsum, ({ tensors }, attrs, emit) => {
    if (tensors.length === 1) {
      const p = pairOf(emit, tensors[0]!);
      const one = (v: Value): Value => emit(einsum, { tensors: [v] }, attrs);
      return { re: one(p.re), im: one(p.im) };
    }
    if (tensors.length !== 2) return reject(`sums products of two complex tensors, got ${tensors.length}`);
    return bilinear(emit, tensors[0]!, tensors[1]!, (x, y) => emit(einsum, { tensors: [x, y] }, attrs));
  }),
];
