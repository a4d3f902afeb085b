import { tfl } from "@tflower/backend-tflite";
import { type DType, defineLowering, type Emit, type Value } from "@tflower/core";
import * as aten from "../dialect/softmax.ts";
import { numberLike } from "../emit/compute.ts";
import { select } from "../emit/pointwise.ts";
import { castTo } from "../emit/rearrange.ts";
import { extremeOver } from "../emit/reduce.ts";
import { logSoftmaxOver, softmaxOver } from "../emit/softmax.ts";
import { axisOf } from "../semantics/axes.ts";

interface Self {
  readonly self: Value;
}
interface IntAttrs {
  readonly dim: number;
  readonly dtype: DType | undefined;
}
interface HalfAttrs {
  readonly dim: number;
  readonly half_to_float: boolean;
}
const axisIn = (x: Value, dim: number): number => axisOf(dim, x.type.shape.length);
const soft = ({ self }: Self, { dim, dtype }: IntAttrs, emit: Emit): Value =>
  softmaxOver(emit, castTo(emit, self, dtype ?? self.type.dtype), axisIn(self, dim));
const logSoft = ({ self }: Self, { dim, dtype }: IntAttrs, emit: Emit): Value =>
  logSoftmaxOver(emit, castTo(emit, self, dtype ?? self.type.dtype), axisIn(self, dim));
const widened = (emit: Emit, x: Value, half: boolean): Value => (half ? castTo(emit, x, "f32") : x);

export const softmaxInt = defineLowering(aten.softmaxInt, soft);
export const specialSoftmax = defineLowering(aten.specialSoftmax, soft);
export const softmax = defineLowering(aten.softmax, ({ self }: Self, { dim, half_to_float }: HalfAttrs, emit) =>
  softmaxOver(emit, widened(emit, self, half_to_float), axisIn(self, dim)),
);
export const logSoftmaxInt = defineLowering(aten.logSoftmaxInt, logSoft);
export const specialLogSoftmax = defineLowering(aten.specialLogSoftmax, logSoft);
export const logSoftmax = defineLowering(aten.logSoftmax, ({ self }: Self, { dim, half_to_float }: HalfAttrs, emit) =>
  logSoftmaxOver(emit, widened(emit, self, half_to_float), axisIn(self, dim)),
);

export const safeSoftmax = defineLowering(aten.safeSoftmax, ({ self }, { dim, dtype }, emit) => {
  const x = castTo(emit, self, dtype ?? self.type.dtype);
  const axis = axisIn(x, dim);
  const soft = softmaxOver(emit, x, axis);
  if (x.type.shape.some((d) => d === 0)) return soft;
  const top = extremeOver(emit, "max", x, x.type.shape.length ? [axis] : [], true);
  const masked = emit(tfl.equal, { lhs: top, rhs: numberLike(emit, top, -Infinity) });
  return select(emit, masked, numberLike(emit, soft, 0), soft);
});
