import type { Dependencies } from "./dependencies.ts";

/**
 * When a node runs: odd slots are partitions, even ones what runs outside, between two of them. A node's slot is no less than those of
 * the nodes it waits for, so that partitions in the order of their slots never wait for one another in a circle.
 */
export type Slots = number[];

export const isPartition = (slot: number): boolean => slot % 2 === 1;
const from = (low: number, inside: boolean): number => (isPartition(low) === inside ? low : low + 1);
const upTo = (high: number, inside: boolean): number => (isPartition(high) === inside ? high : high - 1);

/** The earliest slot of each node, where `inside` says who is to be in a partition. The last odd one counts the partitions: no way of making them takes fewer. */
export function earliestSlots(d: Dependencies, inside: readonly boolean[]): Slots {
  const slots: Slots = [];
  d.before.forEach((before, i) => {
    slots.push(
      from(
        before.reduce((low, p) => Math.max(low, slots[p]!), 0),
        inside[i]!,
      ),
    );
  });
  return slots;
}

/** The latest slot of each node, so that the last is `end`, an even number. */
export function latestSlots(d: Dependencies, inside: readonly boolean[], end: number): Slots {
  const slots: Slots = new Array(d.nodes.length).fill(end);
  for (let i = d.nodes.length - 1; i >= 0; i--)
    slots[i] = upTo(
      d.after[i]!.reduce((high, p) => Math.min(high, slots[p]!), end),
      inside[i]!,
    );
  return slots;
}

/** How early and how late nodes outside can run, with partitions as they are; follows as nodes move. */
export class OutsideRange {
  /** Slots of nodes in partitions, and the earliest ones of others. */
  readonly earliest: Slots;
  /** Slots of nodes in partitions, and the latest ones of others. */
  readonly latest: Slots;
  private readonly d: Dependencies;
  private readonly slots: Slots;
  private readonly end: number;

  constructor(d: Dependencies, slots: Slots, end: number) {
    this.d = d;
    this.slots = slots;
    this.end = end;
    this.earliest = [...slots];
    this.latest = [...slots];
    for (let p = 0; p < slots.length; p++) this.earliest[p] = this.earliestOf(p);
    for (let p = slots.length - 1; p >= 0; p--) this.latest[p] = this.latestOf(p);
  }
  /** Looks again after these nodes have got other slots. */
  moved(places: readonly number[]): void {
    this.follow(places, this.earliest, this.d.after, (p) => this.earliestOf(p));
    this.follow(places, this.latest, this.d.before, (p) => this.latestOf(p));
  }

  private earliestOf(p: number): number {
    const slot = this.slots[p]!;
    if (isPartition(slot)) return slot;
    return from(
      this.d.before[p]!.reduce((low, b) => Math.max(low, this.earliest[b]!), 0),
      false,
    );
  }
  private latestOf(p: number): number {
    const slot = this.slots[p]!;
    if (isPartition(slot)) return slot;
    return upTo(
      this.d.after[p]!.reduce((high, a) => Math.min(high, this.latest[a]!), this.end),
      false,
    );
  }
  private follow(
    places: readonly number[],
    slots: Slots,
    next: Dependencies["after"],
    slotOf: (p: number) => number,
  ): void {
    const todo = [...places];
    for (let p = todo.pop(); p !== undefined; p = todo.pop()) {
      const slot = slotOf(p);
      if (slot === slots[p]) continue;
      slots[p] = slot;
      todo.push(...next[p]!);
    }
  }
}
