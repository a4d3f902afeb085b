/**
 * Where a generator's decisions come from: plain functions draw from it, and know nothing of fast-check. Decisions are recorded, so a
 * drawn thing is shrunk by making decisions simpler and drawing it again; parts that hang together stay together.
 * Zero is the simplest decision: put what should be left of a counterexample first.
 */
export interface Choose {
  /** A whole number from 0 to `count - 1`. */
  below(count: number): number;
  /** A whole number from `low`, the simplest, to `high`, both included. */
  between(low: number, high: number): number;
  /** An element of `list`, the first being the simplest. */
  pick<T>(list: readonly T[]): T;
  /** Yes with this probability; no is simpler. */
  maybe(probability: number): boolean;
  /** A whole number below `count`, made by `make` from a uniform number in [0, 1) as long as it is not shrunk. */
  skewed(count: number, make: (uniform: number) => number): number;
  /** A random order of `0 ... count - 1`; in order is simplest. */
  permutation(count: number): number[];
  /** Says that the decisions so far lead nowhere; others are drawn. */
  discard(): never;
}

/** Thrown by {@link Choose.discard}. */
export class Discarded extends Error {
  override readonly name = "Discarded";
}
