import { tfl } from "@tflower/backend-tflite";
import { defineLowering, type Emit, type Rejection, sizeOf, type Value } from "@tflower/core";
import * as aten from "../dialect/determinant.ts";
import { numberLike } from "../emit/compute.ts";
import { eliminate, solvable, stacked, tooLarge } from "../emit/eliminate.ts";
import { zeros } from "../emit/matmul.ts";
import { add, mul, select, sub } from "../emit/pointwise.ts";
import { broadcastTo, castTo, reshapeTo } from "../emit/rearrange.ts";

const product = (emit: Emit, factors: readonly Value[]): Value => factors.reduce((a, b) => mul(emit, a, b));

function determinant(emit: Emit, x: Value): Value | Rejection {
  const batch = x.type.shape.slice(0, -2);
  const n = solvable(x);
  if (n === 0) return broadcastTo(emit, numberLike(emit, x, 1), batch);
  if (sizeOf(batch) === 0) return zeros(emit, x, batch);
  if (n === undefined) return tooLarge;
  const { pivots, signs } = eliminate(emit, stacked(emit, x), undefined, n);
  return reshapeTo(emit, product(emit, [...pivots, ...signs]), batch);
}
function signAndLog(emit: Emit, x: Value): Value[] | Rejection {
  const batch = x.type.shape.slice(0, -2);
  const n = solvable(x);
  if (n === 0)
    return [broadcastTo(emit, numberLike(emit, x, 1), batch), broadcastTo(emit, numberLike(emit, x, 0), batch)];
  if (sizeOf(batch) === 0) return [zeros(emit, x, batch), zeros(emit, x, batch)];
  if (n === undefined) return tooLarge;
  const { pivots, signs } = eliminate(emit, stacked(emit, x), undefined, n);
  const zero = numberLike(emit, x, 0);
  const one = (holds: Value): Value => castTo(emit, holds, x.type.dtype);
  const signOf = (v: Value): Value =>
    sub(emit, one(emit(tfl.greater, { lhs: v, rhs: zero })), one(emit(tfl.less, { lhs: v, rhs: zero })));
  const logs = pivots.map((p) => emit(tfl.log, { input: emit(tfl.abs, { input: p }) }));
  return [product(emit, [...pivots.map(signOf), ...signs]), logs.reduce((a, b) => add(emit, a, b))].map((v) =>
    reshapeTo(emit, v, batch),
  );
}
export const det = defineLowering(aten.det, ({ self }, _, emit) => determinant(emit, self));
export const linalgDet = defineLowering(aten.linalgDet, ({ A }, _, emit) => determinant(emit, A));
export const slogdet = defineLowering(aten.slogdet, ({ self }, _, emit) => signAndLog(emit, self));
export const linalgSlogdet = defineLowering(aten.linalgSlogdet, ({ A }, _, emit) => signAndLog(emit, A));
export const logdet = defineLowering(aten.logdet, ({ self }, _, emit) => {
  const parts = signAndLog(emit, self);
  if (!Array.isArray(parts)) return parts;
  const [sign, log] = parts as [Value, Value];
  return select(emit, emit(tfl.less, { lhs: sign, rhs: numberLike(emit, sign, 0) }), numberLike(emit, log, NaN), log);
});
