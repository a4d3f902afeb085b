import type { SymSize, TensorMeta } from "../schema/exported-program.ts";

const known = (sizes: readonly SymSize[]): readonly number[] | undefined =>
  sizes.every((s) => typeof s === "number") ? (sizes as readonly number[]) : undefined;

/**
 * Whether a tensor with `after`'s sizes and strides can be the same memory as `before`: its strides are those that viewing gives.
 * Where extents are symbolic the exporter's own strides are compared as text, which is true for whatever is contiguous.
 */
export function isViewOf(before: TensorMeta, after: TensorMeta): boolean {
  const [sizes, strides, wanted, got] = [
    known(before.sizes),
    known(before.strides),
    known(after.sizes),
    known(after.strides),
  ];
  if (!sizes || !strides || !wanted || !got)
    return before.sizes.length !== after.sizes.length || showAll(before.strides) === showAll(after.strides);
  const expected = viewStrides(sizes, strides, wanted);
  return expected?.every((s, i) => wanted[i]! <= 1 || s === got[i]) ?? false;
}
const showAll = (s: readonly SymSize[]): string => s.map((x) => (typeof x === "number" ? x : x.text)).join();

/** Strides of a view of another shape, or `undefined` where only a copy will do: axes may merge only where they lie next to each other. */
export function viewStrides(
  sizes: readonly number[],
  strides: readonly number[],
  wanted: readonly number[],
): readonly number[] | undefined {
  const out = new Array<number>(wanted.length).fill(1);
  let w = wanted.length - 1;
  let chunk = 1;
  let base = strides.at(-1) ?? 1;
  for (let d = sizes.length - 1; d >= 0; d--) {
    chunk *= sizes[d]!;
    if (d > 0 && (sizes[d - 1] === 1 || strides[d - 1] === chunk * base)) continue;
    let view = 1;
    while (w >= 0 && (view < chunk || wanted[w] === 1)) {
      out[w] = view * base;
      view *= wanted[w]!;
      w--;
    }
    if (view !== chunk) return undefined;
    if (d > 0) {
      chunk = 1;
      base = strides[d - 1]!;
    }
  }
  return w < 0 || sizes.length === 0 ? out : undefined;
}
