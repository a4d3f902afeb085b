import { tfl } from "@tflower/backend-tflite";
import { countOf, type Dim, type Emit, mulDim, scalarData, sizeOf, tensorData, type Value } from "@tflower/core";
import { cubicWeights, type GridPadding, type Interpolation } from "../semantics/grid-sampling.ts";
import { addNumber, numberLike } from "./compute.ts";
import { add, mul, sub, times } from "./pointwise.ts";
import { castTo, reshapeTo, sliceAxis } from "./rearrange.ts";

/** How a grid is read. */
export interface GridMode {
  readonly interpolation: Interpolation;
  readonly padding: GridPadding;
  readonly align: boolean;
}
/** Neighbours of all places along one axis, `[N, neighbours, places]`. */
export interface Side {
  readonly indices: Value;
  /** None: one neighbour that weighs 1. */
  readonly weights: Value | undefined;
}

const column = (emit: Emit, values: readonly number[]): Value =>
  emit.constant(tensorData("f32", [1, values.length, 1], values));
const between = (emit: Emit, x: Value, low: number, high: number): Value =>
  emit(tfl.minimum, {
    lhs: emit(tfl.maximum, { lhs: x, rhs: numberLike(emit, x, low) }),
    rhs: numberLike(emit, x, high),
  });

/** A coordinate from -1 to 1 as a place of the axis. */
function unnormalized(emit: Emit, g: Value, extent: number, align: boolean): Value {
  const plus1 = addNumber(emit, g, 1);
  return align ? times(emit, plus1, (extent - 1) / 2) : addNumber(emit, times(emit, plus1, extent / 2), -0.5);
}
/** Back and forth between the ends: a triangle wave. */
function reflected(emit: Emit, x: Value, low: number, span: number): Value {
  if (span === 0) return times(emit, x, 0);
  const away = emit(tfl.abs, { input: addNumber(emit, x, -low) });
  const along = emit(tfl.floorMod, { lhs: away, rhs: numberLike(emit, away, 2 * span) });
  const back = emit(tfl.abs, { input: addNumber(emit, along, -span) });
  return sub(emit, numberLike(emit, back, span + low), back);
}
function inside(emit: Emit, x: Value, extent: number, m: GridMode): Value {
  if (m.padding === "zeros") return x;
  const folded =
    m.padding === "border" ? x : m.align ? reflected(emit, x, 0, extent - 1) : reflected(emit, x, -0.5, extent);
  return between(emit, folded, 0, extent - 1);
}

/** Whole places as indices that are inside whatever comes, and which of them were. */
function settle(
  emit: Emit,
  places: Value,
  extent: number,
  masked: boolean,
): { readonly indices: Value; readonly mask: Value | undefined } {
  const indices = between(emit, castTo(emit, places, "i32"), 0, extent - 1);
  if (!masked) return { indices, mask: undefined };
  return { indices, mask: castTo(emit, emit(tfl.equal, { lhs: castTo(emit, indices, "f32"), rhs: places }), "f32") };
}

/** Neighbours of `raw`, `[N, 1, places]` in elements of the axis. */
export function neighboursOf(emit: Emit, raw: Value, extent: number, m: GridMode): Side {
  const masked = m.padding === "zeros";
  if (m.interpolation === "nearest") {
    const { indices, mask } = settle(emit, emit(tfl.round, { input: inside(emit, raw, extent, m) }), extent, masked);
    return { indices, weights: mask };
  }
  const cubic = m.interpolation === "bicubic";
  const x = cubic ? raw : inside(emit, raw, extent, m);
  const low = emit(tfl.floor, { input: x });
  const part = sub(emit, x, low);
  const around = add(emit, low, column(emit, cubic ? [-1, 0, 1, 2] : [0, 1]));
  const { indices, mask } = settle(emit, cubic ? inside(emit, around, extent, m) : around, extent, masked);
  const weights = cubic ? cubicOf(emit, part) : emit(tfl.abs, { input: sub(emit, column(emit, [1, 0]), part) });
  return { indices, weights: mask ? mul(emit, weights, mask) : weights };
}
/** Horner's rule, a polynomial for each neighbour. */
function cubicOf(emit: Emit, t: Value): Value {
  const power = (k: number): Value =>
    column(
      emit,
      cubicWeights.map((w) => w[k]!),
    );
  const [p, q, r, s] = [power(0), power(1), power(2), power(3)] as const;
  return add(emit, mul(emit, add(emit, mul(emit, add(emit, mul(emit, p, t), q), t), r), t), s);
}

/** `[N, a, places]` with `[N, b, places]`, every one with every other: `[N, a * b, places]`. */
function crossed(emit: Emit, a: Value, b: Value, join: (a: Value, b: Value) => Value): Value {
  const [n, k, places] = a.type.shape as [Dim, number, Dim];
  const j = b.type.shape[1] as number;
  if (k === 1 || j === 1) return join(a, b);
  const product = join(reshapeTo(emit, a, [n, k, 1, places]), reshapeTo(emit, b, [n, 1, j, places]));
  return reshapeTo(emit, product, [n, k * j, places]);
}
function crossedWeights(emit: Emit, a: Value | undefined, b: Value | undefined): Value | undefined {
  if (!a || !b) return a ?? b;
  return crossed(emit, a, b, (x, y) => mul(emit, x, y));
}

/** Rows `[N, elements, C]` at all combinations of neighbours along the axes of `space`, weighed and summed: `[N, places, C]`. */
export function sampleRows(emit: Emit, params: Value, sides: readonly Side[], space: readonly number[]): Value {
  const [n, , channels] = params.type.shape as [Dim, Dim, Dim];
  const whole = sides.reduce((a, b, d) => ({
    indices: crossed(emit, mul(emit, a.indices, emit.constant(scalarData("i32", space[d]!))), b.indices, (x, y) =>
      add(emit, x, y),
    ),
    weights: crossedWeights(emit, a.weights, b.weights),
  }));
  const [, count, places] = whole.indices.type.shape as [Dim, number, Dim];
  const rows = emit(
    tfl.gather,
    { params, indices: reshapeTo(emit, whole.indices, [n, mulDim(places, count)]) },
    { axis: 1, batch_dims: 1 },
  );
  const apart = reshapeTo(emit, rows, [n, count, places, channels]);
  const weighed = whole.weights ? mul(emit, apart, reshapeTo(emit, whole.weights, [n, count, places, 1])) : apart;
  return count === 1
    ? reshapeTo(emit, weighed, [n, places, channels])
    : emit(tfl.sum, { input: weighed }, { axes: [1] });
}

/** `[N, ...space, C]` at the places of a grid `[N, ...places, coordinates]` from -1 to 1, the last axis first, as `[N, places, C]`. */
export function sampleGrid(emit: Emit, input: Value, grid: Value, space: readonly number[], m: GridMode): Value {
  const n = input.type.shape[0]!;
  const places = sizeOf(grid.type.shape.slice(1, -1));
  const last = grid.type.shape.length - 1;
  const sides = space.map((extent, d) => {
    const g = reshapeTo(emit, sliceAxis(emit, grid, last, space.length - 1 - d, 1), [n, 1, places]);
    return neighboursOf(emit, unnormalized(emit, g, extent, m.align), extent, m);
  });
  return sampleRows(emit, reshapeTo(emit, input, [n, countOf(space), input.type.shape.at(-1)!]), sides, space);
}
