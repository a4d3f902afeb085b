import { type Dim, type DimExpr, type Scalar, type TensorData, type TensorType, tensor } from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";
import { contract, matmulData, multiply } from "../semantics/contract.ts";
import { matmulShape, wantRank } from "../semantics/matmul-shape.ts";
import { castData, mapNumbers } from "../semantics/pointwise.ts";
import { resultDType } from "../semantics/promote.ts";
import { scaledSum, wideType } from "../semantics/scaled-sum.ts";
import { erf } from "../semantics/special.ts";

interface Factors {
  readonly beta: Scalar | DimExpr;
  readonly alpha: Scalar | DimExpr;
}
const plus = (type: TensorType, self: TensorData, product: TensorData, { beta, alpha }: Factors): TensorData =>
  scaledSum(type, self, beta, product, alpha);

function productType(self: TensorType, a: TensorType, b: TensorType, rank: number): TensorType {
  wantRank(a.shape, rank, "the first matrix");
  wantRank(b.shape, rank, "the second matrix");
  return tensor(self.dtype, matmulShape(a.shape, b.shape));
}

export const addmm = defineAten(
  "addmm(Tensor self, Tensor mat1, Tensor mat2, *, Scalar beta=1, Scalar alpha=1) -> Tensor",
  {
    summary: "`beta * self + alpha * (mat1 @ mat2)`.",
    infer: ({ self, mat1, mat2 }) => productType(self, mat1, mat2, 2),
    evaluate: ({ self, mat1, mat2 }, a, [type]) => plus(type!, self, multiply(wideType(type!), mat1, mat2), a),
  },
);
export const addmmActivation = defineAten(
  "_addmm_activation(Tensor self, Tensor mat1, Tensor mat2, *, Scalar beta=1, Scalar alpha=1, bool use_gelu=False) -> Tensor",
  {
    summary: "`addmm` followed by `relu` or `gelu`.",
    infer: ({ self, mat1, mat2 }) => productType(self, mat1, mat2, 2),
    evaluate({ self, mat1, mat2 }, a, [type]) {
      const out = plus(wideType(type!), self, multiply(wideType(type!), mat1, mat2), a);
      return mapNumbers(type!, [out], a.use_gelu ? (x) => 0.5 * x * (1 + erf(x / Math.SQRT2)) : (x) => Math.max(x, 0));
    },
  },
);
export const baddbmm = defineAten(
  "baddbmm(Tensor self, Tensor batch1, Tensor batch2, *, Scalar beta=1, Scalar alpha=1) -> Tensor",
  {
    summary: "`beta * self + alpha * (batch1 @ batch2)`.",
    infer: ({ self, batch1, batch2 }) => productType(self, batch1, batch2, 3),
    evaluate: ({ self, batch1, batch2 }, a, [type]) => plus(type!, self, multiply(wideType(type!), batch1, batch2), a),
  },
);
export const addbmm = defineAten(
  "addbmm(Tensor self, Tensor batch1, Tensor batch2, *, Scalar beta=1, Scalar alpha=1) -> Tensor",
  {
    summary: "`beta * self + alpha * sum(batch1 @ batch2)`, summed over the batch.",
    infer: ({ self, batch1, batch2 }) => tensor(self.dtype, productType(self, batch1, batch2, 3).shape.slice(1)),
    evaluate: ({ self, batch1, batch2 }, a, [type]) =>
      plus(
        type!,
        self,
        contract(
          wideType(type!),
          [batch1, batch2],
          [
            ["b", "m", "k"],
            ["b", "k", "n"],
          ],
          ["m", "n"],
        ),
        a,
      ),
  },
);
export const addmv = defineAten(
  "addmv(Tensor self, Tensor mat, Tensor vec, *, Scalar beta=1, Scalar alpha=1) -> Tensor",
  {
    summary: "`beta * self + alpha * (mat @ vec)`.",
    infer({ self, mat, vec }) {
      wantRank(mat.shape, 2, "the matrix");
      wantRank(vec.shape, 1, "the vector");
      return tensor(self.dtype, matmulShape(mat.shape, vec.shape));
    },
    evaluate: ({ self, mat, vec }, a, [type]) => plus(type!, self, matmulData(wideType(type!), mat, vec), a),
  },
);

const outerShape = (a: TensorType, b: TensorType): Dim[] => {
  wantRank(a.shape, 1, "the first vector");
  wantRank(b.shape, 1, "the second vector");
  return [a.shape[0]!, b.shape[0]!];
};
const outerData = (type: TensorType, a: TensorData, b: TensorData): TensorData =>
  contract(type, [castData(a, type.dtype), castData(b, type.dtype)], [["m"], ["n"]], ["m", "n"]);

export const addr = defineAten(
  "addr(Tensor self, Tensor vec1, Tensor vec2, *, Scalar beta=1, Scalar alpha=1) -> Tensor",
  {
    summary: "`beta * self + alpha * outer(vec1, vec2)`.",
    infer: ({ self, vec1, vec2 }) => tensor(resultDType(self, vec1, vec2), outerShape(vec1, vec2)),
    evaluate: ({ self, vec1, vec2 }, a, [type]) =>
      plus(type!, castData(self, type!.dtype), outerData(wideType(type!), vec1, vec2), a),
  },
);
export const outer = defineAten("outer(Tensor self, Tensor vec2) -> Tensor", {
  summary: "All products of the elements of two vectors.",
  infer: ({ self, vec2 }) => tensor(resultDType(self, vec2), outerShape(self, vec2)),
  evaluate: ({ self, vec2 }, _, [type]) => outerData(type!, self, vec2),
});
export const ger = defineAten("ger(Tensor self, Tensor vec2) -> Tensor", {
  summary: "Another name of `outer`.",
  infer: ({ self, vec2 }) => tensor(resultDType(self, vec2), outerShape(self, vec2)),
  evaluate: ({ self, vec2 }, _, [type]) => outerData(type!, self, vec2),
});
