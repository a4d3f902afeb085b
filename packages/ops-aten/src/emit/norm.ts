import { tfl } from "@tflower/backend-tflite";
import type { Emit, Value } from "@tflower/core";
import { powTensorScalar } from "../dialect/power.ts";
import { squared, toBool } from "./compute.ts";
import { castTo } from "./rearrange.ts";
import { extremeOver, sumOver } from "./reduce.ts";

const power = (emit: Emit, x: Value, exponent: number): Value =>
  exponent === 1 ? x : emit(powTensorScalar, { self: x }, { exponent });

/** The `p`-norm of floats over axes. */
export function normOver(emit: Emit, x: Value, p: number, axes: readonly number[], keep: boolean): Value {
  if (p === 2 && axes.length > 0) return emit(tfl.sqrt, { input: sumOver(emit, squared(emit, x), axes, keep) });
  if (p === 0) return sumOver(emit, castTo(emit, toBool(emit, x), x.type.dtype), axes, keep);
  const a = emit(tfl.abs, { input: x });
  if (axes.length === 0 || p === 1) return sumOver(emit, a, axes, keep);
  if (Math.abs(p) === Infinity) return extremeOver(emit, p > 0 ? "max" : "min", a, axes, keep);
  return power(emit, sumOver(emit, power(emit, a, p), axes, keep), 1 / p);
}
