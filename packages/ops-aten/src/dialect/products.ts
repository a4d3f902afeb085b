import {
  broadcastShapes,
  type Dim,
  invalid,
  isFloat,
  mulDim,
  type TensorData,
  type TensorType,
  tensor,
} from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";
import { axisOf } from "../semantics/axes.ts";
import { concatenated } from "../semantics/concatenate.ts";
import { contract, matmulData } from "../semantics/contract.ts";
import { crossAxis } from "../semantics/cross-axis.ts";
import { matmulShape, wantRank } from "../semantics/matmul-shape.ts";
import { castData, mapIntegers, mapNumbers } from "../semantics/pointwise.ts";
import { resultDType, sumResult } from "../semantics/promote.ts";
import { broadcasted, reshaped, slicedAlong } from "../semantics/views.ts";

/** Both shapes with as many axes, ones in front. */
const alignedShape = <D extends Dim>(shape: readonly D[], rank: number): D[] => [
  ...Array.from({ length: rank - shape.length }, () => 1 as D),
  ...shape,
];

export const kron = defineAten("kron(Tensor self, Tensor other) -> Tensor", {
  summary: "Kronecker product: the other tensor once for each element of the first.",
  infer({ self, other }) {
    const rank = Math.max(self.shape.length, other.shape.length);
    const b = alignedShape(other.shape, rank);
    return tensor(
      resultDType(self, other),
      alignedShape(self.shape, rank).map((d, i) => mulDim(d, b[i]!)),
    );
  },
  evaluate({ self, other }, _, [type]) {
    const rank = Math.max(self.type.shape.length, other.type.shape.length);
    const [a, b] = [alignedShape(self.type.shape, rank), alignedShape(other.type.shape, rank)];
    const label = (p: string): string[] => Array.from({ length: rank }, (_x, i) => `${p}${i}`);
    const out = contract(
      type!,
      [reshaped(castData(self, type!.dtype), a), reshaped(castData(other, type!.dtype), b)],
      [label("a"), label("b")],
      label("a").flatMap((l, i) => [l, `b${i}`]),
    );
    return reshaped(
      out,
      a.map((d, i) => d * b[i]!),
    );
  },
});

function crossType(self: TensorType, other: TensorType, dim: number | undefined): TensorType {
  const shape = broadcastShapes(self.shape, other.shape);
  if (self.shape.length !== other.shape.length)
    invalid(`takes tensors of as many axes, got ${self.shape.length} and ${other.shape.length}`);
  if (shape.length === 0) invalid("takes vectors, got numbers of rank 0");
  const axis = crossAxis(shape, dim);
  if (typeof shape[axis] === "number" && shape[axis] !== 3)
    invalid(`axis ${axis} must have extent 3, got ${shape[axis]}`);
  return tensor(self.dtype, shape);
}
function crossData(self: TensorData, other: TensorData, dim: number | undefined, type: TensorType): TensorData {
  const shape = broadcastShapes(self.type.shape, other.type.shape) as number[];
  const axis = crossAxis(shape, dim);
  const [a, b] = [self, other].map((x) => [0, 1, 2].map((i) => slicedAlong(broadcasted(x, shape), axis, i, 1))) as [
    TensorData[],
    TensorData[],
  ];
  const component = (i: number, j: number): TensorData => {
    const operands = [a[i]!, b[j]!, a[j]!, b[i]!];
    const part = { ...type, shape: operands[0]!.type.shape };
    return isFloat(type.dtype)
      ? mapNumbers(part, operands, (x, y, z, w) => x * y - z * w)
      : mapIntegers(part, operands, (x, y, z, w) => x * y - z * w);
  };
  return concatenated([component(1, 2), component(2, 0), component(0, 1)], axis, type.dtype);
}
export const cross = defineAten("cross(Tensor self, Tensor other, int? dim=None) -> Tensor", {
  summary: "Cross product along an axis of extent 3, the first such axis unless one is given.",
  infer: ({ self, other }, { dim }) => crossType(self, other, dim),
  evaluate: ({ self, other }, { dim }, [type]) => crossData(self, other, dim, type!),
});
export const linalgCross = defineAten("linalg_cross(Tensor self, Tensor other, *, int dim=-1) -> Tensor", {
  summary: "Cross product along an axis of extent 3.",
  infer: ({ self, other }, { dim }) => crossType(self, other, dim),
  evaluate: ({ self, other }, { dim }, [type]) => crossData(self, other, dim, type!),
});

export const trace = defineAten("trace(Tensor self) -> Tensor", {
  summary: "Sum of the diagonal of a matrix; integers are summed in int64.",
  infer({ self }) {
    wantRank(self.shape, 2, "self");
    return tensor(sumResult(self.dtype), []);
  },
  evaluate({ self }, _, [type]) {
    const [rows, columns] = self.type.shape as readonly number[];
    const n = Math.min(rows!, columns!);
    const square = slicedAlong(slicedAlong(self, 0, 0, n), 1, 0, n);
    return contract(type!, [square], [["i", "i"]], []);
  },
});

const chain = (shapes: readonly (readonly Dim[])[]): readonly Dim[] => {
  if (shapes.length === 0) invalid("needs at least one matrix");
  return shapes.reduce((a, b) => matmulShape(a, b));
};
export const chainMatmul = defineAten("chain_matmul(Tensor[] matrices) -> Tensor", {
  summary: "Product of several matrices.",
  infer({ matrices }) {
    for (const m of matrices) wantRank(m.shape, 2, "each matrix");
    return tensor(matrices[0]!.dtype, chain(matrices.map((m) => m.shape)));
  },
  evaluate: ({ matrices }, _, [type]) => product(matrices, type!),
});
export const linalgMultiDot = defineAten("linalg_multi_dot(Tensor[] tensors) -> Tensor", {
  summary: "Product of several matrices, of which the first and the last may be vectors.",
  infer({ tensors }) {
    if (tensors.length < 2) invalid("needs at least two tensors");
    for (const t of tensors.slice(1, -1)) wantRank(t.shape, 2, "each matrix between the first and the last");
    return tensor(tensors[0]!.dtype, chain(tensors.map((t) => t.shape)));
  },
  evaluate: ({ tensors }, _, [type]) => product(tensors, type!),
});
function product(factors: readonly TensorData[], type: TensorType): TensorData {
  const wide = tensor(isFloat(type.dtype) ? "f64" : "i64", []);
  return castData(
    factors.slice(1).reduce((a, b) => matmulData(wide, a, b), castData(factors[0]!, wide.dtype)),
    type.dtype,
  );
}

export const linalgVecdot = defineAten("linalg_vecdot(Tensor x, Tensor y, *, int dim=-1) -> Tensor", {
  summary: "Sums of the products of two tensors along an axis.",
  infer({ x, y }, { dim }) {
    const shape = broadcastShapes(x.shape, y.shape);
    return tensor(x.dtype, shape.toSpliced(axisOf(dim, shape.length), 1));
  },
  evaluate({ x, y }, { dim }, [type]) {
    const shape = broadcastShapes(x.type.shape, y.type.shape) as number[];
    const labels = shape.map((_s, i) => `a${i}`);
    return contract(
      type!,
      [broadcasted(x, shape), broadcasted(y, shape)],
      [labels, labels],
      labels.toSpliced(axisOf(dim, shape.length), 1),
    );
  },
});
