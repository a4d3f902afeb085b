import { tfl } from "@tflower/backend-tflite";
import { defineLowering, type Emit, isFloat, reject, type Value } from "@tflower/core";
import * as aten from "../dialect/rounding.ts";
import { convertTo, float } from "../emit/convert.ts";
import { abs, atLeast, atMost, isEqual, isNaNValue, mul, select, sub, times, truncated } from "../emit/pointwise.ts";
import { asIs, byKind, onFloats } from "../emit/unary-lowering.ts";
import { largestOf } from "../semantics/functions.ts";

export const ceil = defineLowering(
  aten.ceil,
  byKind((emit, input) => emit(tfl.ceil, { input }), asIs),
);
export const floor = defineLowering(
  aten.floor,
  byKind((emit, input) => emit(tfl.floor, { input }), asIs),
);
export const trunc = defineLowering(aten.trunc, byKind(truncated, asIs));
const round = (emit: Emit, input: Value): Value => emit(tfl.round, { input });
export const roundLowering = defineLowering(aten.round, byKind(round, asIs));
export const frac = defineLowering(
  aten.frac,
  onFloats((emit, x) => sub(emit, x, truncated(emit, x))),
);

export const roundDecimals = defineLowering(aten.roundDecimals, ({ self }, { decimals }, emit) => {
  if (!isFloat(self.type.dtype) || decimals === 0) return isFloat(self.type.dtype) ? round(emit, self) : self;
  const ten = 10 ** Math.abs(decimals);
  const scale = float(emit, ten);
  if (!Number.isFinite(Math.fround(ten))) return reject(`${decimals} decimal places are more than float32 has`);
  const [up, down] = [emit(tfl.mul, { lhs: self, rhs: scale }), emit(tfl.div, { lhs: self, rhs: scale })];
  return decimals > 0 ? emit(tfl.div, { lhs: round(emit, up), rhs: scale }) : times(emit, round(emit, down), ten);
});
export const specialRound = defineLowering(aten.specialRound, (operands, attrs, emit) =>
  emit(aten.roundDecimals, operands, attrs),
);
export const square = defineLowering(aten.square, ({ self }, _, emit, node) => {
  const { dtype } = node.results[0]!.type;
  return self.type.dtype === "bool"
    ? convertTo(emit, self, dtype)
    : byKind(
        (e, x) => mul(e, x, x),
        (e, x) => mul(e, x, x),
      )({ self }, _, emit, node);
});

export const nanToNum = defineLowering(aten.nanToNum, ({ self }, { nan = 0, posinf, neginf }, emit) => {
  const { dtype } = self.type;
  if (!isFloat(dtype)) return self;
  const most = posinf ?? largestOf(dtype);
  const least = neginf ?? -largestOf(dtype);
  const number = select(emit, isNaNValue(emit, self), float(emit, nan), self);
  // the largest numbers take the place of the infinities by being a bound
  if (most === largestOf(dtype) && least === -most)
    return atMost(emit, atLeast(emit, number, float(emit, least)), float(emit, most));
  const infinite = isEqual(emit, abs(emit, number), float(emit, Infinity));
  const side = select(
    emit,
    emit(tfl.greater, { lhs: number, rhs: float(emit, 0) }),
    float(emit, most),
    float(emit, least),
  );
  return select(emit, infinite, side, number);
});
