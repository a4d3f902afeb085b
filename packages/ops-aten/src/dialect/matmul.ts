import { isFloat, type TensorData, type TensorType, tensor } from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";
import { contract, matmulData, multiply } from "../semantics/contract.ts";
import { matmulShape, wantRank } from "../semantics/matmul-shape.ts";
import { mapIntegers, mapNumbers } from "../semantics/pointwise.ts";
import { wideType } from "../semantics/scaled-sum.ts";

export const linear = defineAten("linear(Tensor input, Tensor weight, Tensor? bias=None) -> Tensor", {
  summary: "Rows times the transposed weight `[out, in]`, plus a bias.",
  infer({ input, weight }) {
    wantRank(weight.shape, 2, "the weight");
    return tensor(input.dtype, matmulShape(input.shape, [weight.shape[1]!, weight.shape[0]!]));
  },
  evaluate({ input, weight, bias }, _, [type]) {
    const rows = Array.from({ length: input.type.shape.length - 1 }, (_x, i) => `b${i}`);
    const out = contract(
      bias ? wideType(type!) : type!,
      [input, weight],
      [
        [...rows, "k"],
        ["n", "k"],
      ],
      [...rows, "n"],
    );
    if (!bias) return out;
    return isFloat(type!.dtype)
      ? mapNumbers(type!, [out, bias], (a, b) => a + b)
      : mapIntegers(type!, [out, bias], (a, b) => a + b);
  },
});

interface Pair<T> {
  readonly self: T;
  readonly mat2: T;
}
const matrices = (rank: number) => ({
  infer({ self, mat2 }: Pair<TensorType>): TensorType {
    wantRank(self.shape, rank, "self");
    wantRank(mat2.shape, rank, "mat2");
    return tensor(self.dtype, matmulShape(self.shape, mat2.shape));
  },
  evaluate: ({ self, mat2 }: Pair<TensorData>, _: unknown, [type]: readonly TensorType[]): TensorData =>
    multiply(type!, self, mat2),
});
export const mm = defineAten("mm(Tensor self, Tensor mat2) -> Tensor", {
  summary: "Product of two matrices.",
  ...matrices(2),
});
export const bmm = defineAten("bmm(Tensor self, Tensor mat2) -> Tensor", {
  summary: "Products of the matrices of two batches.",
  ...matrices(3),
});

interface Operands<T> {
  readonly self: T;
  readonly other: T;
}
const general = {
  infer: ({ self, other }: Operands<TensorType>): TensorType =>
    tensor(self.dtype, matmulShape(self.shape, other.shape)),
  evaluate: ({ self, other }: Operands<TensorData>, _: unknown, [type]: readonly TensorType[]): TensorData =>
    matmulData(type!, self, other),
};
export const matmul = defineAten("matmul(Tensor self, Tensor other) -> Tensor", {
  summary: "Product of vectors, matrices, or batches of matrices that broadcast.",
  ...general,
});
export const linalgMatmul = defineAten("linalg_matmul(Tensor self, Tensor other) -> Tensor", {
  summary: "Another name of `matmul`.",
  ...general,
});

export const mv = defineAten("mv(Tensor self, Tensor vec) -> Tensor", {
  summary: "Product of a matrix and a vector.",
  infer({ self, vec }) {
    wantRank(self.shape, 2, "self");
    wantRank(vec.shape, 1, "vec");
    return tensor(self.dtype, matmulShape(self.shape, vec.shape));
  },
  evaluate: ({ self, vec }, _, [type]) => matmulData(type!, self, vec),
});

function vectors(a: TensorType, b: TensorType): TensorType {
  wantRank(a.shape, 1, "self");
  wantRank(b.shape, 1, "the other operand");
  return tensor(a.dtype, matmulShape(a.shape, b.shape));
}
export const dot = defineAten("dot(Tensor self, Tensor tensor) -> Tensor", {
  summary: "Sum of the products of two vectors.",
  infer: ({ self, tensor: other }) => vectors(self, other),
  evaluate: ({ self, tensor: other }, _, [type]) => matmulData(type!, self, other),
});
export const vdot = defineAten("vdot(Tensor self, Tensor other) -> Tensor", {
  summary: "Sum of the products of two vectors, the first one conjugated.",
  infer: ({ self, other }) => vectors(self, other),
  evaluate: ({ self, other }, _, [type]) => matmulData(type!, self, other),
});
