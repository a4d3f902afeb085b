import {
  type Dim,
  invalid,
  isStatic,
  showDim,
  type TensorData,
  type TensorType,
  tensor,
  withShape,
} from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";
import { axisOf } from "../semantics/axes.ts";
import { compareElements, ordered, scalarAgain, sortedPlaces } from "../semantics/ordering.ts";

interface SortAttrs {
  readonly dim: number;
  readonly descending: boolean;
}
function sorted(self: TensorData, { dim, descending }: SortAttrs): TensorData[] {
  return ordered(self, axisOf(dim, self.type.shape.length), (line) => sortedPlaces(line, descending)).map((d) =>
    scalarAgain(d, self),
  );
}
function sortTypes(self: TensorType, dim: number): TensorType[] {
  axisOf(dim, self.shape.length);
  return [self, tensor("i64", self.shape)];
}
const sorting = {
  infer: ({ self }: { readonly self: TensorType }, { dim }: SortAttrs) => sortTypes(self, dim),
  evaluate: ({ self }: { readonly self: TensorData }, attrs: SortAttrs) => sorted(self, attrs),
};
export const sort = defineAten(
  "sort(Tensor self, int dim=-1, bool descending=False) -> (Tensor values, Tensor indices)",
  {
    summary: "Elements along an axis in order, and where they were; NaN counts as largest.",
    ...sorting,
  },
);
export const sortStable = defineAten(
  "sort.stable(Tensor self, *, bool? stable, int dim=-1, bool descending=False) -> (Tensor values, Tensor indices)",
  {
    summary: "`sort` that keeps the order of equal elements.",
    ...sorting,
  },
);
const places = {
  infer: ({ self }: { readonly self: TensorType }, { dim }: SortAttrs) => sortTypes(self, dim)[1]!,
  evaluate: ({ self }: { readonly self: TensorData }, attrs: SortAttrs) => sorted(self, attrs)[1]!,
};
export const argsort = defineAten("argsort(Tensor self, int dim=-1, bool descending=False) -> Tensor", {
  summary: "Where the elements along an axis are, in order.",
  ...places,
});
export const argsortStable = defineAten(
  "argsort.stable(Tensor self, *, bool stable, int dim=-1, bool descending=False) -> Tensor",
  {
    summary: "`argsort` that keeps the order of equal elements.",
    ...places,
  },
);
export const msort = defineAten("msort(Tensor self) -> Tensor", {
  summary: "Elements along axis 0 in rising order.",
  infer: ({ self }) => self,
  evaluate: ({ self }) => sorted(self, { dim: 0, descending: false })[0]!,
});

function picked(self: TensorType, dim: number, count: Dim): TensorType[] {
  const axis = axisOf(dim, self.shape.length);
  const extent = self.shape[axis] ?? 1;
  const least = self.shape.length ? 0 : 1;
  if (isStatic(count) && isStatic(extent) && (count < least || count > extent))
    invalid(`cannot choose ${showDim(count)} of ${extent} elements`);
  const shape = self.shape.length ? self.shape.with(axis, count) : [];
  return [withShape(self, shape), tensor("i64", shape)];
}
export const topk = defineAten(
  "topk(Tensor self, SymInt k, int dim=-1, bool largest=True, bool sorted=True) -> (Tensor values, Tensor indices)",
  {
    summary: "The `k` largest or smallest elements along an axis, and where they are.",
    infer: ({ self }, { k, dim }) => picked(self, dim, k),
    evaluate: ({ self }, { k, dim, largest }) =>
      ordered(self, axisOf(dim, self.type.shape.length), (line) =>
        sortedPlaces(line, largest).slice(0, k as number),
      ).map((d) => scalarAgain(d, self)),
  },
);

interface OneAttrs {
  readonly dim: number;
  readonly keepdim: boolean;
}
const keptOrNot = (self: TensorType, { dim, keepdim }: OneAttrs): TensorType[] => {
  const axis = axisOf(dim, self.shape.length);
  const shape = keepdim ? self.shape.map((d, i) => (i === axis ? 1 : d)) : self.shape.filter((_, i) => i !== axis);
  if (self.shape[axis] === 0) invalid("has no elements to choose from along an axis of extent 0");
  return [withShape(self, shape), tensor("i64", shape)];
};
/** One place of each line, and what stands there. */
function one(self: TensorData, attrs: OneAttrs, place: (line: ArrayLike<number | bigint>) => number): TensorData[] {
  const types = keptOrNot(self.type, attrs);
  return ordered(self, axisOf(attrs.dim, self.type.shape.length), (line) => [place(line)]).map((d, i) => ({
    ...d,
    type: types[i] as TensorData["type"],
  }));
}
export const kthvalue = defineAten(
  "kthvalue(Tensor self, SymInt k, int dim=-1, bool keepdim=False) -> (Tensor values, Tensor indices)",
  {
    summary: "The `k`-th smallest element along an axis, and where it is.",
    infer({ self }, { k, dim, keepdim }) {
      picked(self, dim, k);
      return keptOrNot(self, { dim, keepdim });
    },
    evaluate: ({ self }, { k, dim, keepdim }) =>
      one(self, { dim, keepdim }, (line) => sortedPlaces(line, false)[(k as number) - 1]!),
  },
);
export const mode = defineAten("mode(Tensor self, int dim=-1, bool keepdim=False) -> (Tensor values, Tensor indices)", {
  summary: "The commonest element along an axis, the smallest of several, and the last place where it is.",
  infer: ({ self }, attrs) => keptOrNot(self, attrs),
  evaluate: ({ self }, attrs) => one(self, attrs, commonest),
});
/** Where the commonest element of a line stands last. */
function commonest(line: ArrayLike<number | bigint>): number {
  const order = sortedPlaces(line, false);
  let best = { length: 0, at: 0 };
  for (let i = 0; i < order.length; ) {
    let end = i + 1;
    while (end < order.length && compareElements(line[order[end]!]!, line[order[i]!]!) === 0) end++;
    if (end - i > best.length) best = { length: end - i, at: order[end - 1]! };
    i = end;
  }
  return best.at;
}
