import { isComplex, isFloat, type TensorData, type TensorType, tensor } from "@tflower/core";
import { castData, mapIntegers, mapNumbers, mapPairs } from "./pointwise.ts";
import { resultDType } from "./promote.ts";
import { isIntegral } from "./result-types.ts";

type Pair = { readonly self: TensorData; readonly other: TensorData };

/** Both operands in the result's dtype, then `f` on floats or `g` on integers, exactly. */
export function arithmetic(
  type: TensorType,
  operands: readonly TensorData[],
  f: (...v: number[]) => number,
  g?: (...v: bigint[]) => bigint,
): TensorData {
  const cast = operands.map((o) => castData(o, type.dtype));
  if (g && isIntegral(type.dtype)) return mapIntegers(type, cast, g);
  return mapNumbers(type, cast, f);
}

/** `f` on floats, in double precision; or `g` on integers in the dtype that all promote to, where results wrap as PyTorch's do. */
export function promotedArithmetic(
  operands: readonly TensorData[],
  f: (...v: number[]) => number,
  g: (...v: bigint[]) => bigint,
): TensorData {
  const dtype = resultDType(...operands.map((o) => o.type));
  return arithmetic(tensor(isFloat(dtype) ? "f64" : dtype, []), operands, f, g);
}

export const subtracted = (a: TensorData, b: TensorData): TensorData =>
  promotedArithmetic(
    [a, b],
    (x, y) => x! - y!,
    (x, y) => x! - y!,
  );

/** Compares in the dtype that both promote to. */
export function compareIn(
  dtype: TensorType["dtype"],
  type: TensorType,
  { self, other }: Pair,
  holds: (a: number, b: number) => boolean,
): TensorData {
  if (isComplex(dtype)) throw new RangeError("has no reference semantics for complex numbers");
  return mapPairs(type, castData(self, dtype), castData(other, dtype), holds);
}
