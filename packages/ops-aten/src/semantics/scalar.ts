import {
  type Complex,
  type DimExpr,
  type DType,
  isComplex,
  isFloat,
  type Scalar,
  scalarData,
  type TensorData,
  tensorData,
} from "@tflower/core";
import { castData } from "./pointwise.ts";

export const isComplexNumber = (s: unknown): s is Complex => typeof s === "object" && s !== null && "re" in s;

/** A Python number as a rank-0 tensor, converted as PyTorch converts it. */
export function scalarTensor(s: Scalar | DimExpr, dtype: DType): TensorData {
  if (isComplexNumber(s)) return castData(tensorData("c128", [], [s.re, s.im]), dtype);
  if (typeof s === "object") throw new RangeError(`the number ${s.key} is known only when the program runs`);
  if (isComplex(dtype)) return castData(scalarData("f64", Number(s)), dtype);
  if (isFloat(dtype)) return scalarData(dtype, Number(s));
  return castData(typeof s === "number" ? scalarData("f64", s) : scalarData("i64", s), dtype);
}

/** A Python number as a JavaScript one; complex numbers and sizes that are symbolic have none. */
export function numberOf(s: Scalar | DimExpr): number {
  if (typeof s === "object") throw new RangeError("is a real number only for real arguments that are known");
  return Number(s);
}
