import {
  allocate,
  broadcastShapes,
  invalid,
  isBig,
  isComplex,
  type NumberCarrier,
  type TensorData,
  type TensorType,
  tensor,
  wrap,
} from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";
import { castData, mapIntegers, mapNumbers } from "../semantics/pointwise.ts";
import { resultDType } from "../semantics/promote.ts";
import { extremeAt, linesOf, reduceAxes, reducedShape, shapedFor } from "../semantics/reduce.ts";

type Dims = readonly number[] | number | undefined;
type Kind = "max" | "min";
const before = {
  max: (a: number | bigint, b: number | bigint) => a > b,
  min: (a: number | bigint, b: number | bigint) => a < b,
};

function ordered(self: TensorType): void {
  if (isComplex(self.dtype)) invalid("complex numbers have no order");
}
function nonEmpty(self: TensorType, axes: readonly number[]): void {
  if (axes.some((a) => self.shape[a] === 0)) invalid("has no elements to choose from along an axis of extent 0");
}
function valuesType(self: TensorType, dim: Dims, keepdim: boolean): TensorType {
  ordered(self);
  const axes = reduceAxes(dim, self.shape.length);
  nonEmpty(self, axes);
  return tensor(self.dtype, reducedShape(self.shape, axes, keepdim));
}
const indicesType = (self: TensorType, dim: number | undefined, keepdim: boolean): TensorType => ({
  ...valuesType(self, dim, keepdim),
  dtype: "i64",
});

/** Places of the extremes in their lines. */
function places(
  self: TensorData,
  axes: readonly number[],
  kind: Kind,
): { readonly at: number[]; readonly values: ArrayLike<number | bigint>; readonly length: number } {
  const { data, length, count } = linesOf(self, axes);
  const at: number[] = [];
  for (let i = 0; i < count; i++)
    at.push(i * length + extremeAt(data.subarray(i * length, (i + 1) * length) as ArrayLike<number>, before[kind]));
  return { at, values: data, length };
}
function valuesData(self: TensorData, dim: Dims, kind: Kind, type: TensorType): TensorData {
  const axes = reduceAxes(dim, self.type.shape.length);
  const { at, values } = places(self, axes, kind);
  const out = allocate(type.dtype, at.length);
  at.forEach((p, i) => {
    (out as NumberCarrier)[i] = values[p]! as number;
  });
  return wrap(shapedFor(type, self, axes), out);
}
function indicesData(self: TensorData, dim: number | undefined, kind: Kind, type: TensorType): TensorData {
  const axes = reduceAxes(dim, self.type.shape.length);
  const { at, length } = places(self, axes, kind);
  return wrap(
    shapedFor(type, self, axes),
    BigInt64Array.from(at, (p) => BigInt(p % length)),
  );
}

