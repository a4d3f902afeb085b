import {
  addDim,
  broadcastShapes,
  type Dim,
  floorDivDim,
  invalid,
  isFloat,
  mulDim,
  type TensorData,
  type TensorType,
  tensor,
} from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";
import { axisOf } from "../semantics/axes.ts";
import { subtracted } from "../semantics/binary.ts";
import { differ, wantRank } from "../semantics/matmul-shape.ts";
import { mapNumbers } from "../semantics/pointwise.ts";
import { resultDType } from "../semantics/promote.ts";
import { reduceAxes, reducedShape, reduceNumbers, sumOf } from "../semantics/reduce.ts";
import { vectorNorm } from "../semantics/vector-norm.ts";
import { broadcasted, reshaped } from "../semantics/views.ts";

function cdistType(x1: TensorType, x2: TensorType): TensorType {
  for (const x of [x1, x2]) {
    if (!isFloat(x.dtype)) invalid(`needs floating-point tensors, got ${x.dtype}`);
    if (x.shape.length < 2) invalid(`needs tensors of at least 2 axes, got ${x.shape.length}`);
  }
  if (differ(x1.shape.at(-1), x2.shape.at(-1)))
    invalid(`vectors have ${String(x1.shape.at(-1))} and ${String(x2.shape.at(-1))} elements`);
  return tensor(x1.dtype, [
    ...broadcastShapes(x1.shape.slice(0, -2), x2.shape.slice(0, -2)),
    x1.shape.at(-2)!,
    x2.shape.at(-2)!,
  ]);
}
function cdistData(x1: TensorData, x2: TensorData, p: number, type: TensorType): TensorData {
  const [s1, s2]: readonly (readonly number[])[] = [x1.type.shape, x2.type.shape];
  const shape = [
    ...broadcastShapes(s1!.slice(0, -2), s2!.slice(0, -2)),
    s1!.at(-2)!,
    s2!.at(-2)!,
    s1!.at(-1)!,
  ] as number[];
  const left = broadcasted(reshaped(x1, s1!.toSpliced(-1, 0, 1)), shape);
  const right = broadcasted(reshaped(x2, s2!.toSpliced(-2, 0, 1)), shape);
  const difference = mapNumbers(tensor("f64", shape), [left, right], (a, b) => a - b);
  return reduceNumbers(type, difference, [shape.length - 1], (line) => vectorNorm(line, p));
}
export const cdist = defineAten("cdist(Tensor x1, Tensor x2, float p=2., int? compute_mode=None) -> Tensor", {
  summary: "Distances of all rows of one tensor to all rows of another.",
  infer: ({ x1, x2 }) => cdistType(x1, x2),
  evaluate: ({ x1, x2 }, { p }, [type]) => cdistData(x1, x2, p, type!),
});
export const cdistForward = defineAten("_cdist_forward(Tensor x1, Tensor x2, float p, int? compute_mode) -> Tensor", {
  summary: "Distances of all rows of one tensor to all rows of another.",
  infer: ({ x1, x2 }) => cdistType(x1, x2),
  evaluate: ({ x1, x2 }, { p }, [type]) => cdistData(x1, x2, p, type!),
});

function pdistType(self: TensorType): TensorType {
  wantRank(self.shape, 2, "self");
  if (!isFloat(self.dtype)) invalid(`needs a floating-point tensor, got ${self.dtype}`);
  const n: Dim = self.shape[0]!;
  return tensor(self.dtype, [floorDivDim(mulDim(n, addDim(n, -1)), 2)]);
}
function pdistData(self: TensorData, p: number, type: TensorType): TensorData {
  const n = self.type.shape[0]!;
  const all = cdistData(self, self, p, type).data;
  const above = Array.from(all as Float32Array).filter((_, i) => i % n > Math.floor(i / n));
  return {
    type: { dtype: type.dtype, shape: [above.length] },
    data: (all as Float32Array).constructor === Float64Array ? Float64Array.from(above) : Float32Array.from(above),
  };
}
export const pdist = defineAten("pdist(Tensor self, float p=2.) -> Tensor", {
  summary: "Distances of every two rows.",
  infer: ({ self }) => pdistType(self),
  evaluate: ({ self }, { p }, [type]) => pdistData(self, p, type!),
});
export const pdistForward = defineAten("_pdist_forward(Tensor self, float p=2.) -> Tensor", {
  summary: "Distances of every two rows.",
  infer: ({ self }) => pdistType(self),
  evaluate: ({ self }, { p }, [type]) => pdistData(self, p, type!),
});

export const pairwiseDistance = defineAten(
  "pairwise_distance(Tensor x1, Tensor x2, float p=2., float eps=9.9999999999999995e-07, bool keepdim=False) -> Tensor",
  {
    summary: "Norm along the last axis of the difference plus `eps`.",
    infer({ x1, x2 }, { keepdim }) {
      const shape = broadcastShapes(x1.shape, x2.shape);
      const d = resultDType(x1, x2);
      if (d === "bool") invalid("bools are not subtracted: use logical_xor");
      return tensor(isFloat(d) ? d : "f32", [...shape.slice(0, -1), ...(keepdim && shape.length ? [1] : [])]);
    },
    evaluate({ x1, x2 }, { p, eps }, [type]) {
      const difference = mapNumbers(tensor("f64", []), [subtracted(x1, x2)], (v) => v + eps);
      return reduceNumbers(
        type!,
        difference,
        difference.type.shape.length ? [difference.type.shape.length - 1] : [],
        (line) => vectorNorm(line, p),
      );
    },
  },
);

export const cosineSimilarity = defineAten(
  "cosine_similarity(Tensor x1, Tensor x2, int dim=1, float eps=1e-08) -> Tensor",
  {
    summary: "Cosine of the angle between vectors along an axis; norms below `eps` count as `eps`.",
    infer({ x1, x2 }, { dim }) {
      const d = resultDType(x1, x2);
      if (!isFloat(d)) invalid(`needs floating-point tensors, got ${d}`);
      const shape = broadcastShapes(x1.shape, x2.shape);
      return tensor(d, shape.toSpliced(axisOf(dim, shape.length), 1));
    },
    evaluate({ x1, x2 }, { dim, eps }, [type]) {
      const shape = broadcastShapes(x1.type.shape, x2.type.shape) as number[];
      const axes = reduceAxes(dim, shape.length);
      const unit = (x: TensorData): TensorData => {
        const wide = broadcasted(x, shape);
        const norms = reduceNumbers(tensor("f64", reducedShape(shape, axes, true)), wide, axes, (line) =>
          Math.max(vectorNorm(line, 2), eps),
        );
        return mapNumbers(tensor("f64", shape), [wide, norms], (v, n) => v / n);
      };
      return reduceNumbers(
        type!,
        mapNumbers(tensor("f64", shape), [unit(x1), unit(x2)], (a, b) => a * b),
        axes,
        sumOf,
      );
    },
  },
);
