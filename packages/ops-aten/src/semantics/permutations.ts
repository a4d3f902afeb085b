import { axisOf } from "./axes.ts";

/** The permutation that undoes `perm`. */
export function inversePermutation(perm: readonly number[]): number[] {
  const out = new Array<number>(perm.length);
  perm.forEach((p, i) => {
    out[p] = i;
  });
  return out;
}
/** Whether `perm` leaves every axis where it is. */
export const isIdentity = (perm: readonly number[]): boolean => perm.every((p, i) => p === i);

/** The permutation of `rank` axes that swaps two; a scalar has none to swap. */
export function swappedAxes(rank: number, a: number, b: number): number[] {
  const [from, to] = [axisOf(a, rank), axisOf(b, rank)];
  const out = Array.from({ length: rank }, (_, i) => i);
  if (rank > 0) [out[from], out[to]] = [to, from];
  return out;
}

/** The permutation of `rank` axes that takes each axis of `source` to the place in `destination`; the others keep their order. */
export function movedAxes(rank: number, source: readonly number[], destination: readonly number[]): number[] {
  if (rank === 0) return [];
  const out = new Array<number>(rank).fill(-1);
  source.forEach((s, i) => {
    out[destination[i]!] = s;
  });
  const rest = Array.from({ length: rank }, (_, i) => i).filter((i) => !source.includes(i));
  return out.map((p) => (p < 0 ? rest.shift()! : p));
}
/** The permutation of `rank` axes that puts `axis` last. */
export const axisToLast = (rank: number, axis: number): number[] => movedAxes(rank, [axis], [rank - 1]);