export const amax = defineAten("amax(Tensor self, int[1] dim=[], bool keepdim=False) -> Tensor", {
  summary: "Greatest element over axes; NaN where there is one.",
  infer: ({ self }, { dim, keepdim }) => valuesType(self, dim, keepdim),
  evaluate: ({ self }, { dim }, [type]) => valuesData(self, dim, "max", type!),
});
export const amin = defineAten("amin(Tensor self, int[1] dim=[], bool keepdim=False) -> Tensor", {
  summary: "Least element over axes; NaN where there is one.",
  infer: ({ self }, { dim, keepdim }) => valuesType(self, dim, keepdim),
  evaluate: ({ self }, { dim }, [type]) => valuesData(self, dim, "min", type!),
});
export const max = defineAten("max(Tensor self) -> Tensor", {
  summary: "Greatest of all elements; NaN where there is one.",
  infer: ({ self }) => valuesType(self, undefined, false),
  evaluate: ({ self }, _, [type]) => valuesData(self, undefined, "max", type!),
});
export const min = defineAten("min(Tensor self) -> Tensor", {
  summary: "Least of all elements; NaN where there is one.",
  infer: ({ self }) => valuesType(self, undefined, false),
  evaluate: ({ self }, _, [type]) => valuesData(self, undefined, "min", type!),
});
export const maxDim = defineAten(
  "max.dim(Tensor self, int dim, bool keepdim=False) -> (Tensor values, Tensor indices)",
  {
    summary: "Greatest element along an axis, and where it stands: the first of equals, NaN before numbers.",
    infer: ({ self }, { dim, keepdim }) => [valuesType(self, dim, keepdim), indicesType(self, dim, keepdim)],
    evaluate: ({ self }, { dim }, [values, indices]) => [
      valuesData(self, dim, "max", values!),
      indicesData(self, dim, "max", indices!),
    ],
  },
);
export const minDim = defineAten(
  "min.dim(Tensor self, int dim, bool keepdim=False) -> (Tensor values, Tensor indices)",
  {
    summary: "Least element along an axis, and where it stands: the first of equals, NaN before numbers.",
    infer: ({ self }, { dim, keepdim }) => [valuesType(self, dim, keepdim), indicesType(self, dim, keepdim)],
    evaluate: ({ self }, { dim }, [values, indices]) => [
      valuesData(self, dim, "min", values!),
      indicesData(self, dim, "min", indices!),
    ],
  },
);
export const argmax = defineAten("argmax(Tensor self, int? dim=None, bool keepdim=False) -> Tensor", {
  summary:
    "Where the greatest element stands, along an axis or in the flattened tensor: the first of equals, NaN before numbers.",
  infer: ({ self }, { dim, keepdim }) => indicesType(self, dim, keepdim),
  evaluate: ({ self }, { dim }, [type]) => indicesData(self, dim, "max", type!),
});
export const argmin = defineAten("argmin(Tensor self, int? dim=None, bool keepdim=False) -> Tensor", {
  summary:
    "Where the least element stands, along an axis or in the flattened tensor: the first of equals, NaN before numbers.",
  infer: ({ self }, { dim, keepdim }) => indicesType(self, dim, keepdim),
  evaluate: ({ self }, { dim }, [type]) => indicesData(self, dim, "min", type!),
});
export const aminmax = defineAten(
  "aminmax(Tensor self, *, int? dim=None, bool keepdim=False) -> (Tensor min, Tensor max)",
  {
    summary: "Least and greatest element, along an axis or of all; NaN where there is one.",
    infer: ({ self }, { dim, keepdim }) => [valuesType(self, dim, keepdim), valuesType(self, dim, keepdim)],
    evaluate: ({ self }, { dim }, [low, high]) => [
      valuesData(self, dim, "min", low!),
      valuesData(self, dim, "max", high!),
    ],
  },
);

const otherType = (self: TensorType, other: TensorType): TensorType =>
  tensor(resultDType(self, other), broadcastShapes(self.shape, other.shape));
function otherData(self: TensorData, other: TensorData, kind: Kind, type: TensorType): TensorData {
  const operands = [castData(self, type.dtype), castData(other, type.dtype)];
  const shaped = { ...type, shape: broadcastShapes(self.type.shape, other.type.shape) };
  if (isBig(type.dtype)) return mapIntegers(shaped, operands, (a, b) => (before[kind](a!, b!) ? a! : b!));
  return mapNumbers(shaped, operands, kind === "max" ? (a, b) => Math.max(a!, b!) : (a, b) => Math.min(a!, b!));
}
export const maxOther = defineAten("max.other(Tensor self, Tensor other) -> Tensor", {
  summary: "The greater of two elements; NaN where either is.",
  traits: { elementwise: true, commutative: true },
  infer: ({ self, other }) => otherType(self, other),
  evaluate: ({ self, other }, _, [type]) => otherData(self, other, "max", type!),
});
export const minOther = defineAten("min.other(Tensor self, Tensor other) -> Tensor", {
  summary: "The lesser of two elements; NaN where either is.",
  traits: { elementwise: true, commutative: true },
  infer: ({ self, other }) => otherType(self, other),
  evaluate: ({ self, other }, _, [type]) => otherData(self, other, "min", type!),
});
