import { broadcastShapes, type Dim, type Emit, mulDim, sizeOf, symbol, type Value } from "@tflower/core";
import { type IndexLayout, indexLayout, isMask } from "../semantics/indexing.ts";
import { extentValue, wrapNegative } from "./indices.ts";
import { heldCount, heldPlaces } from "./masks.ts";
import { add, mul } from "./pointwise.ts";
import { castTo } from "./rearrange.ts";

/** How many places a mask selects next to other indices: nothing asks for it, since the program knows the extents of the result. */
const unknown = symbol("selected");

/** Advanced indices as one index into the indexed axes, taken together in row-major order. */
export interface LinearIndex {
  readonly layout: IndexLayout;
  /** Extents of the indexed axes. */
  readonly extents: readonly Dim[];
  /** The places, in the shape that the indices broadcast to. */
  readonly places: Value;
}

/**
 * Joins the indices of `shape[indices]`. `clamp` makes an index lie on its axis; `selected` is the extent that a mask selects,
 * which the program knows as the extent of its result.
 */
export function linearIndex(
  emit: Emit,
  shape: readonly Dim[],
  indices: readonly (Value | undefined)[],
  selected: Dim | undefined,
  clamp: (index: Value, extent: Dim) => Value = (index, extent) => wrapNegative(emit, index, extent),
): LinearIndex | undefined {
  const terms: { readonly axes: readonly number[]; readonly places: Value }[] = [];
  let axis = 0;
  for (const index of indices) {
    if (!index) {
      axis++;
      continue;
    }
    const mask = isMask(index.type.dtype);
    const axes = Array.from({ length: mask ? index.type.shape.length : 1 }, (_, i) => axis + i);
    terms.push({
      axes,
      places: mask ? heldPlaces(emit, index, selected ?? heldCount(index) ?? unknown) : clamp(index, shape[axis]!),
    });
    axis += axes.length;
  }
  if (terms.length === 0) return undefined;
  const dtype = terms.every((t) => t.places.type.dtype === terms[0]!.places.type.dtype)
    ? terms[0]!.places.type.dtype
    : "i64";
  let places: Value | undefined;
  let stride: Dim = 1;
  for (const t of terms.toReversed()) {
    const own = castTo(emit, t.places, dtype);
    const scaled = stride === 1 ? own : mul(emit, own, extentValue(emit, stride, dtype));
    places = places ? add(emit, scaled, places) : scaled;
    stride = mulDim(stride, sizeOf(t.axes.map((a) => shape[a]!)));
  }
  const layout = indexLayout(
    shape.length,
    terms.flatMap((t) => t.axes),
  );
  return { layout, extents: layout.indexed.map((a) => shape[a]!), places: places! };
}

/** The extent that a mask selects: that of the result's axis, when the mask decides it alone. */
export function selectedExtent(
  shape: readonly Dim[],
  indices: readonly (Value | undefined)[],
  result: readonly Dim[],
): Dim | undefined {
  const given = indices.filter((x): x is Value => x !== undefined);
  const masks = given.filter((x) => isMask(x.type.dtype));
  if (masks.length !== 1 || given.some((x) => !masks.includes(x) && sizeOf(x.type.shape) !== 1)) return undefined;
  let axis = 0;
  const indexed = indices.flatMap((x) => {
    const count = x && isMask(x.type.dtype) ? x.type.shape.length : 1;
    axis += count;
    return x ? Array.from({ length: count }, (_, i) => axis - count + i) : [];
  });
  return result[
    indexLayout(shape.length, indexed).at +
      broadcastShapes(...given.filter((x) => !masks.includes(x)).map((x) => x.type.shape)).slice(1).length
  ];
}
