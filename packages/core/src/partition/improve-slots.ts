import type { Crossings } from "./crossings.ts";
import type { Dependencies } from "./dependencies.ts";
import { isPartition, OutsideRange, type Slots } from "./slots.ts";

/** What is gained and lost by where nodes run. */
export interface SlotCosts {
  readonly crossings: Crossings;
  /** What one byte over a boundary costs. */
  readonly perByte: number;
  /** What is gained by a node in a partition; `Infinity` where it goes there whatever it costs. */
  readonly gain: (place: number) => number;
}

/** Rounds that find nothing any more end it earlier. */
const rounds = 4;

/**
 * Moves nodes to other slots while that saves something, first connected ones together, then each by itself. Nodes that `movable` does
 * not name stay where they are. No slot comes into use that was not, so that there are never more partitions than before.
 */
export function improveSlots(
  d: Dependencies,
  slots: Slots,
  end: number,
  costs: SlotCosts,
  movable: (place: number) => boolean,
): void {
  const used = new Set(slots.filter(isPartition));
  const range = new OutsideRange(d, slots, end);
  const cost = (unit: readonly number[], wires: ReadonlySet<number>): number =>
    costs.perByte * costs.crossings.bytes(wires, slots) +
    unit.reduce((n, p) => n + (isPartition(slots[p]!) ? 0 : costs.gain(p)), 0);

  const move = (unit: readonly number[]): boolean => {
    const own = new Set(unit);
    let low = 0;
    let high = end;
    for (const p of unit) {
      for (const b of d.before[p]!) if (!own.has(b)) low = Math.max(low, range.earliest[b]!);
      for (const a of d.after[p]!) if (!own.has(a)) high = Math.min(high, range.latest[a]!);
    }
    if (low >= high) return false;
    const wires = new Set(unit.flatMap((p) => costs.crossings.of[p]!));
    const now = slots[unit[0]!]!;
    const outside = isPartition(low) ? low + 1 : low;
    const candidates = [...costs.crossings.slotsAt(wires, slots)].filter((s) => isPartition(s) && used.has(s));
    // a node that may be anywhere and touches no partition joins any rather than none
    if (!isPartition(now)) candidates.push(...used);
    if (outside <= high) candidates.push(outside);
    let best = now;
    let least = cost(unit, wires);
    for (const s of [...new Set(candidates)].sort((a, b) => a - b)) {
      if (s < low || s > high || s === now) continue;
      for (const p of unit) slots[p] = s;
      const c = cost(unit, wires);
      if (c < least) {
        least = c;
        best = s;
      }
    }
    for (const p of unit) slots[p] = best;
    if (best === now || (!isPartition(best) && !isPartition(now))) return false;
    range.moved(unit);
    return true;
  };

  const each = d.nodes.map((_, i) => i).filter(movable);
  for (let round = 0; round < rounds; round++) {
    let moved = false;
    for (const unit of componentsOf(d, slots, each)) moved = move(unit) || moved;
    for (const p of each) moved = move([p]) || moved;
    for (const p of [...each].reverse()) moved = move([p]) || moved;
    if (!moved) return;
  }
}

/** Movable nodes of one partition that wait for one another, directly or by way of others of them: they can only move together, or from the edge. */
function componentsOf(d: Dependencies, slots: Slots, movable: readonly number[]): readonly (readonly number[])[] {
  const root = new Map(movable.map((p) => [p, p]));
  const find = (p: number): number => {
    let r = p;
    while (root.get(r) !== r) r = root.get(r)!;
    for (let q = p; q !== r; ) {
      const next = root.get(q)!;
      root.set(q, r);
      q = next;
    }
    return r;
  };
  for (const p of movable)
    if (isPartition(slots[p]!))
      for (const b of d.before[p]!) if (root.has(b) && slots[b] === slots[p]) root.set(find(p), find(b));
  const out = new Map<number, number[]>();
  for (const p of movable)
    if (isPartition(slots[p]!)) {
      const list = out.get(find(p));
      if (list) list.push(p);
      else out.set(find(p), [p]);
    }
  return [...out.values()].filter((unit) => unit.length > 1);
}
