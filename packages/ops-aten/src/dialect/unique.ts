import { countOf, type TensorData, type TensorType, tensorData } from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";
import { axisOf } from "../semantics/axes.ts";
import { compareElements } from "../semantics/ordering.ts";
import { inversePermutation, movedAxes } from "../semantics/permutations.ts";
import { permuted, reshaped, selected } from "../semantics/views.ts";

/** Which different slices there are along axis 0 of `rows`, which of them each slice is, and how often each occurs. */
interface Groups {
  readonly first: readonly number[];
  readonly inverse: readonly number[];
  readonly counts: readonly number[];
}
/** Groups neighbours that are equal, in the order given. A NaN equals nothing, itself included. */
function grouped(order: readonly number[], same: (a: number, b: number) => boolean): Groups {
  const first: number[] = [];
  const counts: number[] = [];
  const inverse = new Array<number>(order.length).fill(0);
  order.forEach((at, i) => {
    if (i > 0 && same(order[i - 1]!, at)) counts[counts.length - 1]!++;
    else {
      first.push(at);
      counts.push(1);
    }
    inverse[at] = first.length - 1;
  });
  return { first, inverse, counts };
}
/** Kernels differ in what they leave out when it is not asked for: what is left out has a type without elements. */
function listed(
  type: TensorType | undefined,
  values: readonly number[],
  shape: readonly number[] = [values.length],
): TensorData {
  return type?.shape.length === 1 && type.shape[0] === 0
    ? tensorData("i64", [0], [])
    : tensorData("i64", shape, values);
}

/** Different elements of all. */
function uniqueElements(self: TensorData, sort: boolean, types: readonly TensorType[]): TensorData[] {
  const x = self.data as ArrayLike<number | bigint>;
  const order = Array.from({ length: countOf(self.type.shape) }, (_, i) => i);
  if (sort) order.sort((a, b) => compareElements(x[a]!, x[b]!) || a - b);
  const g = grouped(order, (a, b) => x[a] === x[b]);
  return [
    selected(self, [g.first.length], (i) => g.first[i]!),
    listed(types[1], g.inverse, self.type.shape),
    listed(types[2], g.counts),
  ];
}
/** Different slices of an axis. */
function uniqueSlices(self: TensorData, dim: number, sort: boolean, types: readonly TensorType[]): TensorData[] {
  const rank = self.type.shape.length;
  const perm = movedAxes(rank, [axisOf(dim, rank)], [0]);
  const rows = permuted(self, perm);
  const shape: readonly number[] = rows.type.shape;
  const width = countOf(shape.slice(1));
  const x = rows.data as ArrayLike<number | bigint>;
  const order = Array.from({ length: shape[0]! }, (_, i) => i);
  const compare = (a: number, b: number): number => {
    for (let i = 0; i < width; i++) {
      const c = compareElements(x[a * width + i]!, x[b * width + i]!);
      if (c) return c;
    }
    return 0;
  };
  const same = (a: number, b: number): boolean =>
    Array.from({ length: width }, (_, i) => x[a * width + i] === x[b * width + i]).every(Boolean);
  if (sort) order.sort((a, b) => compare(a, b) || a - b);
  const g = grouped(order, same);
  const to = [g.first.length, ...shape.slice(1)];
  const values = selected(reshaped(rows, shape), to, (i) => g.first[Math.floor(i / width)]! * width + (i % width));
  return [permuted(values, inversePermutation(perm)), listed(types[1], g.inverse), listed(types[2], g.counts)];
}

// how many different elements there are depends on data, so types come from the program
export const unique2 = defineAten(
  "_unique2(Tensor self, bool sorted=True, bool return_inverse=False, bool return_counts=False) -> (Tensor, Tensor, Tensor)",
  {
    summary: "The different elements in rising order, which of them each element is, and how often each occurs.",
    traits: { countsElements: true },
    evaluate: ({ self }, _, types) => uniqueElements(self, true, types),
  },
);
export const unique = defineAten(
  "_unique(Tensor self, bool sorted=True, bool return_inverse=False) -> (Tensor, Tensor)",
  {
    summary: "The different elements in rising order, and which of them each element is.",
    traits: { countsElements: true },
    evaluate: ({ self }, _, types) => uniqueElements(self, true, types).slice(0, 2),
  },
);
export const uniqueConsecutive = defineAten(
  "unique_consecutive(Tensor self, bool return_inverse=False, bool return_counts=False, int? dim=None) -> (Tensor, Tensor, Tensor)",
  {
    summary: "Runs of equal elements or slices as one each, which of them each is in, and how long they are.",
    traits: { countsElements: true },
    evaluate: ({ self }, { dim }, types) =>
      dim === undefined ? uniqueElements(self, false, types) : uniqueSlices(self, dim, false, types),
  },
);
export const uniqueDim = defineAten(
  "unique_dim(Tensor self, int dim, bool sorted=True, bool return_inverse=False, bool return_counts=False) -> (Tensor, Tensor, Tensor)",
  {
    summary: "The different slices of an axis in rising order, which of them each is, and how often each occurs.",
    traits: { countsElements: true },
    evaluate: ({ self }, { dim }, types) => uniqueSlices(self, dim, true, types),
  },
);
export const uniqueDimConsecutive = defineAten(
  "unique_dim_consecutive(Tensor self, int dim, bool return_inverse=False, bool return_counts=False) -> (Tensor, Tensor, Tensor)",
  {
    summary: "Runs of equal slices of an axis as one each, which of them each is in, and how long they are.",
    traits: { countsElements: true },
    evaluate: ({ self }, { dim }, types) => uniqueSlices(self, dim, false, types),
  },
);
