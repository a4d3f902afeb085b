import type { Graph } from "../ir/graph.ts";
import type { Value } from "../ir/value.ts";
import type { Dependencies } from "./dependencies.ts";
import { bytesOfValue, leavingValues } from "./partition.ts";
import { isPartition, type Slots } from "./slots.ts";

/** A value that may cross a boundary, with the places of who makes and who reads it. */
interface Wire {
  readonly bytes: number;
  readonly producer: number | undefined;
  readonly readers: readonly number[];
  readonly leaves: boolean;
}

/** Which bytes cross boundaries, as far as it depends on where nodes are. */
export interface Crossings {
  /** Wires that end at a node, by its place. */
  readonly of: readonly (readonly number[])[];
  /** Bytes that the boundaries of partitions take for these wires, each once. */
  bytes(wires: Iterable<number>, slots: Slots): number;
  /** Slots of the nodes at the other ends of these wires. */
  slotsAt(wires: Iterable<number>, slots: Slots): ReadonlySet<number>;
}

/** A value whose size is known only at run time counts as one byte: it decides where nothing else does. */
const unknownSize = 1;

/** Looks at the values of a graph as wires between places. */
export function crossingsOf(graph: Graph, d: Dependencies): Crossings {
  const leaving = leavingValues(graph);
  const wires: Wire[] = [];
  const numbers = new Map<Value, number>();
  const wireOf = (v: Value): number => {
    let n = numbers.get(v);
    if (n === undefined) {
      n = wires.length;
      numbers.set(v, n);
      const readers = [...v.users].map((u) => d.placeOf.get(u)).filter((p) => p !== undefined);
      const producer = v.producer && d.placeOf.get(v.producer);
      wires.push({ bytes: bytesOfValue(v) ?? unknownSize, producer, readers, leaves: leaving.has(v) });
    }
    return n;
  };
  const of = d.nodes.map((node) => [
    ...new Set([...node.inputs.filter((v) => !v.constant), ...node.results].map(wireOf)),
  ]);
  return {
    of,
    bytes(numbers, slots) {
      let total = 0;
      for (const n of numbers) {
        const { bytes, producer, readers, leaves } = wires[n]!;
        const home = producer === undefined ? 0 : slots[producer]!;
        const others = new Set(readers.map((r) => slots[r]!).filter((s) => !(s === home && isPartition(s))));
        if (isPartition(home) && (leaves || others.size > 0)) total += bytes;
        for (const s of others) if (isPartition(s)) total += bytes;
      }
      return total;
    },
    slotsAt(numbers, slots) {
      const out = new Set<number>();
      for (const n of numbers) {
        const { producer, readers } = wires[n]!;
        if (producer !== undefined) out.add(slots[producer]!);
        for (const r of readers) out.add(slots[r]!);
      }
      return out;
    },
  };
}
