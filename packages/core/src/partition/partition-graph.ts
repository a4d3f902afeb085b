import type { Support } from "../compiler.ts";
import type { Graph } from "../ir/graph.ts";
import type { Node } from "../ir/node.ts";
import type { Value } from "../ir/value.ts";
import { crossingsOf } from "./crossings.ts";
import { type Dependencies, dependenciesOf } from "./dependencies.ts";
import { improveSlots, type SlotCosts } from "./improve-slots.ts";
import {
  boundaryBytes,
  leavingValues,
  type Outside,
  type Partition,
  type Partitioning,
  partitionOf,
} from "./partition.ts";
import { keptBy, type Pin } from "./pin.ts";
import { settlePartitioning } from "./schedule.ts";
import { isPartition, latestSlots, type Slots } from "./slots.ts";
import { type PartitionStrategy, strategies } from "./strategies.ts";

/** What a delegate says of a node; nothing means no. */
export type Verdict = (node: Node) => Support | undefined;

/** What partitions are worth. Unless something is asked for, every node that the delegate takes is in one. */
export interface PartitionOptions {
  /** `fewest` by default. */
  readonly strategy?: PartitionStrategy;
  /** Nodes that stay outside though the delegate takes them. */
  readonly keep?: readonly Pin[];
  /** Partitions with fewer nodes are not made. */
  readonly minNodes?: number;
  /** What is gained by running a node on the delegate, in a unit of the caller's, multiply-accumulates for example. One each by default. */
  readonly work?: (node: Node) => number | undefined;
  /** Partitions with less work are not made. */
  readonly minWork?: number;
  /**
   * What a partition costs by itself, and what each byte over its boundary costs, in units of {@link work}. A partition that costs more
   * than it gains is not made, and nodes at the edge of one stay outside where that is cheaper.
   */
  readonly costs?: { readonly perPartition: number; readonly perByte: number };
  /** No more partitions than these: those with the most work. */
  readonly maxPartitions?: number;
}

/**
 * Divides a graph between a delegate and the rest. Nodes that do not depend on one another may change places, so that there are as few
 * partitions as there can be: as many as the way through the graph that leaves and enters the delegate most often. Partitions never wait
 * for one another in a circle, and effects keep their order.
 *
 * @example
 * const { partitions, outside } = partitionGraph(graph, (node) => ({ supported: node.op.name !== "tfl.while" }));
 */
export function partitionGraph(graph: Graph, verdict: Verdict, o: PartitionOptions = {}): Partitioning {
  const d = dependenciesOf(graph);
  const outside = new Map<Node, Outside>();
  for (const node of d.nodes) {
    const why = whyOutside(node, verdict, o.keep ?? []);
    if (why) outside.set(node, why);
  }
  const strategy = o.strategy ?? "fewest";
  const inside = d.nodes.map((n) => !outside.has(n));
  const slots = strategies[strategy](d, inside);
  const maker = new Maker(graph, d, slots, o, strategy === "fewest");
  maker.improve(outside);
  maker.dropUnworthy(outside);
  const partitions = maker.partitions();
  for (const { nodes } of partitions) for (const n of nodes) outside.delete(n);
  return settlePartitioning({ graph, partitions, outside });
}

function whyOutside(node: Node, verdict: Verdict, pins: readonly Pin[]): Outside | undefined {
  const pin = keptBy(pins, node);
  if (pin !== undefined) return { kind: "pinned", reason: `it is kept on the host by request: ${pin}` };
  const support = verdict(node);
  if (support?.supported) return undefined;
  return {
    kind: "unsupported",
    reason: support?.reason ?? "the delegate does not know it",
    ...(support?.help !== undefined && { help: support.help }),
    ...(support?.source !== undefined && { source: support.source }),
  };
}

/** Slots on their way to partitions. */
class Maker {
  private readonly graph: Graph;
  private readonly d: Dependencies;
  private readonly o: PartitionOptions;
  /** Whether nodes may change places. */
  private readonly free: boolean;
  private slots: Slots;
  private readonly end: number;
  private readonly leaving: ReadonlySet<Value>;
  private known: SlotCosts | undefined;

