import { defineLowering, type Emit, type Value } from "@tflower/core";
import * as aten from "../dialect/weight-norm.ts";
import { normOver } from "../emit/norm.ts";
import { div, mul } from "../emit/pointwise.ts";
import { axesBut } from "../semantics/reduce.ts";

const norms = (emit: Emit, v: Value, p: number, dim: number, keep: boolean): Value =>
  normOver(emit, v, p, axesBut(dim, v.type.shape.length), keep);

export const weightNorm = defineLowering(aten.weightNorm, ({ v, g }, { dim }, emit) =>
  mul(emit, v, div(emit, g, norms(emit, v, 2, dim, true))),
);
export const weightNormInterface = defineLowering(aten.weightNormInterface, ({ v, g }, { dim }, emit) => {
  const n = norms(emit, v, 2, dim, true);
  return [mul(emit, v, div(emit, g, n)), n];
});
export const normExceptDim = defineLowering(aten.normExceptDim, ({ v }, { pow, dim }, emit) =>
  norms(emit, v, pow, dim, dim !== -1),
);
