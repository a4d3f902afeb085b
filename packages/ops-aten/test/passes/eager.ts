/** A tensor as PyTorch has it: a window on memory that others may look at too. */
export interface Eager {
  readonly memory: number[];
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly offset: number;
}

const rowMajor = (shape: readonly number[]): number[] =>
  shape.map((_, i) => shape.slice(i + 1).reduce((a, b) => a * b, 1));
export const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** A tensor with memory of its own. */
export const fresh = (shape: readonly number[], elements: readonly number[]): Eager => ({
  memory: [...elements],
  shape,
  strides: rowMajor(shape),
  offset: 0,
});

/** Where each element lies, in row-major order. */
export function places({ shape, strides, offset }: Eager): number[] {
  let out = [offset];
  for (const [i, d] of shape.entries())
    out = out.flatMap((at) => Array.from({ length: d }, (_, k) => at + k * strides[i]!));
  return out;
}
export const elements = (t: Eager): number[] => places(t).map((at) => t.memory[at]!);
/** Everything is read before anything is written. */
export function write(t: Eager, values: readonly number[]): void {
  const to = places(t);
  values.forEach((v, i) => {
    t.memory[to[i]!] = v;
  });
}

/** `t` broadcast to `shape`, or `undefined` where it does not fit. */
export function spread(t: Eager, shape: readonly number[]): Eager | undefined {
  const pad = shape.length - t.shape.length;
  if (pad < 0 || t.shape.some((d, i) => d !== 1 && d !== shape[i + pad])) return undefined;
  const strides = shape.map((_, i) => (i < pad || t.shape[i - pad] === 1 ? 0 : t.strides[i - pad]!));
  return { ...t, shape, strides };
}

export const select = (t: Eager, axis: number, index: number): Eager => ({
  ...t,
  shape: t.shape.toSpliced(axis, 1),
  strides: t.strides.toSpliced(axis, 1),
  offset: t.offset + index * t.strides[axis]!,
});
export const slice = (t: Eager, axis: number, start: number, end: number, step: number): Eager => ({
  ...t,
  shape: t.shape.with(axis, Math.max(0, Math.ceil((end - start) / step))),
  strides: t.strides.with(axis, t.strides[axis]! * step),
  offset: t.offset + start * t.strides[axis]!,
});
export const permute = (t: Eager, order: readonly number[]): Eager => ({
  ...t,
  shape: order.map((p) => t.shape[p]!),
  strides: order.map((p) => t.strides[p]!),
});
export const unsqueeze = (t: Eager, axis: number): Eager => ({
  ...t,
  shape: t.shape.toSpliced(axis, 0, 1),
  strides: t.strides.toSpliced(axis, 0, 1),
});
export const diagonal = (t: Eager, offset: number): Eager => {
  const [rows, columns] = t.shape.slice(0, 2) as [number, number];
  const length = Math.max(0, Math.min(rows + Math.min(offset, 0), columns - Math.max(offset, 0)));
  const skip = offset >= 0 ? offset * t.strides[1]! : -offset * t.strides[0]!;
  return {
    ...t,
    shape: [...t.shape.slice(2), length],
    strides: [...t.strides.slice(2), t.strides[0]! + t.strides[1]!],
    offset: length === 0 ? t.offset : t.offset + skip,
  };
};
/** Whether `reshape` can give a view: here only where nothing lies between the elements. */
export const isContiguous = (t: Eager): boolean => {
  const dense = rowMajor(t.shape);
  return t.shape.every((d, i) => d === 1 || t.strides[i] === dense[i]);
};
export const reshape = (t: Eager, shape: readonly number[]): Eager =>
  isContiguous(t) ? { ...t, shape, strides: rowMajor(shape) } : fresh(shape, elements(t));
