import {
  invalid,
  numbersOf,
  operand,
  showType,
  type TensorData,
  type TensorType,
  tensor,
  tensorData,
} from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";
import { covariances, variables } from "../semantics/covariance.ts";
import { differ } from "../semantics/matmul-shape.ts";
import { floatResult } from "../semantics/promote.ts";

const type = (x: TensorType): TensorType => tensor(floatResult(x.dtype), variables(x));
interface Weights {
  readonly fweights?: TensorData | undefined;
  readonly aweights?: TensorData | undefined;
}
function covarianceOf(x: TensorData, { fweights, aweights }: Weights, correction: number): number[] {
  const shape: readonly number[] = x.type.shape;
  const count = shape.at(-1) ?? 1;
  const data = Array.from(numbersOf(x));
  const rows = Array.from({ length: shape.length === 2 ? shape[0]! : 1 }, (_, i) =>
    data.slice(i * count, (i + 1) * count),
  );
  const [f, a] = [fweights, aweights].map((w) => w && Array.from(numbersOf(w)));
  const weights = Array.from({ length: count }, (_, i) => (f?.[i] ?? 1) * (a?.[i] ?? 1));
  return covariances(rows, weights, a, correction);
}

export const cov = defineAten(
  "cov(Tensor self, *, int correction=1, Tensor? fweights=None, Tensor? aweights=None) -> Tensor",
  {
    summary: "Covariances of the rows of a matrix.",
    infer({ self, fweights, aweights }) {
      const out = type(self);
      const count = self.shape.at(-1) ?? 1;
      for (const w of [fweights, aweights])
        if (w && (w.shape.length > 1 || differ(w.shape[0] ?? 1, count)))
          invalid(`takes one weight for each column, got ${showType(w)} for ${showType(self)}`);
      return out;
    },
    operands: { fweights: operand.optional(operand.integer), aweights: operand.optional(operand.float) },
    evaluate: ({ self, ...w }, { correction }) => {
      const { dtype, shape } = type(self.type);
      return tensorData(dtype, shape as number[], covarianceOf(self, w, correction));
    },
  },
);
export const corrcoef = defineAten("corrcoef(Tensor self) -> Tensor", {
  summary: "Correlations of the rows of a matrix, within -1 and 1.",
  infer: ({ self }) => type(self),
  evaluate({ self }) {
    const { dtype, shape } = type(self.type);
    const c = covarianceOf(self, {}, 1);
    const n = Math.sqrt(c.length);
    const deviations = Array.from({ length: n }, (_, i) => Math.sqrt(c[i * (n + 1)]!));
    return tensorData(
      dtype,
      shape as number[],
      c.map((v, i) => Math.min(Math.max(v / deviations[Math.floor(i / n)]! / deviations[i % n]!, -1), 1)),
    );
  },
});
