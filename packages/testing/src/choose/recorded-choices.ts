import { type Choose, Discarded } from "./choose.ts";

/** Where the next decision comes from: a number below `count`, by `make` where the caller knows a better distribution than uniform. */
export type Decide = (count: number, make: ((uniform: number) => number) | undefined) => number;

/** Decisions, written down as they are made. */
export class RecordedChoices implements Choose {
  readonly taken: number[] = [];
  private readonly decide: Decide;
  constructor(decide: Decide) {
    this.decide = decide;
  }
  private take(count: number, make?: (uniform: number) => number): number {
    if (!(count >= 1)) throw new RangeError(`expected something to choose from, got ${count} choices`);
    const v = this.decide(count, make);
    this.taken.push(v);
    return v;
  }
  below(count: number): number {
    return count === 1 ? 0 : this.take(count);
  }
  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }
  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }
  maybe(probability: number): boolean {
    return this.take(2, (u) => (u < probability ? 1 : 0)) === 1;
  }
  skewed(count: number, make: (uniform: number) => number): number {
    return this.take(count, make);
  }
  permutation(count: number): number[] {
    const rest = Array.from({ length: count }, (_, i) => i);
    return Array.from({ length: count }, () => rest.splice(this.below(rest.length), 1)[0]!);
  }
  discard(): never {
    throw new Discarded("these decisions lead nowhere");
  }
}

/** Decisions made before, made again; where they run out, the simplest ones. */
export function replay(taken: readonly number[]): RecordedChoices {
  let at = 0;
  return new RecordedChoices((count) => Math.min(taken[at++] ?? 0, count - 1));
}
