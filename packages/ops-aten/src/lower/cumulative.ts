import { tfl } from "@tflower/backend-tflite";
import {
  type DType,
  defineLowering,
  type Emit,
  i32Data,
  isComplex,
  isFloat,
  type Rejection,
  reject,
  scalarData,
  type Value,
} from "@tflower/core";
import * as aten from "../dialect/cumulative.ts";
import { toBool, widenInteger } from "../emit/compute.ts";
import { convertTo } from "../emit/convert.ts";
import { isNaNValue, mul, select } from "../emit/pointwise.ts";
import { castTo, reshapeTo } from "../emit/rearrange.ts";
import { prefixes, runningSum, scannable } from "../emit/scan.ts";
import { axisOf } from "../semantics/axes.ts";
import { sumResult } from "../semantics/promote.ts";

/** What narrow integers are accumulated in; they wrap at the end, which is where it shows. */
const exactIn = (dtype: DType): DType => (dtype === "i64" || dtype === "i32" || isFloat(dtype) ? dtype : "i32");

export const cumsum = defineLowering(aten.cumsum, ({ self }, { dim, dtype }, emit) => {
  const out = dtype ?? sumResult(self.type.dtype);
  if (isComplex(self.type.dtype) || isComplex(out)) return reject("has no lowering for complex numbers");
  const axis = axisOf(dim, self.type.shape.length);
  if (out === "bool") return toBool(emit, runningSum(emit, castTo(emit, toBool(emit, self), "i32"), axis));
  return castTo(emit, runningSum(emit, castTo(emit, convertTo(emit, self, out), exactIn(out)), axis), out);
});

export const cumprod = defineLowering(aten.cumprod, ({ self }, { dim, dtype }, emit) => {
  const out = dtype ?? sumResult(self.type.dtype);
  if (isComplex(self.type.dtype) || isComplex(out)) return reject("has no lowering for complex numbers");
  const x = castTo(emit, convertTo(emit, self, out), exactIn(out));
  const { shape } = x.type;
  if (shape.length === 0) return castTo(emit, x, out);
  const axis = axisOf(dim, shape.length);
  const extent = shape[axis]!;
  if (!scannable(extent)) return reject("needs a static extent of the axis: LiteRT has no running product");
  const [y] = prefixes(emit, [x], axis, extent, ([a], [b]) => [mul(emit, a!, b!)]);
  return castTo(emit, out === "bool" ? toBool(emit, y!) : y!, out);
});

/** Values and places are carried along together; a later value wins when it is no worse, and NaN when it comes first. */
function runningExtreme(
  emit: Emit,
  self: Value,
  dim: number,
  beats: typeof tfl.greaterEqual | typeof tfl.lessEqual,
): Value[] | Rejection {
  const { shape, dtype } = self.type;
  if (shape.length === 0) return [self, emit.constant(scalarData("i64", 0n))];
  const axis = axisOf(dim, shape.length);
  const extent = shape[axis]!;
  if (!scannable(extent)) return reject("needs a static extent of the axis: LiteRT has no running maximum");
  const x = widenInteger(emit, self);
  const at = emit.constant(i32Data(Array.from({ length: extent }, (_, i) => i)));
  const places = emit(
    tfl.broadcastTo,
    {
      input: reshapeTo(
        emit,
        at,
        shape.map((_, i) => (i === axis ? extent : 1)),
      ),
    },
    { shape },
  );
  const [values, indices] = prefixes(emit, [x, places], axis, extent, ([a, i], [b, j]) => {
    const later = emit(beats, { lhs: b!, rhs: a! });
    const wins = isFloat(dtype) ? emit(tfl.logicalOr, { lhs: later, rhs: isNaNValue(emit, b!) }) : later;
    return [select(emit, wins, b!, a!), select(emit, wins, j!, i!)];
  });
  return [castTo(emit, values!, dtype), castTo(emit, indices!, "i64")];
}
export const cummax = defineLowering(aten.cummax, ({ self }, { dim }, emit) =>
  runningExtreme(emit, self, dim, tfl.greaterEqual),
);
export const cummin = defineLowering(aten.cummin, ({ self }, { dim }, emit) =>
  runningExtreme(emit, self, dim, tfl.lessEqual),
);
