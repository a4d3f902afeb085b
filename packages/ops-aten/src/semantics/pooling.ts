import {
  allocate,
  countOf,
  type Dim,
  invalid,
  isBig,
  isFloat,
  type NumberCarrier,
  roundTo,
  staticShape,
  type TensorData,
  type TensorType,
  tensor,
  wrap,
} from "@tflower/core";
import { adaptiveTaps, perAxis, type Sliding, slidingTaps, spanOf, type Taps, windowCount } from "./spatial.ts";

/** What the overloads of pooling have in common. */
export interface PoolAttrs {
  readonly kernel_size: readonly number[];
  /** Empty: as the kernel. */
  readonly stride: readonly number[];
  readonly padding: readonly number[];
  readonly dilation?: readonly number[];
  readonly ceil_mode: boolean;
}

/** How the window slides along each of `rank` axes. */
export function poolSlides(a: PoolAttrs, rank: number): Sliding[] {
  const kernel = perAxis(a.kernel_size, rank, "kernel_size");
  const stride = a.stride.length ? perAxis(a.stride, rank, "stride") : kernel;
  const padding = perAxis(a.padding, rank, "padding");
  const dilation = perAxis(a.dilation ?? [1], rank, "dilation");
  return kernel.map((k, i) => {
    const s = { kernel: k, stride: stride[i]!, dilation: dilation[i]!, before: padding[i]!, after: padding[i]! };
    if (2 * s.before > spanOf(s)) invalid(`padding ${s.before} is more than half of a window of ${spanOf(s)}`);
    return s;
  });
}

function needSpace(shape: readonly Dim[], rank: number): void {
  if (shape.length !== rank + 1 && shape.length !== rank + 2)
    invalid(`takes an input of rank ${rank + 1} or ${rank + 2}, got ${shape.length}`);
}
/** Result shape of pooling over the last `rank` axes. */
export function pooledShape(shape: readonly Dim[], a: PoolAttrs, rank: number): Dim[] {
  needSpace(shape, rank);
  return [
    ...shape.slice(0, -rank),
    ...poolSlides(a, rank).map((s, i) => windowCount(shape.at(i - rank)!, s, a.ceil_mode)),
  ];
}
/** Result shape of adaptive pooling to `size`. */
export function adaptedShape(shape: readonly Dim[], size: readonly Dim[], rank: number): Dim[] {
  needSpace(shape, rank);
  return [...shape.slice(0, -rank), ...perAxis(size, rank, "output_size")];
}

/** Elements of each window along each pooled axis. */
export const poolTaps = (shape: readonly number[], a: PoolAttrs, rank: number): Taps[] => {
  const out = pooledShape(shape, a, rank) as number[];
  return poolSlides(a, rank).map((s, i) => slidingTaps(shape.at(i - rank)!, out.at(i - rank)!, s));
};
export const adaptedTaps = (shape: readonly number[], size: readonly number[]): Taps[] =>
  size.map((n, i) => adaptiveTaps(shape.at(i - size.length)!, n));

/** Places of the window at each place of the result, as positions in one plane of the input, in row-major order. */
export function windowPlaces(taps: readonly Taps[], space: readonly number[]): number[][] {
  let planes: number[][] = [[0]];
  taps.forEach((axis, d) => {
    planes = planes.flatMap((places) =>
      axis.map((window) => places.flatMap((p) => window.map(([, i]) => p * space[d]! + i))),
    );
  });
  return planes;
}

/** The largest element of each window and its position in the plane: the first of equal ones, the last NaN. */
export function maxPooled(input: TensorData, taps: readonly Taps[]): [TensorData, TensorData] {
  const shape = staticShape(input.type.shape);
  const space = shape.slice(-taps.length);
  const windows = windowPlaces(taps, space);
  const planes = countOf(shape.slice(0, -taps.length));
  const full = [...shape.slice(0, -taps.length), ...taps.map((t) => t.length)];
  const values = allocate(input.type.dtype, planes * windows.length) as Float32Array;
  const indices = allocate("i64", planes * windows.length) as BigInt64Array;
  const x = input.data as Float32Array;
  const size = countOf(space);
  for (let p = 0; p < planes; p++)
    windows.forEach((window, w) => {
      let at = window[0]!;
      for (const i of window) if (x[p * size + i]! > x[p * size + at]! || Number.isNaN(x[p * size + i])) at = i;
      values[p * windows.length + w] = x[p * size + at]!;
      indices[p * windows.length + w] = BigInt(at);
    });
  return [wrap(tensor(input.type.dtype, full), values), wrap(tensor("i64", full), indices)];
}

/** The sum of each window over the divisor of its place. */
export function averagePooled(
  input: TensorData,
  taps: readonly Taps[],
  divisorAt: (place: number) => number,
): TensorData {
  const shape = staticShape(input.type.shape);
  const space = shape.slice(-taps.length);
  const windows = windowPlaces(taps, space);
  const planes = countOf(shape.slice(0, -taps.length));
  const type: TensorType = tensor(input.type.dtype, [...shape.slice(0, -taps.length), ...taps.map((t) => t.length)]);
  const big = isBig(type.dtype);
  const out = allocate(type.dtype, planes * windows.length) as NumberCarrier;
  const round = roundTo(type.dtype);
  const size = countOf(space);
  // integers are summed as bigint, which divides towards zero as C++ does
  const zero = (big ? 0n : 0) as number;
  const x = input.data as Float32Array;
  for (let p = 0; p < planes; p++)
    windows.forEach((window, w) => {
      const sum = window.reduce((s, i) => s + x[p * size + i]!, zero);
      const divisor = (big ? BigInt(divisorAt(w)) : divisorAt(w)) as number;
      const mean = isFloat(type.dtype) || big ? sum / divisor : Math.trunc(sum / divisor);
      out[p * windows.length + w] = round ? round(mean) : mean;
    });
  return wrap(type, out);
}

/** How many elements each window along one axis counts for, padding included: less than the kernel where it leaves even that. */
export const paddedCounts = (extent: number, count: number, s: Sliding): number[] =>
  Array.from(
    { length: count },
    (_, o) => Math.min(o * s.stride + s.kernel, extent + s.before + s.after) - o * s.stride,
  );

/** Products of one number per axis, by place of the result. */
export const productsByPlace = (counts: readonly (readonly number[])[]): number[] =>
  counts.reduce<number[]>((all, axis) => all.flatMap((a) => axis.map((b) => a * b)), [1]);
