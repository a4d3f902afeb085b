import {
  addDim,
  broadcastShapes,
  type Dim,
  invalid,
  isFloat,
  isStatic,
  showType,
  type TensorData,
  type TensorType,
  tensor,
} from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";
import { axisOf } from "../semantics/axes.ts";
import { promotedArithmetic } from "../semantics/binary.ts";
import { concatenated } from "../semantics/concatenate.ts";
import { differences, shortened } from "../semantics/differences.ts";
import { differ } from "../semantics/matmul-shape.ts";
import { castData, mapNumbers } from "../semantics/pointwise.ts";
import { floatResult, resultDType } from "../semantics/promote.ts";
import { realOf } from "../semantics/real-scalar.ts";
import { reduceNumbers, sumOf } from "../semantics/reduce.ts";
import { scanLines } from "../semantics/scan.ts";
import { alignedSpacing } from "../semantics/spacing.ts";
import { reshaped, slicedAlong } from "../semantics/views.ts";

const present = <T>(...parts: readonly (T | undefined)[]): T[] => parts.filter((p) => p !== undefined);

export const diff = defineAten(
  "diff(Tensor self, int n=1, int dim=-1, Tensor? prepend=None, Tensor? append=None) -> Tensor",
  {
    summary: "Differences of neighbours along an axis, taken `n` times; of bools, whether they differ.",
    infer({ self, prepend, append }, { n, dim }) {
      const rank = self.shape.length;
      if (rank === 0) invalid("needs at least one axis");
      if (n < 0) invalid(`n must not be negative, got ${n}`);
      const axis = axisOf(dim, rank);
      const parts = present(prepend, self, append);
      for (const p of parts)
        if (p.shape.length !== rank || p.shape.some((d, i) => i !== axis && differ(d, self.shape[i]!)))
          invalid(
            `what is prepended or appended must have the shape of ${showType(self)} but for axis ${axis}, got ${showType(p)}`,
          );
      if (n === 0) return self;
      const extent = parts.reduce<Dim>((sum, p) => addDim(sum, p.shape[axis]!), 0);
      return tensor(
        resultDType(...parts),
        self.shape.map((d, i) => (i === axis ? shortened(extent, n) : d)),
      );
    },
    evaluate({ self, prepend, append }, { n, dim }, [type]) {
      if (n === 0) return self;
      const axis = axisOf(dim, self.type.shape.length);
      let x = concatenated(present(prepend, self, append), axis, type!.dtype);
      for (let i = 0; i < n; i++) x = differences(x, axis);
      return x;
    },
  },
);

const added = (pair: readonly TensorData[]): TensorData =>
  promotedArithmetic(
    pair,
    (a, b) => a! + b!,
    (a, b) => a! + b!,
  );
/** Sums of neighbours along `axis`; those of integers wrap. */
function neighbours(y: TensorData, axis: number): TensorData {
  const count = Math.max(y.type.shape[axis]! - 1, 0);
  const pair = [slicedAlong(y, axis, 1, count), slicedAlong(y, axis, 0, count)];
  return added(pair);
}
const wide = (x: TensorData): TensorData => castData(x, "f64");
const exact = (x: TensorData): TensorData => (isFloat(x.type.dtype) ? wide(x) : x);
const scaled = (dx: number, y: TensorData, axis: number): TensorData => {
  const pairs = wide(neighbours(exact(y), axis));
  return mapNumbers(pairs.type, [pairs], (v) => (v * dx) / 2);
};
/** Areas of the trapezoids between neighbours, as wide as `x` and `y` broadcast to. */
function areas(y: TensorData, x: TensorData, dim: number): TensorData {
  const rank = y.type.shape.length;
  const positions = reshaped(x, alignedSpacing(x.type.shape, rank, dim));
  const steps = differences(exact(positions), axisOf(dim, positions.type.shape.length));
  const pairs = neighbours(exact(y), axisOf(dim, rank));
  const products = promotedArithmetic(
    [steps, pairs],
    (a, b) => a! * b!,
    (a, b) => a! * b!,
  );
  return mapNumbers(tensor("f64", []), [products], (v) => v / 2);
}
const total = (areas: TensorData, dim: number, type: TensorType): TensorData =>
  reduceNumbers(type, areas, [axisOf(dim, areas.type.shape.length)], sumOf);
const running = (areas: TensorData, dim: number, type: TensorType): TensorData =>
  scanLines(type, areas, dim, (line) => {
    let sum = 0;
    return Array.from(line, (v) => (sum += v));
  });

