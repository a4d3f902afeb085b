import { tfl } from "@tflower/backend-tflite";
import { addDim, type Dim, type Emit, isStatic, mulDim, scalarData, sizeOf, type Value } from "@tflower/core";
import { reshapeTo } from "./rearrange.ts";

/** Elements before and after an axis; negative ones are taken away. */
export type Margin = readonly [before: Dim, after: Dim];
export const noMargin: Margin = [0, 0];

const positive = (d: Dim): Dim => (isStatic(d) ? Math.max(d, 0) : d);
const negative = (d: Dim): Dim => (isStatic(d) ? Math.min(d, 0) : 0);

/** Kernels that pad and cut know this many axes. */
const maxRank = 5;

/** Applies `f` with all margins at once, or axis by axis where the kernels do not know so many. */
export function overAxes(
  emit: Emit,
  x: Value,
  margins: readonly Margin[],
  f: (x: Value, margins: readonly Margin[]) => Value,
): Value {
  if (margins.every(([a, b]) => a === 0 && b === 0)) return x;
  if (margins.length <= maxRank) return f(x, margins);
  return margins.reduce((v, margin, axis) => {
    if (margin[0] === 0 && margin[1] === 0) return v;
    const { shape } = v.type;
    const out = f(reshapeTo(emit, v, [sizeOf(shape.slice(0, axis)), shape[axis]!, sizeOf(shape.slice(axis + 1))]), [
      noMargin,
      margin,
      noMargin,
    ]);
    return reshapeTo(emit, out, shape.with(axis, out.type.shape[1]!));
  }, x);
}

/** Takes away what negative margins say. A symbolic margin counts as positive. */
export function cropped(emit: Emit, x: Value, margins: readonly Margin[]): Value {
  const cut = margins.map(([a, b]): Margin => [negative(a), negative(b)]);
  return overAxes(emit, x, cut, (v, parts) =>
    emit(
      tfl.slice,
      { input: v },
      {
        begin: parts.map(([a]) => Math.abs(a as number)),
        size: v.type.shape.map((d, i) => addDim(d, addDim(parts[i]![0], parts[i]![1]))),
      },
    ),
  );
}

/** Pads axes with `value`, or with zeros, and crops those with negative margins. */
export function padded(emit: Emit, x: Value, margins: readonly Margin[], value?: Value): Value {
  const added = margins.map(([a, b]): Margin => [positive(a), positive(b)]);
  return overAxes(emit, cropped(emit, x, margins), added, (v, parts) => {
    const paddings = parts.flat();
    return value
      ? emit(tfl.padV2, { input: v, constant_values: value }, { paddings })
      : emit(tfl.pad, { input: v }, { paddings });
  });
}

/** Pads one axis. */
export const paddedAxis = (emit: Emit, x: Value, axis: number, margin: Margin): Value =>
  padded(
    emit,
    x,
    x.type.shape.map((_, i) => (i === axis ? margin : noMargin)),
  );

/** `factor - 1` zeros between neighbours along an axis. */
export function spreadAxis(emit: Emit, x: Value, axis: number, factor: number): Value {
  const { shape } = x.type;
  if (factor === 1 || shape[axis] === 1) return x;
  const [outer, inner] = [sizeOf(shape.slice(0, axis)), sizeOf(shape.slice(axis + 1))];
  const apart = paddedAxis(emit, reshapeTo(emit, x, [outer, shape[axis]!, 1, inner]), 2, [0, factor - 1]);
  const spread = reshapeTo(emit, apart, shape.with(axis, mulDim(shape[axis]!, factor)));
  return paddedAxis(emit, spread, axis, [0, 1 - factor]);
}

/** The lowest number of a dtype: what a maximum leaves as it is. */
export function lowest(emit: Emit, x: Value): Value {
  const { dtype } = x.type;
  const values = { i64: -(2n ** 63n), i32: -(2 ** 31), i16: -(2 ** 15), i8: -128, u8: 0, bool: 0 };
  return emit.constant(scalarData(dtype, dtype in values ? values[dtype as keyof typeof values] : -Infinity));
}
