import { addDim, type Dim, invalid, isStatic, showDim, staticShape, type TensorData, wrap } from "@tflower/core";
import { coordinatesOf, positionOf, selected } from "./views.ts";

/** Where padding takes its elements from. */
export type PadMode = "constant" | "reflect" | "replicate" | "circular";

/** Elements before and after each axis; ATen lists pairs from the last axis on. */
export type AxisPadding = readonly [before: Dim, after: Dim];
export function axisPaddings(pad: readonly Dim[], rank: number): AxisPadding[] {
  if (pad.length % 2 !== 0 || pad.length > 2 * rank)
    invalid(`takes at most ${rank} pairs for a tensor of rank ${rank}, got ${pad.length} numbers`);
  const out = Array.from({ length: rank }, (): AxisPadding => [0, 0]);
  for (let i = 0; i < pad.length; i += 2) out[rank - 1 - i / 2] = [pad[i]!, pad[i + 1]!];
  return out;
}

/** Shape with the padding around it. */
export function paddedShape(shape: readonly Dim[], pad: readonly Dim[], mode: PadMode): Dim[] {
  return axisPaddings(pad, shape.length).map(([before, after], i) => {
    const extent = shape[i]!;
    const out = addDim(extent, addDim(before, after));
    if (isStatic(out) && out < 0) invalid(`takes ${-out} elements more than axis ${i} of ${showDim(extent)} has`);
    const most = Math.max(isStatic(before) ? before : 0, isStatic(after) ? after : 0);
    const room = mode === "reflect" ? addDim(extent, -1) : extent;
    if ((mode === "reflect" || mode === "circular") && isStatic(room) && most > 0 && most > room)
      invalid(`cannot pad axis ${i} of ${showDim(extent)} by ${most} in mode "${mode}"`);
    return out;
  });
}

/** The element of an axis of `extent` that stands `i` places from its beginning once it is padded; `-1` for none. */
function sourceOf(i: number, extent: number, mode: PadMode): number {
  if (i >= 0 && i < extent) return i;
  if (mode === "constant") return -1;
  if (mode === "replicate") return i < 0 ? 0 : extent - 1;
  if (mode === "reflect") return i < 0 ? -i : 2 * (extent - 1) - i;
  return i < 0 ? i + extent : i - extent;
}

/** For each place of a padded axis, the element of the axis that stands there. In a circle, what is taken away goes first. */
export function paddedPlaces(extent: number, [before, after]: readonly [number, number], mode: PadMode): number[] {
  const count = extent + before + after;
  if (mode !== "circular") return Array.from({ length: count }, (_, o) => sourceOf(o - before, extent, mode));
  const from = Math.max(-before, 0);
  const left = extent - from - Math.max(-after, 0);
  return Array.from({ length: count }, (_, o) => from + sourceOf(o - Math.max(before, 0), left, mode));
}

/** `x` padded; `fill` is what a constant is. */
export function paddedData(x: TensorData, pad: readonly Dim[], mode: PadMode, fill?: TensorData): TensorData {
  const from = staticShape(x.type.shape);
  const pairs = axisPaddings(pad, from.length) as unknown as (readonly [number, number])[];
  const places = pairs.map((p, i) => paddedPlaces(from[i]!, p, mode));
  const shape = places.map((p) => p.length);
  const outside: number[] = [];
  const out = selected(x, shape, (i) => {
    const at = coordinatesOf(i, shape).map((c, d) => places[d]![c]!);
    if (!at.includes(-1)) return positionOf(at, from);
    outside.push(i);
    return -1;
  });
  if (fill) for (const i of outside) copyFill(fill, out, i);
  return wrap(out.type, out.data);
}
function copyFill(fill: TensorData, out: TensorData, i: number): void {
  const lanes = fill.data.length;
  for (let l = 0; l < lanes; l++) out.data[lanes * i + l] = fill.data[l]!;
}
