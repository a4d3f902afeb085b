import {
  broadcastShapes,
  countOf,
  type Dim,
  type DType,
  invalid,
  isComplex,
  isStatic,
  rowMajorStrides,
  symbol,
  type TensorData,
  type TensorType,
} from "@tflower/core";
import { coordinatesOf } from "./views.ts";

/** Whether a tensor used as an index selects by being non-zero, rather than by place. */
export const isMask = (dtype: DType): boolean => dtype === "bool" || dtype === "u8";

/** The place that `index` names on an axis of `extent`; negative ones count from the end. Throws where PyTorch does. */
export function placeOf(index: number | bigint, extent: number, wraps = true): number {
  const i = Number(index);
  if (i < (wraps ? -extent : 0) || i >= extent)
    throw new RangeError(`index ${i} is out of range for an extent of ${extent}`);
  return i < 0 ? i + extent : i;
}

/** One axis of an indexed tensor, and the index into it; a mask has been replaced by one index for each of its axes. */
export interface AxisIndex<V> {
  readonly axis: number;
  readonly index: V;
}

/** How the axes of the result of `x[indices]` are made up. */
export interface IndexLayout {
  /** Axes of the indexed tensor that an index selects from. */
  readonly indexed: readonly number[];
  /** Axes that stay. */
  readonly kept: readonly number[];
  /** Where among the result's axes those of the broadcast indices lie: in place of the indexed axes when these are neighbours, else in front. */
  readonly at: number;
}
export function indexLayout(rank: number, indexed: readonly number[]): IndexLayout {
  const kept = Array.from({ length: rank }, (_, i) => i).filter((i) => !indexed.includes(i));
  const together = indexed.every((a, i) => i === 0 || a === indexed[i - 1]! + 1);
  return { indexed, kept, at: together ? (indexed[0] ?? 0) : 0 };
}

/** Axes that each index takes: one, or as many as a mask has. */
export function axesTaken(
  self: TensorType,
  indices: readonly (TensorType | undefined)[],
): { readonly axis: number; readonly count: number; readonly type: TensorType }[] {
  let axis = 0;
  const out: { axis: number; count: number; type: TensorType }[] = [];
  for (const type of indices) {
    const count = type && isMask(type.dtype) ? type.shape.length : 1;
    if (type) out.push({ axis, count, type });
    axis += count;
  }
  if (axis > self.shape.length) invalid(`has ${axis} indices for ${self.shape.length} axes`);
  return out;
}

/** The shape of `self[indices]`; how many places a mask selects is a symbol that nothing binds. */
export function indexedShape(self: TensorType, indices: readonly (TensorType | undefined)[]): Dim[] {
  const taken = axesTaken(self, indices);
  const { kept, at } = indexLayout(
    self.shape.length,
    taken.flatMap((t) => Array.from({ length: t.count }, (_, i) => t.axis + i)),
  );
  for (const t of taken)
    if (isMask(t.type.dtype))
      t.type.shape.forEach((d, i) => {
        const extent = self.shape[t.axis + i]!;
        if (isStatic(d) && isStatic(extent) && d !== extent)
          invalid(`mask has extent ${d} where the tensor has ${extent}, on axis ${t.axis + i}`);
      });
  const selected = broadcastShapes(...taken.map((t) => (isMask(t.type.dtype) ? [symbol("selected")] : t.type.shape)));
  const rest = kept.map((a) => self.shape[a]!);
  return taken.length ? [...rest.slice(0, at), ...selected, ...rest.slice(at)] : [...self.shape];
}

/** For each element of `self[indices]`, which element of `self` it is. */
export interface Selection {
  readonly shape: readonly number[];
  readonly from: Int32Array;
}

/** Coordinates of the elements that are not zero, one list for each axis. */
export function nonzeroOf(x: TensorData): number[][] {
  const shape: readonly number[] = x.type.shape;
  const lists: number[][] = shape.map(() => []);
  const count = countOf(shape);
  const lanes = isComplex(x.type.dtype) ? 2 : 1;
  const holds = (v: number | bigint): boolean => v !== 0 && v !== 0n;
  for (let i = 0; i < count; i++)
    if (holds(x.data[i * lanes]!) || (lanes === 2 && holds(x.data[2 * i + 1]!)))
      coordinatesOf(i, shape).forEach((c, d) => {
        lists[d]!.push(c);
      });
  return lists;
}

/** Resolves `self[indices]` for data. `place` says where an index lies on an axis. */
export function selectionOf(
  self: readonly number[],
  indices: readonly (TensorData | undefined)[],
  place: (index: number | bigint, extent: number) => number = (i, extent) => placeOf(i, extent),
): Selection {
  const columns: {
    readonly axis: number;
    readonly shape: readonly number[];
    readonly at: ArrayLike<number | bigint>;
  }[] = [];
  let axis = 0;
  for (const x of indices) {
    if (x && isMask(x.type.dtype))
      for (const list of nonzeroOf(x)) columns.push({ axis: axis++, shape: [list.length], at: list });
    else {
      if (x) columns.push({ axis, shape: x.type.shape, at: x.data });
      axis++;
    }
  }
  const { kept, at } = indexLayout(
    self.length,
    columns.map((c) => c.axis),
  );
  const selected = broadcastShapes(...columns.map((c) => c.shape)) as number[];
  const rest = kept.map((a) => self[a]!);
  const shape = columns.length ? [...rest.slice(0, at), ...selected, ...rest.slice(at)] : [...self];
  const from = new Int32Array(countOf(shape));
  if (from.length === 0) return { shape, from };
  const strides = rowMajorStrides(self);
  const lead = columns.length ? at : 0;
  const before = offsetsOf(
    rest.slice(0, lead),
    kept.slice(0, lead).map((a) => strides[a]!),
  );
  const after = offsetsOf(
    rest.slice(lead),
    kept.slice(lead).map((a) => strides[a]!),
  );
  const picked = new Array<number>(countOf(selected)).fill(0);
  for (const column of columns) {
    const pad = selected.length - column.shape.length;
    const own = rowMajorStrides(column.shape);
    const places = offsetsOf(
      selected,
      selected.map((_, k) => (k < pad || column.shape[k - pad] === 1 ? 0 : own[k - pad]!)),
    );
    places.forEach((p, i) => {
      picked[i]! += place(column.at[p]!, self[column.axis]!) * strides[column.axis]!;
    });
  }
  // where an element lies is a sum of what each group of axes adds
  let i = 0;
  for (const x of before) for (const y of picked) for (const z of after) from[i++] = x + y + z;
  return { shape, from };
}

/** The sums of coordinates times `strides`, for every element of `shape` in turn. */
function offsetsOf(shape: readonly number[], strides: readonly number[]): number[] {
  let out = [0];
  shape.forEach((extent, d) => {
    out = out.flatMap((base) => Array.from({ length: extent }, (_, c) => base + c * strides[d]!));
  });
  return out;
}
