import { type DimExpr, invalid, type Scalar, showType, type TensorData, type TensorType, tensor } from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";
import {
  centreStencil,
  checkOrder,
  edgeStencil,
  type Field,
  gradientAxes,
  type Stencil,
} from "../semantics/gradient.ts";
import { castData } from "../semantics/pointwise.ts";
import { floatResult } from "../semantics/promote.ts";
import { realOf } from "../semantics/real-scalar.ts";
import { scanLines } from "../semantics/scan.ts";

const numbers: Field<number> = { add: (a, b) => a + b, mul: (a, b) => a * b, div: (a, b) => a / b, neg: (a) => -a };
const dot = (s: Stencil<number>, f: readonly number[]): number => s[0] * f[0]! + s[1] * f[1]! + s[2] * f[2]!;

/** Derivative of a line at each of its positions; `steps[i]` lies between positions `i` and `i + 1`. */
function derivative(line: ArrayLike<number>, steps: ArrayLike<number>, order: number): number[] {
  const f = Array.from(line);
  const n = f.length;
  return f.map((_, i) => {
    if (i > 0 && i < n - 1) return dot(centreStencil(numbers, steps[i - 1]!, steps[i]!), [f[i - 1]!, f[i]!, f[i + 1]!]);
    const [near, far, sign] = i === 0 ? [0, 1, 1] : [n - 2, n - 3, -1];
    if (order === 1) return (f[near + 1]! - f[near]!) / steps[near]!;
    return sign * dot(edgeStencil(numbers, steps[near]!, steps[far]!), [f[i]!, f[i + sign]!, f[i + 2 * sign]!]);
  });
}

type Spacing = readonly (number | TensorData)[];
function gradients(
  self: TensorData,
  axes: readonly number[],
  spacing: Spacing,
  order: number,
  types: readonly TensorType[],
): TensorData[] {
  return axes.map((axis, k) => {
    const by = spacing[k]!;
    const extent = self.type.shape[axis]!;
    const at = typeof by === "number" ? undefined : castData(by, "f64").data;
    const steps = Array.from({ length: extent - 1 }, (_, i) =>
      at ? (at[i + 1] as number) - (at[i] as number) : (by as number),
    );
    return scanLines(types[k]!, castData(self, "f64"), axis, (line) => derivative(line, steps, order));
  });
}
function gradientTypes(self: TensorType, axes: readonly number[], spacings: number, order: number): TensorType[] {
  checkOrder(order);
  if (spacings !== axes.length) invalid(`has ${spacings} spacings for ${axes.length} axes`);
  for (const a of axes) {
    const d = self.shape[a];
    if (d === undefined || (typeof d === "number" && d < order + 1))
      invalid(`needs at least ${order + 1} elements along each axis`);
  }
  return axes.map(() => tensor(floatResult(self.dtype), self.shape));
}
/** Coordinates: one for each element along each axis. */
function gradientOverTensors(
  self: TensorType,
  axes: readonly number[],
  spacing: readonly TensorType[],
  order: number,
): TensorType[] {
  spacing.forEach((s, k) => {
    const [extent, have] = [self.shape[axes[k] ?? -1], s.shape[0]];
    if (s.shape.length !== 1 || (typeof extent === "number" && typeof have === "number" && extent !== have))
      invalid(`takes one coordinate for each element along an axis, got ${showType(s)} for ${showType(self)}`);
  });
  return gradientTypes(self, axes, spacing.length, order);
}
const rankOf = (x: { readonly shape: readonly unknown[] }): number => x.shape.length;
const real = (s: Scalar | DimExpr): number => realOf(s, "spacing");
const summary = "Derivatives by differences of neighbours along axes.";

