import { tfl } from "@tflower/backend-tflite";
import { type Dim, defineLowering, type Emit, type Value } from "@tflower/core";
import { clamp } from "../dialect/clamp.ts";
import * as aten from "../dialect/covariance.ts";
import { diagonal } from "../dialect/diagonal.ts";
import { floatDim, numberLike } from "../emit/compute.ts";
import { convertTo } from "../emit/convert.ts";
import { matmulOf } from "../emit/matmul.ts";
import { atLeast, div, mul, sub, times } from "../emit/pointwise.ts";
import { reshapeTo } from "../emit/rearrange.ts";
import { sumOver } from "../emit/reduce.ts";
import { variables } from "../semantics/covariance.ts";
import { floatResult } from "../semantics/promote.ts";

interface Operands {
  readonly self: Value;
  readonly fweights?: Value | undefined;
  readonly aweights?: Value | undefined;
}
/** Covariances as a matrix, also of one variable. */
function covariances(emit: Emit, { self, fweights, aweights }: Operands, correction: number): Value {
  const dtype = floatResult(self.type.dtype);
  const { shape } = self.type;
  const count: Dim = shape.at(-1) ?? 1;
  const x = reshapeTo(emit, convertTo(emit, self, dtype), [shape.length === 2 ? shape[0]! : 1, count]);
  const [f, a] = [fweights, aweights].map((w) => w && reshapeTo(emit, convertTo(emit, w, dtype), [1, count]));
  const weights = f && a ? mul(emit, f, a) : (f ?? a);
  const weighted = (v: Value): Value => (weights ? mul(emit, v, weights) : v);
  const total = weights ? sumOver(emit, weights, [0, 1], false) : floatDim(emit, count);
  const mean = div(emit, sumOver(emit, weighted(x), [1], true), total);
  const centred = sub(emit, x, mean);
  const one = numberLike(emit, x, correction);
  const taken =
    a && correction !== 0
      ? div(emit, times(emit, sumOver(emit, mul(emit, weights!, a), [0, 1], false), correction), total)
      : one;
  const factor = atLeast(emit, sub(emit, total, taken), numberLike(emit, x, 0));
  return div(emit, matmulOf(emit, centred, weighted(centred), true), factor);
}
export const cov = defineLowering(aten.cov, (t, { correction }, emit) =>
  reshapeTo(emit, covariances(emit, t, correction), variables(t.self.type)),
);
export const corrcoef = defineLowering(aten.corrcoef, ({ self }, _, emit) => {
  const c = covariances(emit, { self }, 1);
  const n = c.type.shape[0]!;
  const deviations = emit(tfl.sqrt, { input: emit(diagonal, { self: c }) });
  const unit = div(emit, div(emit, c, reshapeTo(emit, deviations, [n, 1])), reshapeTo(emit, deviations, [1, n]));
  return reshapeTo(emit, emit(clamp, { self: unit }, { min: -1, max: 1 }), variables(self.type));
});
