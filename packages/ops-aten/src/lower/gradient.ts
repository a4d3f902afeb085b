import { tfl } from "@tflower/backend-tflite";
import {
  type DimExpr,
  defineLowering,
  type Emit,
  isComplex,
  isStatic,
  type Rejection,
  reject,
  type Scalar,
  scalarData,
  type Value,
} from "@tflower/core";
import * as aten from "../dialect/gradient.ts";
import { add, div, mul, sub } from "../emit/pointwise.ts";
import { castTo, concatAxis, reshapeTo, sliceAxis } from "../emit/rearrange.ts";
import { centreStencil, edgeStencil, type Field, gradientAxes, type Stencil } from "../semantics/gradient.ts";
import { floatResult } from "../semantics/promote.ts";
import { realOf } from "../semantics/real-scalar.ts";

/** Steps between neighbours along an axis, as a tensor that broadcasts, or one number for all of them. */
type Steps = (from: number, count: number) => Value;

function derivative(emit: Emit, f: Value, axis: number, n: number, steps: Steps, order: number): Value {
  const field: Field<Value> = {
    add: (a, b) => add(emit, a, b),
    mul: (a, b) => mul(emit, a, b),
    div: (a, b) => div(emit, a, b),
    neg: (a) => emit(tfl.neg, { input: a }),
  };
  const part = (from: number, count: number): Value => sliceAxis(emit, f, axis, from, count);
  const dot = (s: Stencil<Value>, parts: readonly Value[]): Value =>
    s.map((c, i) => mul(emit, parts[i]!, c)).reduce((a, b) => add(emit, a, b));
  const edge = (first: boolean): Value => {
    if (order === 1)
      return first
        ? div(emit, sub(emit, part(1, 1), part(0, 1)), steps(0, 1))
        : div(emit, sub(emit, part(n - 1, 1), part(n - 2, 1)), steps(n - 2, 1));
    const s = first
      ? edgeStencil(field, steps(0, 1), steps(1, 1))
      : edgeStencil(field, field.neg(steps(n - 2, 1)), field.neg(steps(n - 3, 1)));
    return dot(s, first ? [part(0, 1), part(1, 1), part(2, 1)] : [part(n - 1, 1), part(n - 2, 1), part(n - 3, 1)]);
  };
  const inner =
    n > 2
      ? [dot(centreStencil(field, steps(0, n - 2), steps(1, n - 2)), [part(0, n - 2), part(1, n - 2), part(2, n - 2)])]
      : [];
  return concatAxis(emit, [edge(true), ...inner, edge(false)], axis);
}

type Spacing = readonly (number | Value)[];
function gradients(
  emit: Emit,
  self: Value,
  dim: number | readonly number[] | undefined,
  spacing: Spacing | number,
  order: number,
): Value[] | Rejection {
  if (isComplex(self.type.dtype)) return reject("has no lowering for complex numbers");
  const dtype = floatResult(self.type.dtype);
  const f = castTo(emit, self, dtype);
  const { shape } = f.type;
  const axes = gradientAxes(dim, shape.length);
  if (axes.some((a) => !isStatic(shape[a]!))) return reject("needs static extents along the axes of the gradient");
  return axes.map((axis, k) => {
    const n = shape[axis] as number;
    const by = typeof spacing === "number" ? spacing : spacing[k]!;
    if (typeof by === "number") return derivative(emit, f, axis, n, () => emit.constant(scalarData(dtype, by)), order);
    const at = castTo(emit, by, dtype);
    const steps = sub(emit, sliceAxis(emit, at, 0, 1, n - 1), sliceAxis(emit, at, 0, 0, n - 1));
    const along = reshapeTo(
      emit,
      steps,
      shape.map((_, i) => (i === axis ? n - 1 : 1)),
    );
    return derivative(emit, f, axis, n, (from, count) => sliceAxis(emit, along, axis, from, count), order);
  });
}
const real = (s: Scalar | DimExpr): number => realOf(s, "spacing");

export const gradientScalarint = defineLowering(
  aten.gradientScalarint,
  ({ self }, { spacing, dim, edge_order }, emit) => gradients(emit, self, dim, real(spacing ?? 1n), edge_order),
);
export const gradientScalararray = defineLowering(
  aten.gradientScalararray,
  ({ self }, { spacing, dim, edge_order }, emit) => gradients(emit, self, dim, real(spacing), edge_order),
);
export const gradientArray = defineLowering(aten.gradientArray, ({ self }, { dim, edge_order }, emit) =>
  gradients(emit, self, dim, 1, edge_order),
);
export const gradientScalarrayint = defineLowering(
  aten.gradientScalarrayint,
  ({ self }, { spacing, dim, edge_order }, emit) => gradients(emit, self, dim, spacing.map(real), edge_order),
);
export const gradientScalarrayarray = defineLowering(
  aten.gradientScalarrayarray,
  ({ self }, { spacing, dim, edge_order }, emit) => gradients(emit, self, dim, spacing.map(real), edge_order),
);
export const gradientTensorarrayint = defineLowering(
  aten.gradientTensorarrayint,
  ({ self, spacing }, { dim, edge_order }, emit) => gradients(emit, self, dim, spacing, edge_order),
);
export const gradientTensorarray = defineLowering(
  aten.gradientTensorarray,
  ({ self, spacing }, { dim, edge_order }, emit) => gradients(emit, self, dim, spacing, edge_order),
);
