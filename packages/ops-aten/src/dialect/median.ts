import { allocate, invalid, type NumberCarrier, type TensorData, type TensorType, tensor, wrap } from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";
import { linesOf, reduceAxes, reducedShape, shapedFor } from "../semantics/reduce.ts";

/** Values and places; a line may not be empty. */
function medianTypes(self: TensorType, dim: number, keepdim: boolean): TensorType[] {
  const axes = reduceAxes(dim, self.shape.length);
  if (axes.some((a) => self.shape[a] === 0)) invalid("has no elements to choose from along an axis of extent 0");
  const shape = reducedShape(self.shape, axes, keepdim);
  return [tensor(self.dtype, shape), tensor("i64", shape)];
}
/** Place of the lower median: the first NaN where there is one, unless NaNs are skipped. */
function medianAt(line: ArrayLike<number | bigint>, skipNaN: boolean): number {
  const order = Array.from({ length: line.length }, (_, i) => i).sort((a, b) => compare(line[a]!, line[b]!) || a - b);
  const numbers = order.filter((i) => !Number.isNaN(line[i]));
  if (numbers.length < order.length && !skipNaN) return order[numbers.length]!;
  return numbers.length ? numbers[(numbers.length - 1) >> 1]! : 0;
}
const compare = (a: number | bigint, b: number | bigint): number =>
  Number.isNaN(a) ? (Number.isNaN(b) ? 0 : 1) : Number.isNaN(b) ? -1 : a < b ? -1 : a > b ? 1 : 0;
function medianData(
  self: TensorData,
  dim: number | undefined,
  skipNaN: boolean,
  types: readonly TensorType[],
): TensorData[] {
  const axes = reduceAxes(dim, self.type.shape.length);
  const { data, length, count } = linesOf(self, axes);
  const values = allocate(self.type.dtype, count);
  const indices = new BigInt64Array(count);
  for (let i = 0; i < count; i++) {
    const line = data.subarray(i * length, (i + 1) * length);
    const at = medianAt(line, skipNaN);
    (values as NumberCarrier)[i] = (line[at] ?? NaN) as number; // the median of no elements is NaN
    indices[i] = BigInt(at);
  }
  return [values, indices].slice(0, types.length).map((d, i) => wrap(shapedFor(types[i]!, self, axes), d));
}
export const median = defineAten("median(Tensor self) -> Tensor", {
  summary: "The middle element, the lower one of two; NaN where there is one.",
  infer: ({ self }) => tensor(self.dtype, []),
  evaluate: ({ self }, _, types) => medianData(self, undefined, false, types),
});
export const medianDim = defineAten(
  "median.dim(Tensor self, int dim, bool keepdim=False) -> (Tensor values, Tensor indices)",
  {
    summary: "The middle element along an axis, the lower one of two, and where it stands; NaN where there is one.",
    infer: ({ self }, { dim, keepdim }) => medianTypes(self, dim, keepdim),
    evaluate: ({ self }, { dim }, types) => medianData(self, dim, false, types),
  },
);
export const nanmedian = defineAten("nanmedian(Tensor self) -> Tensor", {
  summary: "The middle of the elements that are not NaN, the lower one of two.",
  infer: ({ self }) => tensor(self.dtype, []),
  evaluate: ({ self }, _, types) => medianData(self, undefined, true, types),
});
export const nanmedianDim = defineAten(
  "nanmedian.dim(Tensor self, int dim, bool keepdim=False) -> (Tensor values, Tensor indices)",
  {
    summary: "The middle of the elements along an axis that are not NaN, the lower one of two, and where it stands.",
    infer: ({ self }, { dim, keepdim }) => medianTypes(self, dim, keepdim),
    evaluate: ({ self }, { dim }, types) => medianData(self, dim, true, types),
  },
);
