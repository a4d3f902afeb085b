import {
  allocate,
  countOf,
  invalid,
  type NumberCarrier,
  numbersOf,
  roundTo,
  staticShape,
  type TensorData,
  type TensorType,
  tensor,
  wrap,
} from "@tflower/core";
import { coordinatesOf } from "./views.ts";

/** PyTorch's numbers for the modes. */
export const interpolations = ["bilinear", "nearest", "bicubic"] as const;
export const paddings = ["zeros", "border", "reflection"] as const;
export type Interpolation = (typeof interpolations)[number];
export type GridPadding = (typeof paddings)[number];
export interface GridAttrs {
  readonly interpolation_mode: number;
  readonly padding_mode: number;
  readonly align_corners: boolean;
}

/** Slope of the cubic kernel. */
const a = -0.75;
/** Weights of the four neighbours as polynomials of the part beyond the second, highest power first. */
export const cubicWeights: readonly (readonly [number, number, number, number])[] = [
  [a, -2 * a, a, 0],
  [a + 2, -(a + 3), 0, 1],
  [-(a + 2), 2 * a + 3, -a, 0],
  [-a, a, 0, 0],
];

/** Result type of sampling `[N, C, ...space]` at `[N, ...places, coordinates]`. */
export function gridSampledType(
  input: TensorType,
  grid: TensorType,
  rank: number | undefined,
  m: GridAttrs,
): TensorType {
  const space = input.shape.length - 2;
  if (space !== 2 && space !== 3) invalid(`takes images or volumes, got a tensor of rank ${input.shape.length}`);
  if (rank !== undefined && space !== rank) invalid(`takes a tensor of rank ${rank + 2}, got ${input.shape.length}`);
  if (grid.shape.length !== input.shape.length || grid.shape.at(-1) !== space)
    invalid(`takes a grid of rank ${input.shape.length} with ${space} coordinates last`);
  if (!interpolations[m.interpolation_mode] || !paddings[m.padding_mode])
    invalid(`has no interpolation ${m.interpolation_mode} with padding ${m.padding_mode}`);
  if (m.interpolation_mode === 2 && space !== 2) invalid("interpolates bicubically only between pixels of images");
  return tensor(input.dtype, [...input.shape.slice(0, 2), ...grid.shape.slice(1, -1)]);
}

function reflected(x: number, twiceLow: number, twiceHigh: number): number {
  if (twiceLow === twiceHigh) return 0;
  const [low, span] = [twiceLow / 2, (twiceHigh - twiceLow) / 2];
  const along = Math.abs(x - low) % (2 * span);
  return span - Math.abs(span - along) + low;
}
/** A coordinate brought inside as the padding mode says. */
function inside(x: number, extent: number, padding: GridPadding, align: boolean): number {
  if (padding === "zeros") return x;
  const folded =
    padding === "border" ? x : align ? reflected(x, 0, 2 * (extent - 1)) : reflected(x, -1, 2 * extent - 1);
  return Math.min(Math.max(folded, 0), extent - 1);
}
/** Neighbours of a coordinate and their weights; what lies outside weighs nothing. */
function neighbours(g: number, extent: number, m: GridAttrs): readonly (readonly [number, number])[] {
  const [kind, padding] = [interpolations[m.interpolation_mode]!, paddings[m.padding_mode]!];
  const raw = m.align_corners ? ((g + 1) / 2) * (extent - 1) : ((g + 1) * extent - 1) / 2;
  const within = (i: number): boolean => i >= 0 && i < extent;
  if (kind === "bicubic") {
    const low = Math.floor(raw);
    const t = raw - low;
    return cubicWeights
      .map(
        ([p, q, r, s], k) =>
          [Math.trunc(inside(low - 1 + k, extent, padding, m.align_corners)), ((p * t + q) * t + r) * t + s] as const,
      )
      .filter(([i]) => within(i));
  }
  const x = inside(raw, extent, padding, m.align_corners);
  if (kind === "nearest") {
    const down = Math.floor(x);
    const nearest = x - down < 0.5 ? down : x - down > 0.5 ? down + 1 : down % 2 === 0 ? down : down + 1;
    return [[nearest, 1] as const].filter(([i]) => within(i));
  }
  const low = Math.floor(x);
  return [[low, low + 1 - x] as const, [low + 1, x - low] as const].filter(([i]) => within(i));
}

/** `input` at the places that `grid` names, between -1 and 1 along each axis, the last axis first. */
export function gridSampled(input: TensorData, grid: TensorData, m: GridAttrs): TensorData {
  const [batch, channels, ...space] = staticShape(input.type.shape) as [number, number, ...number[]];
  const places = staticShape(grid.type.shape).slice(1, -1);
  const count = countOf(places);
  const size = countOf(space);
  const at = numbersOf(grid);
  const x = numbersOf(input);
  const out = allocate(input.type.dtype, batch * channels * count) as NumberCarrier;
  const round = roundTo(input.type.dtype);
  for (let n = 0; n < batch; n++)
    for (let p = 0; p < count; p++) {
      const sides = space.map((extent, d) =>
        neighbours(at[(n * count + p) * space.length + (space.length - 1 - d)]!, extent, m),
      );
      const combinations = countOf(sides.map((s) => s.length));
      for (let c = 0; c < channels; c++) {
        let sum = 0;
        for (let k = 0; k < combinations; k++) {
          const picks = coordinatesOf(
            k,
            sides.map((s) => s.length),
          ).map((j, d) => sides[d]![j]!);
          const index = picks.reduce((i, [j], d) => i * space[d]! + j, 0);
          sum += x[(n * channels + c) * size + index]! * picks.reduce((w, [, v]) => w * v, 1);
        }
        out[(n * channels + c) * count + p] = round ? round(sum) : sum;
      }
    }
  return wrap(tensor(input.type.dtype, [batch, channels, ...places]), out);
}

/** Evenly spaced places of an axis between -1 and 1, at the outer pixels' centres or at their edges. */
export const gridLine = (count: number, align: boolean): number[] =>
  Array.from({ length: count }, (_, i) =>
    count <= 1 ? 0 : (-1 + (2 * i) / (count - 1)) * (align ? 1 : (count - 1) / count),
  );

/** Homogeneous coordinates `[places, rank + 1]` of all places of an image or a volume, the last axis first. */
export function homogeneousGrid(space: readonly number[], align: boolean): number[] {
  const lines = space.map((n) => gridLine(n, align));
  return Array.from({ length: countOf(space) }, (_, p) => [
    ...coordinatesOf(p, space)
      .map((c, d) => lines[d]![c]!)
      .reverse(),
    1,
  ]).flat();
}