  constructor(graph: Graph, d: Dependencies, slots: Slots, o: PartitionOptions, free: boolean) {
    this.graph = graph;
    this.d = d;
    this.slots = slots;
    this.o = o;
    this.free = free;
    this.leaving = leavingValues(graph);
    const last = slots.reduce((a, b) => Math.max(a, b), 0);
    this.end = last + (last % 2);
  }

  private workOf = (node: Node): number => (this.o.work ? (this.o.work(node) ?? 0) : 1);
  private get costs(): SlotCosts {
    this.known ??= {
      crossings: crossingsOf(this.graph, this.d),
      perByte: this.o.costs?.perByte ?? 1,
      gain: (place) => (this.o.costs ? this.workOf(this.d.nodes[place]!) : Infinity),
    };
    return this.known;
  }

  /** Moves nodes to where fewer bytes cross, from the earliest places they can have and from the latest, and takes what is better. */
  improve(outside: Map<Node, Outside>): void {
    // with one partition there is no choice, unless nodes may leave it
    if (!this.free || this.end < (this.o.costs ? 2 : 4)) return;
    const inside = this.d.nodes.map((n) => !outside.has(n));
    const { crossings, perByte, gain } = this.costs;
    const all = new Set(crossings.of.flat());
    const total = (slots: Slots): number =>
      slots.reduce(
        (n, s, p) => n + (inside[p] && !isPartition(s) ? gain(p) : 0),
        perByte * crossings.bytes(all, slots),
      );
    const ways = [this.slots, latestSlots(this.d, inside, this.end)];
    for (const slots of ways) improveSlots(this.d, slots, this.end, this.costs, (p) => inside[p]!);
    this.slots = ways.reduce((best, other) => (total(other) < total(best) ? other : best));
    this.slots.forEach((s, p) => {
      if (inside[p] && !isPartition(s))
        outside.set(this.d.nodes[p]!, {
          kind: "not worth it",
          reason: "it stands at the edge of a partition, and less crosses the boundary without it",
        });
    });
  }

  /** Takes partitions apart that are not worth having, the least first; their nodes go to others where they can. */
  dropUnworthy(outside: Map<Node, Outside>): void {
    for (;;) {
      const all = this.partitions().map((p) => ({ p, work: p.nodes.reduce((n, x) => n + this.workOf(x), 0) }));
      all.sort((a, b) => a.work - b.work || a.p.nodes.length - b.p.nodes.length);
      const found = all.map(({ p, work }) => ({ p, why: this.unworthy(p, work, all.length) })).find((x) => x.why);
      if (!found) return;
      const dropped = new Set(found.p.nodes.map((n) => this.d.placeOf.get(n)!));
      for (const node of found.p.nodes) outside.set(node, found.why!);
      for (const p of dropped) this.slots[p] = 0;
      if (this.free) improveSlots(this.d, this.slots, this.end, this.costs, (p) => dropped.has(p));
    }
  }

  private unworthy(p: Partition, work: number, count: number): Outside | undefined {
    const { minNodes = 0, minWork = 0, maxPartitions = Infinity, costs } = this.o;
    const not = (reason: string): Outside => ({ kind: "not worth it", reason: `its partition would ${reason}` });
    const size = p.nodes.length;
    if (size < minNodes)
      return not(`have ${size} ${size === 1 ? "op" : "ops"}, and fewer than ${minNodes} are not worth one`);
    if (work < minWork) return not(`do ${work} of work, and less than ${minWork} is not worth one`);
    if (costs) {
      const bytes = boundaryBytes(p);
      const crossing = bytes.in + bytes.out;
      const cost = costs.perPartition + costs.perByte * crossing;
      if (cost > work) return not(`gain ${work} and cost ${cost}: ${crossing} bytes cross its boundary`);
    }
    if (count <= maxPartitions) return undefined;
    return {
      kind: "too many",
      reason: `no more than ${maxPartitions} partitions are asked for, and others have more work`,
    };
  }

  /** The partitions that slots say, by slot. */
  partitions(): readonly Partition[] {
    const bySlot = new Map<number, Node[]>();
    this.slots.forEach((s, p) => {
      if (!isPartition(s)) return;
      const nodes = bySlot.get(s);
      if (nodes) nodes.push(this.d.nodes[p]!);
      else bySlot.set(s, [this.d.nodes[p]!]);
    });
    return [...bySlot].sort(([a], [b]) => a - b).map(([, nodes]) => partitionOf(this.graph, nodes, this.leaving));
  }
}
