import {
  allocate,
  type DType,
  invalid,
  isFloat,
  type NumberCarrier,
  type TensorData,
  type TensorType,
  tensor,
  withDType,
} from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";
import { axisOf } from "../semantics/axes.ts";
import { castData } from "../semantics/pointwise.ts";
import { sumResult } from "../semantics/promote.ts";
import { scanIntegers, scanLines } from "../semantics/scan.ts";

function running(self: TensorType, dim: number, dtype: DType | undefined): TensorType {
  axisOf(dim, self.shape.length);
  if (dtype === "bool") invalid("has no bools to run through: cast the result");
  return withDType(self, dtype ?? sumResult(self.dtype));
}

/** Every prefix of `line`, combined. */
function prefixes<T>(line: ArrayLike<T>, combine: (a: T, b: T) => T): T[] {
  const out: T[] = [];
  for (let i = 0; i < line.length; i++) out.push(i === 0 ? line[0]! : combine(out[i - 1]!, line[i]!));
  return out;
}
function accumulate(
  self: TensorData,
  dim: number,
  type: TensorType,
  number: (a: number, b: number) => number,
  integer: (a: bigint, b: bigint) => bigint,
): TensorData {
  const x = castData(self, type.dtype);
  return isFloat(type.dtype)
    ? scanLines(type, x, dim, (line) => prefixes(line, number))
    : scanIntegers(type, x, dim, (line) => prefixes(line, integer));
}

export const cumsum = defineAten("cumsum(Tensor self, int dim, *, ScalarType? dtype=None) -> Tensor", {
  summary: "Running sums along an axis; integers and bools are summed in int64.",
  infer: ({ self }, { dim, dtype }) => running(self, dim, dtype),
  evaluate: ({ self }, { dim }, [type]) =>
    accumulate(
      self,
      dim,
      type!,
      (a, b) => a + b,
      (a, b) => a + b,
    ),
});
export const cumprod = defineAten("cumprod(Tensor self, int dim, *, ScalarType? dtype=None) -> Tensor", {
  summary: "Running products along an axis; integers and bools are multiplied in int64.",
  infer: ({ self }, { dim, dtype }) => running(self, dim, dtype),
  evaluate: ({ self }, { dim }, [type]) =>
    accumulate(
      self,
      dim,
      type!,
      (a, b) => a * b,
      (a, b) => BigInt.asIntN(64, a * b),
    ),
});

/** Running extremes and where they stand: the last of equals, and a NaN from where it occurs. */
function runningExtreme(
  self: TensorData,
  dim: number,
  [values, indices]: readonly TensorType[],
  atLeast: (a: number | bigint, b: number | bigint) => boolean,
): TensorData[] {
  const places = scanLines(indices!, indexed(self), dim, (line) => {
    let best = line[0]!;
    return Array.from(line, (at) => {
      const v = self.data[at]!;
      const b = self.data[best]!;
      if (Number.isNaN(v) || (!Number.isNaN(b) && atLeast(v, b))) best = at;
      return best;
    });
  });
  const data = allocate(values!.dtype, places.data.length);
  const step = strideOf(self.type.shape, axisOf(dim, self.type.shape.length));
  const extent = self.type.shape[axisOf(dim, self.type.shape.length)] ?? 1;
  const at = places.data as BigInt64Array;
  at.forEach((p, i) => {
    (data as NumberCarrier)[i] = self.data[Number(p)]! as number;
    at[i] = BigInt(Math.floor(Number(p) / step) % extent);
  });
  return [
    { type: { ...self.type }, data },
    { type: { ...self.type, dtype: "i64" }, data: at },
  ];
}
/** A tensor of the same shape whose elements are their own places. */
const indexed = (x: TensorData): TensorData => ({
  type: { ...x.type, dtype: "f64" },
  data: Float64Array.from(x.data, (_: number | bigint, i: number) => i),
});
const strideOf = (shape: readonly number[], axis: number): number => shape.slice(axis + 1).reduce((a, b) => a * b, 1);

function extremeTypes(self: TensorType, dim: number): TensorType[] {
  axisOf(dim, self.shape.length);
  return [tensor(self.dtype, self.shape), tensor("i64", self.shape)];
}
export const cummax = defineAten("cummax(Tensor self, int dim) -> (Tensor values, Tensor indices)", {
  summary: "Running maximum along an axis, and where it stands: the last of equals; NaN from where it occurs.",
  infer: ({ self }, { dim }) => extremeTypes(self, dim),
  evaluate: ({ self }, { dim }, types) => runningExtreme(self, dim, types, (a, b) => a >= b),
});
export const cummin = defineAten("cummin(Tensor self, int dim) -> (Tensor values, Tensor indices)", {
  summary: "Running minimum along an axis, and where it stands: the last of equals; NaN from where it occurs.",
  infer: ({ self }, { dim }) => extremeTypes(self, dim),
  evaluate: ({ self }, { dim }, types) => runningExtreme(self, dim, types, (a, b) => a <= b),
});
