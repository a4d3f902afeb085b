import { tfl } from "@tflower/backend-tflite";
import {
  broadcastShapes,
  countOf,
  type Dim,
  dataOf,
  type Emit,
  isFloat,
  isStaticShape,
  sameShape,
  tensorData,
  type Value,
} from "@tflower/core";
import { float, numberValue } from "./convert.ts";

// short names for the kernels that formulas are made of; operands broadcast, and are of one dtype
export const add = (emit: Emit, lhs: Value, rhs: Value): Value => emit(tfl.add, { lhs, rhs });
export const sub = (emit: Emit, lhs: Value, rhs: Value): Value => emit(tfl.sub, { lhs, rhs });
export const mul = (emit: Emit, lhs: Value, rhs: Value): Value => emit(tfl.mul, { lhs, rhs });
export const div = (emit: Emit, lhs: Value, rhs: Value): Value => emit(tfl.div, { lhs, rhs });
export const neg = (emit: Emit, input: Value): Value => emit(tfl.neg, { input });
export const select = (emit: Emit, condition: Value, x: Value, y: Value): Value =>
  emit(tfl.selectV2, { condition, x, y });
export const isEqual = (emit: Emit, lhs: Value, rhs: Value): Value => emit(tfl.equal, { lhs, rhs });
export const isLess = (emit: Emit, lhs: Value, rhs: Value): Value => emit(tfl.less, { lhs, rhs });
export const isMore = (emit: Emit, lhs: Value, rhs: Value): Value => emit(tfl.greater, { lhs, rhs });
/** NaN is the only number that differs from itself. */
export const isNaNValue = (emit: Emit, x: Value): Value => emit(tfl.notEqual, { lhs: x, rhs: x });

/** `x + c`. */
export const plus = (emit: Emit, x: Value, c: number): Value => add(emit, x, numberValue(emit, c, x.type.dtype));
/** `x * c`. */
export const times = (emit: Emit, x: Value, c: number): Value =>
  c === 1 ? x : mul(emit, x, numberValue(emit, c, x.type.dtype));
/** `c - x`. */
export const minusFrom = (emit: Emit, c: number, x: Value): Value => sub(emit, numberValue(emit, c, x.type.dtype), x);

/** Absolute value; the kernel does not know 64-bit integers. */
export const abs = (emit: Emit, x: Value): Value =>
  x.type.dtype === "i64" ? emit(tfl.maximum, { lhs: x, rhs: neg(emit, x) }) : emit(tfl.abs, { input: x });

/** Elements no lower than `c`. Kernels keep NaN in the second operand. */
export const atLeast = (emit: Emit, x: Value, c: Value): Value => emit(tfl.maximum, { lhs: c, rhs: x });
/** Elements no higher than `c`. */
export const atMost = (emit: Emit, x: Value, c: Value): Value => emit(tfl.minimum, { lhs: c, rhs: x });

/** Whether no element can be NaN, as far as can be seen without looking at large constants. */
function neverNaN(v: Value): boolean {
  if (!isFloat(v.type.dtype)) return true;
  const data = dataOf(v);
  return data !== undefined && !(data.data as Float32Array).some((x) => Number.isNaN(x));
}
const isNumber = (v: Value): boolean =>
  v.constant !== undefined && isStaticShape(v.type.shape) && countOf(v.type.shape) === 1;

/** -0 for each element, and NaN where the element is NaN: added to something it changes nothing else. */
export const nanOf = (emit: Emit, x: Value): Value => mul(emit, emit(tfl.relu6, { input: x }), float(emit, -0));

/**
 * The larger or the smaller of two elements, NaN where one is NaN. Which operand's NaN a kernel drops depends on which of the two it
 * broadcasts, so NaN is carried past it.
 */
export function extremum(emit: Emit, op: typeof tfl.maximum | typeof tfl.minimum, a: Value, b: Value): Value {
  const [lhs, rhs] = isNumber(b) ? [b, a] : [a, b];
  let out = emit(op as typeof tfl.maximum, { lhs, rhs });
  if (!isFloat(a.type.dtype) || (isNumber(lhs) && neverNaN(lhs))) return out;
  for (const v of [lhs, rhs]) if (!neverNaN(v)) out = add(emit, out, nanOf(emit, v));
  return out;
}

/** -1, 0 or 1; zero for NaN. */
export function signOf(emit: Emit, x: Value): Value {
  const { dtype } = x.type;
  const zero = numberValue(emit, 0n, dtype);
  if (!isFloat(dtype))
    return emit(tfl.minimum, {
      lhs: emit(tfl.maximum, { lhs: x, rhs: numberValue(emit, -1n, dtype) }),
      rhs: numberValue(emit, 1n, dtype),
    });
  const one = (holds: Value): Value => emit(tfl.cast, { input: holds }, { out_data_type: dtype });
  return sub(emit, one(isMore(emit, x, zero)), one(isLess(emit, x, zero)));
}

/** Towards zero. */
export function truncated(emit: Emit, x: Value): Value {
  const above = emit(tfl.floor, { input: emit(tfl.relu, { input: x }) });
  return add(emit, above, emit(tfl.ceil, { input: atMost(emit, x, float(emit, 0)) }));
}

/** The shape that operands broadcast to. */
export const commonShape = (...values: readonly Value[]): Dim[] => broadcastShapes(...values.map((v) => v.type.shape));

/** `x` repeated up to `shape`. Products and sums are far faster than the kernel that is made for it. */
export function spreadTo(emit: Emit, x: Value, shape: readonly Dim[]): Value {
  if (sameShape(x.type.shape, shape)) return x;
  const { dtype } = x.type;
  if (!isStaticShape(shape) || dtype === "bool") return emit(tfl.broadcastTo, { input: x }, { shape });
  const count = countOf(shape);
  // the smaller the constant the better: it only has to have the axes that x lacks
  const pad = shape.length - x.type.shape.length;
  const missing = shape.map((d, i) => (i < pad || x.type.shape[i - pad] !== d ? d : 1));
  const n = countOf(missing);
  if (count === 0 || n > 65536) return emit(tfl.broadcastTo, { input: x }, { shape });
  if (isFloat(dtype)) return mul(emit, x, emit.constant(tensorData(dtype, missing, new Float32Array(n).fill(1))));
  return add(emit, x, emit.constant(tensorData(dtype, missing, new Array<number>(n).fill(0))));
}
