import {
  allocate,
  copyStrided,
  countOf,
  type Dim,
  divideExactly,
  floorDivDim,
  invalid,
  isComplex,
  isStatic,
  rowMajorStrides,
  showDim,
  sizeOf,
  type TensorData,
  tensor,
  wrap,
} from "@tflower/core";

/** Elements of `x` in another shape of as many. */
export const reshaped = (x: TensorData, shape: readonly number[]): TensorData =>
  wrap(tensor(x.type.dtype, shape), x.data);

/** A row-major copy of the elements that `strides` and `offset` select; strides may be negative or zero. */
export function strided(x: TensorData, shape: readonly number[], strides: readonly number[], offset = 0): TensorData {
  const { dtype } = x.type;
  const out = allocate(dtype, countOf(shape));
  if (isComplex(dtype)) copyStrided(x.data, out, [...shape, 2], [...strides.map((s) => 2 * s), 1], 2 * offset);
  else copyStrided(x.data, out, shape, strides, offset);
  return wrap(tensor(dtype, shape), out);
}

/** Axis `i` of the result is axis `perm[i]` of `x`. */
export function permuted(x: TensorData, perm: readonly number[]): TensorData {
  const strides = rowMajorStrides(x.type.shape);
  return strided(
    x,
    perm.map((p) => x.type.shape[p]!),
    perm.map((p) => strides[p]!),
  );
}

/** `count` elements of `x` along `axis`, from `start` in steps of `step`, which may be negative. */
export function slicedAlong(x: TensorData, axis: number, start: number, count: number, step = 1): TensorData {
  const shape: readonly number[] = x.type.shape;
  const strides = rowMajorStrides(shape);
  return strided(
    x,
    shape.map((d, i) => (i === axis ? count : d)),
    strides.map((s, i) => (i === axis ? s * step : s)),
    count > 0 ? start * strides[axis]! : 0,
  );
}

/** `x` broadcast to `shape`, extents of 1 repeated. */
export function broadcasted(x: TensorData, shape: readonly number[]): TensorData {
  const strides = rowMajorStrides(x.type.shape);
  const pad = shape.length - x.type.shape.length;
  return strided(
    x,
    shape,
    shape.map((_, i) => (i < pad || x.type.shape[i - pad] === 1 ? 0 : strides[i - pad]!)),
  );
}

/** A copy of `x`, in whose elements `write` may change what it likes. */
export const copied = (x: TensorData): TensorData => wrap(x.type, x.data.slice());

/** Copies element `from` of `source` to element `to` of `target`, which are of one dtype. */
export function copyElement(source: TensorData, from: number, target: TensorData, to: number): void {
  if (isComplex(source.type.dtype)) {
    target.data[2 * to] = source.data[2 * from]!;
    target.data[2 * to + 1] = source.data[2 * from + 1]!;
  } else target.data[to] = source.data[from]!;
}

/** A tensor whose element `i` is element `at(i)` of `x`; a zero where that is negative. */
export function selected(x: TensorData, shape: readonly number[], at: (i: number) => number): TensorData {
  const count = countOf(shape);
  const out = wrap(tensor(x.type.dtype, shape), allocate(x.type.dtype, count));
  for (let i = 0; i < count; i++) {
    const from = at(i);
    if (from >= 0) copyElement(x, from, out, i);
  }
  return out;
}

/** Coordinates of row-major position `i` in `shape`. */
export function coordinatesOf(i: number, shape: readonly number[]): number[] {
  const out = new Array<number>(shape.length);
  for (let d = shape.length - 1; d >= 0; d--) {
    out[d] = i % shape[d]!;
    i = Math.floor(i / shape[d]!);
  }
  return out;
}

/** Row-major position of `coordinates` in `shape`. */
export const positionOf = (coordinates: readonly number[], shape: readonly number[]): number =>
  coordinates.reduce((at, c, d) => at * shape[d]! + c, 0);

/** `size` with its -1 replaced by what is left of `total` elements. */
export function fillWildcard(size: readonly Dim[], total: Dim): Dim[] {
  const at = size.indexOf(-1);
  const show = (): string => `[${size.map(showDim).join(",")}]`;
  if (at < 0) {
    const have = sizeOf(size);
    if (isStatic(have) && isStatic(total) && have !== total)
      invalid(`shape ${show()} has ${have} elements, the input has ${total}`);
    return [...size];
  }
  if (size.indexOf(-1, at + 1) >= 0) invalid(`only one extent of ${show()} can be inferred`);
  const rest = sizeOf(size.filter((_, i) => i !== at));
  if (rest === 0) invalid(`shape ${show()} leaves the extent -1 undetermined`);
  if (isStatic(total) && isStatic(rest) && total % rest !== 0)
    invalid(`shape ${show()} does not divide ${total} elements`);
  return size.map((d, i) => (i === at ? (divideExactly(total, rest) ?? floorDivDim(total, rest)) : d));
}

/** Shape with at least `rank` axes, where NumPy puts the new ones. */
export function atLeast(rank: 1 | 2 | 3, shape: readonly Dim[]): readonly Dim[] {
  if (shape.length >= rank) return shape;
  if (shape.length === 0) return new Array<Dim>(rank).fill(1);
  if (rank === 2) return [1, shape[0]!];
  return shape.length === 1 ? [1, shape[0]!, 1] : [...shape, 1];
}
