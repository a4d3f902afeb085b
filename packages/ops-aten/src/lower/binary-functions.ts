import { tfl } from "@tflower/backend-tflite";
import {
  defineLowering,
  type Emit,
  isComplex,
  isFloat,
  type Node,
  type Rejection,
  reject,
  type Scalar,
  type Value,
} from "@tflower/core";
import * as aten from "../dialect/binary-functions.ts";
import { bitsOf, floatsOf } from "../emit/bits.ts";
import { computeIn, convertTo, float, numberValue } from "../emit/convert.ts";
import { greatestDivisor, leastMultiple } from "../emit/divisors.ts";
import {
  abs,
  add,
  commonShape,
  div,
  extremum,
  isEqual,
  isLess,
  isMore,
  isNaNValue,
  mul,
  nanOf,
  neg,
  plus,
  select,
  spreadTo,
  sub,
  times,
} from "../emit/pointwise.ts";
import { angle, between, exp, log, log1p, log1pOfFraction, sqrt, square, zeroTimes } from "../emit/transcendental.ts";

type Pair = { readonly self: Value; readonly other: Value };
const noComplex = (): Rejection => reject("complex numbers have no kernels");

/** In the result's dtype, small integers widened. */
const inResult =
  (form: (emit: Emit, a: Value, b: Value) => Value) =>
  ({ self, other }: Pair, _: unknown, emit: Emit, node: Node<any>): Value | Rejection => {
    const { dtype } = node.results[0]!.type;
    return isComplex(dtype) ? noComplex() : computeIn(emit, dtype, [self, other], (a, b) => form(emit, a, b));
  };
const lowerPairs = (op: typeof tfl.maximum | typeof tfl.minimum) => inResult((emit, a, b) => extremum(emit, op, a, b));
/** A NaN gives way to the other operand. */
const ignoringNaN = (op: typeof tfl.maximum | typeof tfl.minimum) =>
  inResult((emit, a, b) => {
    const pick = (lhs: Value, rhs: Value): Value => emit(op as typeof tfl.maximum, { lhs, rhs });
    return isFloat(a.type.dtype)
      ? pick(select(emit, isNaNValue(emit, a), b, a), select(emit, isNaNValue(emit, b), a, b))
      : pick(a, b);
  });
export const maximum = defineLowering(aten.maximum, lowerPairs(tfl.maximum));
export const minimum = defineLowering(aten.minimum, lowerPairs(tfl.minimum));
export const fmax = defineLowering(aten.fmax, ignoringNaN(tfl.maximum));
export const fmin = defineLowering(aten.fmin, ignoringNaN(tfl.minimum));

export const heaviside = defineLowering(aten.heaviside, ({ self, values }, _, emit, node) =>
  computeIn(emit, node.results[0]!.type.dtype, [self, values], (x, v) => {
    const zero = numberValue(emit, 0n, x!.type.dtype);
    return select(emit, isEqual(emit, x!, zero), v!, convertTo(emit, isMore(emit, x!, zero), x!.type.dtype));
  }),
);

/** The kernel wants operands of one shape. */
export const atan2 = defineLowering(
  aten.atan2,
  inResult((emit, y, x) => {
    const shape = commonShape(y, x);
    return angle(emit, spreadTo(emit, y, shape), spreadTo(emit, x, shape));
  }),
);
/** Whether the sign of a float is minus: also of -0 and of NaN. */
const isMinus = (emit: Emit, x: Value): Value => isLess(emit, bitsOf(emit, x), numberValue(emit, 0n, "i32"));
const withSign = (emit: Emit, a: Value, b: Value): Value => {
  const magnitude = abs(emit, a);
  return select(emit, isMinus(emit, b), neg(emit, magnitude), magnitude);
};
export const copysignTensor = defineLowering(aten.copysignTensor, inResult(withSign));
export const copysignScalar = defineLowering(aten.copysignScalar, ({ self }, { other }, emit, node) => {
  const { dtype } = node.results[0]!.type;
  if (typeof other === "object") return noComplex();
  const magnitude = abs(emit, convertTo(emit, self, dtype));
  return Number(other) < 0 || Object.is(other, -0) ? neg(emit, magnitude) : magnitude;
});

/** The larger leg times the root of one plus the square of the quotient: nothing overflows that the result does not. */
export const hypot = defineLowering(
  aten.hypot,
  inResult((emit, a, b) => {
    const [x, y] = [abs(emit, a), abs(emit, b)];
    const [large, small] = [emit(tfl.maximum, { lhs: x, rhs: y }), emit(tfl.minimum, { lhs: x, rhs: y })];
    const slope = div(emit, small, large);
    const root = mul(emit, large, sqrt(emit, plus(emit, square(emit, slope), 1)));
    // equal legs of zero or infinity have no slope, and an infinite leg outweighs NaN
    const finite = select(emit, isEqual(emit, small, large), times(emit, large, Math.SQRT2), root);
    const infinite = isEqual(
      emit,
      emit(tfl.maximum, {
        lhs: select(emit, isNaNValue(emit, x), float(emit, 0), x),
        rhs: select(emit, isNaNValue(emit, y), float(emit, 0), y),
      }),
      float(emit, Infinity),
    );
    const number = add(
      emit,
      finite,
      times(emit, add(emit, emit(tfl.relu6, { input: x }), emit(tfl.relu6, { input: y })), -0),
    );
    return select(emit, infinite, float(emit, Infinity), number);
  }),
);

