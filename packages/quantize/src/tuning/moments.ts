import type { LayerShape } from "./layer.ts";

/** Columns whose products with one another are known: neighbours of one group. */
export interface Piece {
  readonly group: number;
  /** The first column, and how many there are. */
  readonly from: number;
  readonly size: number;
  /** Sums of products of two columns, row-major. */
  readonly products: Float64Array;
}

/** Sums over patches: their number, their elements, and products of elements that are near each other. They add up over shards. */
export interface Moments {
  rows: number;
  /** By place in the patch. */
  readonly sums: Float64Array;
  readonly pieces: readonly Piece[];
}

/** No more columns than these are looked at together, so that neither memory nor time grow with the cube of a layer. */
const widest = 512;

/** Nothing seen yet, of a layer of this shape. */
export function noMoments(shape: LayerShape): Moments {
  const pieces: Piece[] = [];
  const parts = Math.ceil(shape.columns / widest);
  for (let group = 0; group < shape.groups; group++)
    for (let p = 0; p < parts; p++) {
      const from = Math.floor((p * shape.columns) / parts);
      const size = Math.floor(((p + 1) * shape.columns) / parts) - from;
      pieces.push({ group, from, size, products: new Float64Array(size * size) });
    }
  return { rows: 0, sums: new Float64Array(shape.patch), pieces };
}

/** Bytes that the moments of a layer take. */
export function momentBytes(shape: LayerShape): number {
  const parts = Math.ceil(shape.columns / widest);
  return 8 * (shape.patch + shape.groups * shape.columns * Math.ceil(shape.columns / parts));
}

const scratch = new Float64Array(widest);

/** Adds one patch. Of products, those on and above the diagonal: {@link mirror} copies them below. */
export function addPatch(moments: Moments, shape: LayerShape, patch: Float32Array): void {
  moments.rows++;
  const { sums, pieces } = moments;
  for (let i = 0; i < patch.length; i++) sums[i]! += patch[i]!;
  for (const { group, from, size, products } of pieces) {
    for (let i = 0; i < size; i++) scratch[i] = patch[shape.columnOf(group, from + i)]!;
    for (let i = 0; i < size; i++) {
      const x = scratch[i]!;
      if (x === 0) continue;
      const row = i * size;
      for (let j = i; j < size; j++) products[row + j]! += x * scratch[j]!;
    }
  }
}

/** Fills in what {@link addPatch} leaves out. */
export function mirror({ pieces }: Moments): void {
  for (const { size, products } of pieces)
    for (let i = 0; i < size; i++) for (let j = 0; j < i; j++) products[i * size + j] = products[j * size + i]!;
}

/** What both have seen. */
export const addMoments = (a: Moments, b: Moments): Moments => ({
  rows: a.rows + b.rows,
  sums: a.sums.map((x, i) => x + b.sums[i]!),
  pieces: a.pieces.map((p, k) => ({ ...p, products: p.products.map((x, i) => x + b.pieces[k]!.products[i]!) })),
});

/** The mean of a column. */
export const meansOf = (m: Moments): Float64Array => m.sums.map((x) => (m.rows ? x / m.rows : 0));
