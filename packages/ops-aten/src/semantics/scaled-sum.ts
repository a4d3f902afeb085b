import { type DimExpr, isFloat, type Scalar, type TensorData, type TensorType } from "@tflower/core";
import { mapIntegers, mapNumbers } from "./pointwise.ts";
import { realOf } from "./real-scalar.ts";

/** `beta * x + alpha * y`, broadcast. A `beta` of zero leaves `x` out, NaN included. Integers take factors without their fraction. */
export function scaledSum(
  type: TensorType,
  x: TensorData,
  beta: Scalar | DimExpr,
  y: TensorData,
  alpha: Scalar | DimExpr,
): TensorData {
  const b = realOf(beta, "beta");
  const a = realOf(alpha, "alpha");
  if (isFloat(type.dtype)) return mapNumbers(type, [x, y], (v, w) => (b === 0 ? 0 : b * v) + a * w);
  const [bi, ai] = [BigInt(Math.trunc(b)), BigInt(Math.trunc(a))];
  return mapIntegers(type, [x, y], (v, w) =>
    type.dtype === "bool" ? ((bi !== 0n && v !== 0n) || (ai !== 0n && w !== 0n) ? 1n : 0n) : bi * v + ai * w,
  );
}
/** What products are kept in until they are rounded to `type`. */
export const wideType = (type: TensorType): TensorType => ({
  ...type,
  dtype: isFloat(type.dtype) ? "f64" : type.dtype === "bool" ? "bool" : "i64",
});
