import { tfl } from "@tflower/backend-tflite";
import {
  type Dim,
  defineLowering,
  type Emit,
  isStatic,
  type Node,
  type Rejection,
  reject,
  scalarData,
  type Value,
} from "@tflower/core";
import * as aten from "../dialect/quantile.ts";
import { add, isLess, isNaNValue, minusFrom, mul, plus, select, sub } from "../emit/pointwise.ts";
import { broadcastTo, castTo, flatten, permuteBy, reshapeTo } from "../emit/rearrange.ts";
import { reduceBy, sumOver } from "../emit/reduce.ts";
import { pickAlongLast, sortLast } from "../emit/sort.ts";
import { axisOf } from "../semantics/axes.ts";
import { axisToLast, movedAxes } from "../semantics/permutations.ts";
import type { Interpolation } from "../semantics/quantiles.ts";

interface QuantileAttrs {
  readonly dim: number | undefined;
  readonly interpolation: Interpolation;
}
const f32 = (emit: Emit, v: number): Value => emit.constant(scalarData("f32", v));
const rounded = {
  linear: undefined,
  midpoint: undefined,
  lower: tfl.floor,
  higher: tfl.ceil,
  nearest: tfl.round,
} as const;

/** Places, with fractions, at which the quantiles `qs` (rank 1) lie in sorted lines along the last axis. */
function ranksOf(emit: Emit, sorted: Value, qs: Value, length: number, skipNaN: boolean): Value {
  const last = sorted.type.shape.length - 1;
  const nan = isNaNValue(emit, sorted);
  if (skipNaN) {
    const nans = sumOver(emit, castTo(emit, nan, "i32"), [last], true);
    const end = castTo(emit, minusFrom(emit, length - 1, nans), "f32");
    return emit(tfl.maximum, { lhs: mul(emit, qs, end), rhs: f32(emit, 0) });
  }
  const any = reduceBy(emit, tfl.reduceAny, nan, [last], true);
  return select(emit, any, f32(emit, length - 1), mul(emit, qs, f32(emit, length - 1)));
}
function between(emit: Emit, a: Value, b: Value, weight: Value): Value {
  const gap = sub(emit, b, a);
  const near = add(emit, a, mul(emit, weight, gap));
  const far = sub(emit, b, mul(emit, gap, minusFrom(emit, 1, weight)));
  return select(emit, isLess(emit, weight, f32(emit, 0.5)), near, far);
}

function quantiles(
  emit: Emit,
  self: Value,
  q: Value,
  { dim, interpolation }: QuantileAttrs,
  skipNaN: boolean,
  node: Node<any>,
): Value | Rejection {
  if (self.type.dtype !== "f32") return reject(`has kernels for f32 only, got ${self.type.dtype}`);
  const whole =
    dim === undefined ? flatten(emit, self) : reshapeTo(emit, self, self.type.shape.length ? self.type.shape : [1]);
  const rank = whole.type.shape.length;
  const axis = axisOf(dim ?? 0, rank);
  const length = whole.type.shape[axis]!;
  if (!isStatic(length)) return reject("needs a static number of elements to choose from");
  const lines = permuteBy(emit, whole, axisToLast(rank, axis));
  const sorted = sortLast(emit, lines, length, false).values;
  const qs = flatten(emit, q);
  const to: Dim[] = [...sorted.type.shape.slice(0, -1), qs.type.shape[0]!];
  const exact = broadcastTo(emit, ranksOf(emit, sorted, qs, length, skipNaN), to);
  const rounding = rounded[interpolation];
  const ranks = rounding ? emit(rounding, { input: exact }) : exact;
  const pick = (r: Value): Value => pickAlongLast(emit, sorted, castTo(emit, r, "i32"));
  const low = emit(tfl.floor, { input: ranks });
  const below = pick(low);
  const out = rounding
    ? below
    : between(
        emit,
        below,
        pick(emit(tfl.ceil, { input: ranks })),
        interpolation === "midpoint" ? plus(emit, mul(emit, ranks, f32(emit, 0)), 0.5) : sub(emit, ranks, low),
      );
  // quantiles come first, then what is left of the input
  return reshapeTo(emit, permuteBy(emit, out, movedAxes(rank, [rank - 1], [0])), node.results[0]!.type.shape);
}
export const quantile = defineLowering(aten.quantile, ({ self, q }, attrs, emit, node) =>
  quantiles(emit, self, q, attrs, false, node),
);
export const nanquantile = defineLowering(aten.nanquantile, ({ self, q }, attrs, emit, node) =>
  quantiles(emit, self, q, attrs, true, node),
);
export const quantileScalar = defineLowering(aten.quantileScalar, ({ self }, attrs, emit, node) =>
  quantiles(emit, self, f32(emit, attrs.q), attrs, false, node),
);
export const nanquantileScalar = defineLowering(aten.nanquantileScalar, ({ self }, attrs, emit, node) =>
  quantiles(emit, self, f32(emit, attrs.q), attrs, true, node),
);
