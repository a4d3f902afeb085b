import { tfl } from "@tflower/backend-tflite";
import { defineLowering, type Emit, type Value } from "@tflower/core";
import * as aten from "../dialect/float-functions.ts";
import { float } from "../emit/convert.ts";
import { div, times } from "../emit/pointwise.ts";
import * as f from "../emit/transcendental.ts";
import { onFloats } from "../emit/unary-lowering.ts";
import { isPositive } from "../emit/value-range.ts";

const sin = (emit: Emit, input: Value): Value => emit(tfl.sin, { input });
const cos = (emit: Emit, input: Value): Value => emit(tfl.cos, { input });

export const expLowering = defineLowering(aten.exp, onFloats(f.exp));
// scaling the exponent first would cost digits
export const exp2 = defineLowering(
  aten.exp2,
  onFloats((emit, x) => emit(tfl.pow, { lhs: float(emit, 2), rhs: x })),
);
export const expm1 = defineLowering(aten.expm1, onFloats(f.expm1));
export const log = defineLowering(aten.log, onFloats(f.log));
export const log2 = defineLowering(
  aten.log2,
  onFloats((emit, x) => times(emit, f.log(emit, x), Math.LOG2E)),
);
export const log10 = defineLowering(
  aten.log10,
  onFloats((emit, x) => times(emit, f.log(emit, x), Math.LOG10E)),
);
export const log1p = defineLowering(aten.log1p, onFloats(f.log1p));

export const sqrt = defineLowering(aten.sqrt, onFloats(f.sqrt));
/** The kernel gives NaN for zero, so it serves only where zero cannot come. */
export const rsqrt = defineLowering(
  aten.rsqrt,
  onFloats((emit, x) => (isPositive(x) ? emit(tfl.rsqrt, { input: x }) : f.reciprocal(emit, f.sqrt(emit, x)))),
);
export const reciprocal = defineLowering(aten.reciprocal, onFloats(f.reciprocal));

export const sinLowering = defineLowering(aten.sin, onFloats(sin));
export const cosLowering = defineLowering(aten.cos, onFloats(cos));
export const tan = defineLowering(
  aten.tan,
  onFloats((emit, x) => div(emit, sin(emit, x), cos(emit, x))),
);
export const asin = defineLowering(aten.asin, onFloats(f.asin));
export const acos = defineLowering(aten.acos, onFloats(f.acos));
export const atan = defineLowering(aten.atan, onFloats(f.atan));

export const sinh = defineLowering(aten.sinh, onFloats(f.sinh));
export const cosh = defineLowering(aten.cosh, onFloats(f.cosh));
export const tanh = defineLowering(
  aten.tanh,
  onFloats((emit, input) => emit(tfl.tanh, { input })),
);
export const asinh = defineLowering(aten.asinh, onFloats(f.asinh));
export const acosh = defineLowering(aten.acosh, onFloats(f.acosh));
export const atanh = defineLowering(aten.atanh, onFloats(f.atanh));

export const sigmoid = defineLowering(
  aten.sigmoid,
  onFloats((emit, input) => emit(tfl.logistic, { input })),
);
export const sinc = defineLowering(aten.sinc, onFloats(f.sinc));
export const deg2rad = defineLowering(
  aten.deg2rad,
  onFloats((emit, x) => times(emit, x, Math.PI / 180)),
);
export const rad2deg = defineLowering(
  aten.rad2deg,
  onFloats((emit, x) => times(emit, x, 180 / Math.PI)),
);
