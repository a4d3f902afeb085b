import { type Emit, type OpDef, reject, type Value } from "@tflower/core";
import * as addMatmul from "../dialect/add-matmul.ts";
import * as convolution from "../dialect/convolution.ts";
import { einsum } from "../dialect/einsum.ts";
import * as matmul from "../dialect/matmul.ts";
import { reshape } from "../dialect/reshape.ts";
import { bilinear, conjugate, eachPart, pairOf, sum } from "./numbers.ts";
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

/** A convolution is linear in its input and in its weights; the bias goes to every place. */
function convolutionRule(op: OpDef<any, any, any>): ComplexRule {
  return complexRule(op, (operands, attrs, emit) => {
    const { input, weight, bias } = operands as {
      readonly input: Part;
      readonly weight: Part;
      readonly bias: Part | undefined;
    };
    const out = bilinear(emit, input, weight, (x, w) => emit(op, { input: x, weight: w } as never, attrs as never));
    if (!bias) return out;
    const rank = (isPair(weight) ? weight.re : weight).type.shape.length - 2;
    const spread = (self: Value): Value =>
      emit(reshape, { self }, { shape: [self.type.shape[0]!, ...new Array<number>(rank).fill(1)] });
    return sum(emit, out, isPair(bias) ? eachPart(bias, spread) : spread(bias));
  });
}

export const productRules: readonly ComplexRule[] = [
  ...[
    convolution.conv1d,
    convolution.conv2d,
    convolution.conv3d,
    convolution.convolution,
    convolution.conv1dPadding,
    convolution.conv2dPadding,
    convolution.conv3dPadding,
    convolution.convTranspose1d,
    convolution.convTranspose2dInput,
    convolution.convTranspose3dInput,
  ].map((op) => convolutionRule(op)),
  ...[
    matmul.mm,
    matmul.bmm,
    matmul.matmul,
    matmul.linalgMatmul,
    matmul.mv,
    matmul.dot,
    addMatmul.outer,
    addMatmul.ger,
  ].map((op) => productRule(op)),
  complexRule(matmul.vdot, ({ self, other }, _, emit) =>
    bilinear(emit, isPair(self) ? conjugate(emit, self) : self, other, (x, y) =>
      emit(matmul.dot, { self: x, tensor: y }),
    ),
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