/** `max(a, b) + log(1 + exp(-|a - b|))` to the base whose natural logarithm is given; equal infinities have no difference. */
function logAddExp(emit: Emit, a: Value, b: Value, logOfBase: number): Value {
  const top = extremum(emit, tfl.maximum, a, b);
  const decay = exp(emit, times(emit, abs(emit, sub(emit, a, b)), -logOfBase));
  const tail = times(emit, log1pOfFraction(emit, decay), 1 / logOfBase);
  const alike = emit(tfl.logicalAnd, {
    lhs: isEqual(emit, a, b),
    rhs: isEqual(emit, abs(emit, a), float(emit, Infinity)),
  });
  return select(emit, alike, top, add(emit, top, tail));
}
export const logaddexp = defineLowering(
  aten.logaddexp,
  inResult((emit, a, b) => logAddExp(emit, a, b, 1)),
);
export const logaddexp2 = defineLowering(
  aten.logaddexp2,
  inResult((emit, a, b) => logAddExp(emit, a, b, Math.LN2)),
);

/** The neighbour of `a` on the way to `b`: floats of one sign are ordered as their bits are. */
export const nextafter = defineLowering(
  aten.nextafter,
  inResult((emit, a, b) => {
    const shape = commonShape(a, b);
    const [x, y] = [spreadTo(emit, a, shape), spreadTo(emit, b, shape)];
    const zero = float(emit, 0);
    const whole = (v: bigint): Value => numberValue(emit, v, "i32");
    const outward = isEqual(emit, isMore(emit, y, x), isMore(emit, x, zero));
    const next = floatsOf(emit, add(emit, bitsOf(emit, x), select(emit, outward, whole(1n), whole(-1n))));
    const least = floatsOf(emit, select(emit, isMore(emit, y, zero), whole(1n), whole(-0x7fffffffn)));
    const moved = select(emit, isEqual(emit, x, zero), least, next);
    return select(emit, isEqual(emit, x, y), y, add(emit, moved, add(emit, nanOf(emit, x), nanOf(emit, y))));
  }),
);
export const ldexpTensor = defineLowering(
  aten.ldexpTensor,
  // in three steps: 2 ** n may be infinite or zero where the product is neither
  inResult((emit, x, n) => {
    const third = emit(tfl.round, { input: times(emit, between(emit, n, -378, 378), 1 / 3) });
    const power = (by: Value): Value => emit(tfl.pow, { lhs: float(emit, 2), rhs: by });
    const step = power(third);
    return mul(emit, mul(emit, mul(emit, x, step), step), power(sub(emit, n, times(emit, third, 2))));
  }),
);
export const gcd = defineLowering(aten.gcd, inResult(greatestDivisor));
export const lcm = defineLowering(aten.lcm, inResult(leastMultiple));

const xLogY = (emit: Emit, x: Value, y: Value): Value => zeroTimes(emit, x, log(emit, y), y);
const xLog1pY = (emit: Emit, x: Value, y: Value): Value => zeroTimes(emit, x, log1p(emit, y), y);
const first = (emit: Emit, node: Node<any>, s: Scalar): Value => numberValue(emit, s, node.results[0]!.type.dtype);
export const xlogyTensor = defineLowering(aten.xlogyTensor, inResult(xLogY));
export const xlogyScalarOther = defineLowering(aten.xlogyScalarOther, ({ self }, { other }, emit, node) =>
  inResult(xLogY)({ self, other: first(emit, node, other) }, {}, emit, node),
);
export const xlogyScalarSelf = defineLowering(aten.xlogyScalarSelf, ({ other }, { self }, emit, node) =>
  inResult(xLogY)({ self: first(emit, node, self), other }, {}, emit, node),
);
export const specialXlog1py = defineLowering(aten.specialXlog1py, inResult(xLog1pY));
export const specialXlog1pyOtherScalar = defineLowering(
  aten.specialXlog1pyOtherScalar,
  ({ self }, { other }, emit, node) => inResult(xLog1pY)({ self, other: first(emit, node, other) }, {}, emit, node),
);
export const specialXlog1pySelfScalar = defineLowering(
  aten.specialXlog1pySelfScalar,
  ({ other }, { self }, emit, node) => inResult(xLog1pY)({ self: first(emit, node, self), other }, {}, emit, node),
);
