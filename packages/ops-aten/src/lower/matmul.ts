import { defineLowering, isComplex, reject } from "@tflower/core";
import * as aten from "../dialect/matmul.ts";
import { generalMatmul, linearOf } from "../emit/matmul.ts";

export const linear = defineLowering(aten.linear, ({ input, weight, bias }, _, emit) =>
  isComplex(input.type.dtype) ? reject("has no lowering for complex numbers") : linearOf(emit, input, weight, bias),
);
export const mm = defineLowering(aten.mm, ({ self, mat2 }, _, emit) => generalMatmul(emit, self, mat2));
export const bmm = defineLowering(aten.bmm, ({ self, mat2 }, _, emit) => generalMatmul(emit, self, mat2));
export const matmul = defineLowering(aten.matmul, ({ self, other }, _, emit) => generalMatmul(emit, self, other));
export const linalgMatmul = defineLowering(aten.linalgMatmul, ({ self, other }, _, emit) =>
  generalMatmul(emit, self, other),
);
export const mv = defineLowering(aten.mv, ({ self, vec }, _, emit) => generalMatmul(emit, self, vec));
export const dot = defineLowering(aten.dot, ({ self, tensor }, _, emit) => generalMatmul(emit, self, tensor));
export const vdot = defineLowering(aten.vdot, ({ self, other }, _, emit) => generalMatmul(emit, self, other));