export const gradientScalarint = defineAten(
  "gradient.scalarint(Tensor self, *, Scalar? spacing=None, int? dim=None, int edge_order=1) -> Tensor[]",
  {
    summary,
    infer({ self }, { dim, edge_order }) {
      const axes = gradientAxes(dim, rankOf(self));
      return gradientTypes(self, axes, axes.length, edge_order);
    },
    evaluate({ self }, { spacing, dim, edge_order }, types) {
      const axes = gradientAxes(dim, rankOf(self.type));
      return gradients(
        self,
        axes,
        axes.map(() => real(spacing ?? 1n)),
        edge_order,
        types,
      );
    },
  },
);
export const gradientScalararray = defineAten(
  "gradient.scalararray(Tensor self, *, Scalar spacing, int[] dim, int edge_order=1) -> Tensor[]",
  {
    summary,
    infer({ self }, { dim, edge_order }) {
      const axes = gradientAxes(dim, rankOf(self));
      return gradientTypes(self, axes, axes.length, edge_order);
    },
    evaluate({ self }, { spacing, dim, edge_order }, types) {
      const axes = gradientAxes(dim, rankOf(self.type));
      return gradients(
        self,
        axes,
        axes.map(() => real(spacing)),
        edge_order,
        types,
      );
    },
  },
);
export const gradientArray = defineAten("gradient.array(Tensor self, *, int[] dim, int edge_order=1) -> Tensor[]", {
  summary,
  infer({ self }, { dim, edge_order }) {
    const axes = gradientAxes(dim, rankOf(self));
    return gradientTypes(self, axes, axes.length, edge_order);
  },
  evaluate({ self }, { dim, edge_order }, types) {
    const axes = gradientAxes(dim, rankOf(self.type));
    return gradients(
      self,
      axes,
      axes.map(() => 1),
      edge_order,
      types,
    );
  },
});
export const gradientScalarrayint = defineAten(
  "gradient.scalarrayint(Tensor self, *, Scalar[] spacing, int? dim=None, int edge_order=1) -> Tensor[]",
  {
    summary,
    infer: ({ self }, { spacing, dim, edge_order }) =>
      gradientTypes(self, gradientAxes(dim, rankOf(self)), spacing.length, edge_order),
    evaluate: ({ self }, { spacing, dim, edge_order }, types) =>
      gradients(self, gradientAxes(dim, rankOf(self.type)), spacing.map(real), edge_order, types),
  },
);
export const gradientScalarrayarray = defineAten(
  "gradient.scalarrayarray(Tensor self, *, Scalar[] spacing, int[] dim, int edge_order=1) -> Tensor[]",
  {
    summary,
    infer: ({ self }, { spacing, dim, edge_order }) =>
      gradientTypes(self, gradientAxes(dim, rankOf(self)), spacing.length, edge_order),
    evaluate: ({ self }, { spacing, dim, edge_order }, types) =>
      gradients(self, gradientAxes(dim, rankOf(self.type)), spacing.map(real), edge_order, types),
  },
);
export const gradientTensorarrayint = defineAten(
  "gradient.tensorarrayint(Tensor self, *, Tensor[] spacing, int? dim=None, int edge_order=1) -> Tensor[]",
  {
    summary,
    infer: ({ self, spacing }, { dim, edge_order }) =>
      gradientOverTensors(self, gradientAxes(dim, rankOf(self)), spacing, edge_order),
    evaluate: ({ self, spacing }, { dim, edge_order }, types) =>
      gradients(self, gradientAxes(dim, rankOf(self.type)), spacing, edge_order, types),
  },
);
export const gradientTensorarray = defineAten(
  "gradient.tensorarray(Tensor self, *, Tensor[] spacing, int[] dim, int edge_order=1) -> Tensor[]",
  {
    summary,
    infer: ({ self, spacing }, { dim, edge_order }) =>
      gradientOverTensors(self, gradientAxes(dim, rankOf(self)), spacing, edge_order),
    evaluate: ({ self, spacing }, { dim, edge_order }, types) =>
      gradients(self, gradientAxes(dim, rankOf(self.type)), spacing, edge_order, types),
  },
);