const pieces = (shape: readonly Dim[], axis: number): Dim[] => shape.map((d, i) => (i === axis ? shortened(d, 1) : d));
/** Shape of the areas between neighbours. */
function areaShape(y: TensorType, x: TensorType | undefined, dim: number): Dim[] {
  const axis = axisOf(dim, y.shape.length);
  if (y.shape.length === 0) invalid("needs at least one axis");
  if (!x) return pieces(y.shape, axis);
  if (x.shape.length === 1 && isStatic(x.shape[0]!) && isStatic(y.shape[axis]!) && x.shape[0] !== y.shape[axis])
    invalid(`there are ${x.shape[0]} positions for ${y.shape[axis]} values`);
  const at = alignedSpacing(x.shape, y.shape.length, dim);
  return broadcastShapes(pieces(at, axisOf(dim, at.length)), pieces(y.shape, axis));
}
const totalType = (y: TensorType, x: TensorType | undefined, dim: number): TensorType => {
  const shape = areaShape(y, x, dim);
  return tensor(floatResult(resultDType(y, x)), shape.toSpliced(axisOf(dim, shape.length), 1));
};
const runningType = (y: TensorType, x: TensorType | undefined, dim: number): TensorType =>
  tensor(floatResult(resultDType(y, x)), areaShape(y, x, dim));

const withX = {
  infer: ({ y, x }: { y: TensorType; x: TensorType }, { dim }: { dim: number }): TensorType => totalType(y, x, dim),
  evaluate: (
    { y, x }: { y: TensorData; x: TensorData },
    { dim }: { dim: number },
    [type]: readonly TensorType[],
  ): TensorData => total(areas(y, x, dim), dim, type!),
};
/** From the sum of all, which is int64 for integers, less half of the ends, whose sum wraps. */
function integral(y: TensorData, dx: number, dim: number, type: TensorType): TensorData {
  const axis = axisOf(dim, y.type.shape.length);
  if (isFloat(y.type.dtype)) return total(scaled(dx, y, axis), dim, type);
  const count = y.type.shape[axis]!;
  if (count === 0) return mapNumbers(type, [], () => 0);
  const shape = type.shape as readonly number[];
  const sum = reduceNumbers(tensor("f64", shape), wide(y), [axis], sumOf);
  const end = (at: number): TensorData => reshaped(slicedAlong(y, axis, at, 1), shape);
  const ends = added([end(0), end(count - 1)]);
  return mapNumbers(tensor(type.dtype, []), [sum, ends], (s, e) => (s! - e! / 2) * dx);
}

export const trapezoidX = defineAten("trapezoid.x(Tensor y, Tensor x, *, int dim=-1) -> Tensor", {
  summary: "Integral by the trapezoid rule over given positions.",
  ...withX,
});
export const trapezoidDx = defineAten("trapezoid.dx(Tensor y, *, Scalar dx=1, int dim=-1) -> Tensor", {
  summary: "Integral by the trapezoid rule over positions `dx` apart.",
  infer: ({ y }, { dim }) => totalType(y, undefined, dim),
  evaluate: ({ y }, { dx, dim }, [type]) => integral(y, realOf(dx, "dx"), dim, type!),
});
export const trapzX = defineAten("trapz.x(Tensor y, Tensor x, *, int dim=-1) -> Tensor", {
  summary: "Another name of `trapezoid.x`.",
  ...withX,
});
export const trapzDx = defineAten("trapz.dx(Tensor y, *, float dx=1., int dim=-1) -> Tensor", {
  summary: "Another name of `trapezoid.dx`.",
  infer: ({ y }, { dim }) => totalType(y, undefined, dim),
  evaluate: ({ y }, { dx, dim }, [type]) => integral(y, dx, dim, type!),
});
export const cumulativeTrapezoidX = defineAten("cumulative_trapezoid.x(Tensor y, Tensor x, *, int dim=-1) -> Tensor", {
  summary: "Running integral by the trapezoid rule over given positions.",
  infer: ({ y, x }, { dim }) => runningType(y, x, dim),
  evaluate: ({ y, x }, { dim }, [type]) => running(areas(y, x, dim), dim, type!),
});
export const cumulativeTrapezoidDx = defineAten(
  "cumulative_trapezoid.dx(Tensor y, *, Scalar dx=1, int dim=-1) -> Tensor",
  {
    summary: "Running integral by the trapezoid rule over positions `dx` apart.",
    infer: ({ y }, { dim }) => runningType(y, undefined, dim),
    evaluate: ({ y }, { dx, dim }, [type]) =>
      running(scaled(realOf(dx, "dx"), y, axisOf(dim, y.type.shape.length)), dim, type!),
  },
);
