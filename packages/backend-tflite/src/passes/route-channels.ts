import { attr, definePass, type Graph, i32Data, type Node, Rewriter, type Value } from "@tflower/core";
import { conv2d, depthwiseConv2d } from "../dialect/convolution.ts";
import { gather } from "../dialect/gather.ts";
import { concatenation } from "../dialect/join.ts";
import { pad } from "../dialect/pad.ts";
import { slice } from "../dialect/slice.ts";
import { type Channel, type ChannelMove, channelMove, isShuffle, type Origins } from "./channel-origins.ts";
import { constantOf } from "./constant-of.ts";
import { cpuCosts } from "./kernel-costs.ts";

/**
 * Convolutions do not care in which order channels come, as long as their weights are in the same order. Where channels are joined,
 * shuffled and parted between convolutions, each convolution gets those it reads as runs of what others compute, and those compute
 * their channels in the order in which they are read. Nothing is shuffled, and what nobody reads yet is not copied along.
 *
 * Exact but for the order of sums.
 */
export const routeChannels = definePass({
  name: "route-channels",
  summary: "Puts shuffles of channels between convolutions into the order of their weights.",
  options: { enabled: attr.bool.default_(true) },
  scope: "graph",
  run(graph, { compiler, options, count }) {
    if (!options.enabled || compiler.settings.target !== "cpu") return;
    for (const region of regionsOf(graph)) {
      const { version } = graph;
      route(region, graph);
      if (graph.version !== version) count("route-channels", [...region.keys()].filter(isShuffle).length);
    }
  },
});

type Moves = Map<Node, ChannelMove>;

/** Ops that move channels, as far as one hands them to another, with a shuffle among them. */
function regionsOf(graph: Graph): readonly Moves[] {
  const moves: Moves = new Map();
  for (const node of graph.nodes) {
    const move = channelMove(node);
    if (move) moves.set(node, move);
  }
  const regions: Moves[] = [];
  const left = new Set(moves.keys());
  for (const first of left) {
    const region: Moves = new Map();
    const todo = [first];
    for (let node = todo.pop(); node; node = todo.pop()) {
      if (!left.delete(node)) continue;
      const move = moves.get(node)!;
      region.set(node, move);
      for (const v of move.inputs) {
        if (v.producer && moves.has(v.producer)) todo.push(v.producer);
      }
      for (const r of node.results) for (const u of shuffleEnds(r, moves)) todo.push(u);
    }
    if ([...region.keys()].some(isShuffle)) {
      // in the order of the graph
      regions.push(new Map([...graph.nodes].filter((n) => region.has(n)).map((n) => [n, region.get(n)!])));
    }
  }
  return regions;
}

/** Moves that read `v`: at once, or at the end of a shuffle. */
function shuffleEnds(v: Value, moves: Moves): readonly Node[] {
  return [...v.users].flatMap((u) => {
    if (moves.has(u)) return [u];
    const end = [...(u.results[0]?.users ?? [])].flatMap((t) => [...(t.results[0]?.users ?? [])]);
    return end.filter((n) => moves.get(n)?.inputs.includes(v));
  });
}

/** A convolution that reads an image whose channels may come in any order, with what stands between. */
interface Reader {
  readonly pad: Node<typeof pad> | undefined;
  readonly depthwise: Node<typeof depthwiseConv2d> | undefined;
  readonly conv: Node<typeof conv2d>;
}

const onlyUser = (v: Value, graph: Graph): Node | undefined =>
  graph.hasOneUse(v) ? ([...v.users][0] as Node) : undefined;

/** `pad?` - `depthwise?` - `conv` from `user` on, which reads `v`. */
function readerOf(user: Node, v: Value, graph: Graph): Reader | undefined {
  let node: Node | undefined = user;
  let input = v;
  let padded: Node<typeof pad> | undefined;
  let depthwise: Node<typeof depthwiseConv2d> | undefined;
  if (node.is(pad)) {
    padded = node as unknown as Node<typeof pad>;
    const { paddings } = padded.attrs;
    if (padded.operands.paddings || paddings[6] !== 0 || paddings[7] !== 0) return undefined;
    input = padded.result;
    node = onlyUser(input, graph);
  }
  if (node?.is(depthwiseConv2d)) {
    depthwise = node as unknown as Node<typeof depthwiseConv2d>;
    const { filter, bias } = depthwise.operands as { filter: Value; bias?: Value };
    if (depthwise.attrs.depth_multiplier !== 1 || !filter.constant || (bias && !bias.constant)) return undefined;
    if (depthwise.operands.input !== input) return undefined;
    input = depthwise.result;
    node = onlyUser(input, graph);
  }
  if (!node?.is(conv2d)) return undefined;
  const conv = node as unknown as Node<typeof conv2d>;
  const filter = conv.operands.filter as Value;
  return conv.operands.input === input && filter.constant && filter.type.shape[3] === input.type.shape[3]
    ? { pad: padded, depthwise, conv }
    : undefined;
}

/** An image that convolutions outside of a region read. */
interface Wanted {
  readonly value: Value;
  readonly origins: Origins;
  readonly readers: readonly Reader[];
}

function route(region: Moves, graph: Graph): void {
  const origins = new Map<Value, Origins>();
  const originsOf = (v: Value): Origins =>
    origins.get(v) ?? Array.from({ length: v.type.shape[3] as number }, (_, index): Channel => ({ base: v, index }));
  const wanted: Wanted[] = [];
  const bases = new Set<Value>();
  for (const [node, move] of region) {
    for (const v of move.inputs) if (!origins.has(v)) bases.add(v);
    const inputs = move.inputs.map(originsOf);
    for (const [i, value] of node.results.entries()) {
      origins.set(value, move.route(inputs, i));
      if (graph.isOutput(value)) return;
      const inside = shuffleEnds(value, region);
      const outside = [...value.users].filter((u) => !region.has(u) && !isInside(u, inside));
      if (outside.length === 0) continue;
      const readers = outside.map((u) => readerOf(u, value, graph));
      if (readers.some((r) => r === undefined) || hasTwice(origins.get(value)!)) return;
      wanted.push({ value, origins: origins.get(value)!, readers: readers as readonly Reader[] });
    }
  }
  const rewriter = new Rewriter(graph);
  const orders = new Map([...bases].map((b) => [b, orderOf(b, wanted, region, graph)] as const));
  for (const [base, order] of orders) reorderBase(base, order, rewriter);
  const runs = new Map<string, Value>();
  for (const w of wanted) {
    const image = gatherRuns(w, orders, runs, rewriter);
    for (const reader of w.readers) feed(reader, image, w, rewriter);
  }
  rewriter.eraseDead(wanted.map((w) => w.value));
}

/** Whether a channel is read in two places, so that its weights would have to be added up. */
function hasTwice(origins: Origins): boolean {
  const seen = new Map<Value, Set<number>>();
  return origins.some(({ base, index }) => {
    const known = seen.get(base) ?? new Set();
    seen.set(base, known);
    return known.size === known.add(index).size;
  });
}

/** Whether `u` is the first op of a shuffle that ends in one of `ends`. */
const isInside = (u: Node, ends: readonly Node[]): boolean =>
  ends.some((e) => isShuffle(e) && e.inputs[0]!.producer!.inputs[0]!.producer === u);

/** The order in which a base is to compute its channels: those that are read together side by side. */
function orderOf(base: Value, wanted: readonly Wanted[], region: Moves, graph: Graph): readonly number[] {
  const channels = Array.from({ length: base.type.shape[3] as number }, (_, i) => i);
  const node = base.producer as Node<typeof conv2d> | undefined;
  if (!node?.is(conv2d) || graph.isOutput(base)) return channels;
  const { filter, bias, input } = node.operands as { filter: Value; bias?: Value; input: Value };
  if (!filter.constant || (bias && !bias.constant) || filter.type.shape[3] !== input.type.shape[3]) return channels;
  const ends = shuffleEnds(base, region);
  if ([...base.users].some((u) => !region.has(u) && !isInside(u, ends))) return channels;
  const reads = channels.map(() => [] as number[]);
  for (const [i, w] of wanted.entries()) for (const c of w.origins) if (c.base === base) reads[c.index]!.push(i);
  const first = (a: readonly number[], b: readonly number[]): number => {
    for (let i = 0; i < Math.max(a.length, b.length); i++) if (a[i] !== b[i]) return (a[i] ?? -1) - (b[i] ?? -1);
    return 0;
  };
  return channels.sort((a, b) => first(reads[a]!, reads[b]!) || a - b);
}

const pick = (rewriter: Rewriter, v: Value, places: readonly number[], axis: number): Value =>
  constantOf(rewriter, gather, { params: v, indices: rewriter.constant(i32Data(places)) }, { axis }, v.name);
const isIdentity = (order: readonly number[]): boolean => order.every((c, i) => c === i);

function reorderBase(base: Value, order: readonly number[], rewriter: Rewriter): void {
  if (isIdentity(order)) return;
  const node = base.producer!;
  const { filter, bias } = node.operands_ as { readonly filter: Value; readonly bias?: Value };
  rewriter.setOperands(node, {
    ...node.operands_,
    filter: pick(rewriter, filter, order, 0),
    bias: bias && pick(rewriter, bias, order, 0),
  });
}

interface Image {
  readonly value: Value;
  readonly channels: Origins;
}

/** The channels that are wanted, as runs of their bases, joined. */
function gatherRuns(
  { value, origins }: Wanted,
  orders: ReadonlyMap<Value, readonly number[]>,
  runs: Map<string, Value>,
  rewriter: Rewriter,
): Image {
  const place = { before: value.producer!, locations: value.producer!.locations };
  const names = [...orders.keys()];
  let pieces: Image[] = [];
  for (const [base, order] of orders) {
    const want = new Set(origins.filter((c) => c.base === base).map((c) => c.index));
    for (let at = 0; at < order.length; ) {
      let to = at;
      while (to < order.length && want.has(order[to]!)) to++;
      if (to > at) {
        const channels = order.slice(at, to).map((index) => ({ base, index }));
        const key = `${names.indexOf(base)}:${at}+${to - at}`;
        const whole = to - at === order.length;
        const size = base.type.shape.with(3, to - at) as readonly number[];
        const run =
          runs.get(key) ??
          (whole ? base : rewriter.emit(slice, { input: base }, place, { begin: [0, 0, 0, at], size }));
        runs.set(key, run);
        pieces.push({ value: run, channels });
      }
      at = Math.max(to, at + 1);
    }
  }
  const join = (parts: readonly Image[]): Image => ({
    value: rewriter.emit(concatenation, { values: parts.map((p) => p.value) }, place, { axis: 3 }),
    channels: parts.flatMap((p) => p.channels),
  });
  // delegates take so many operands; the smallest parts are those to copy twice
  while (pieces.length > cpuCosts.concatenated) {
    pieces.sort((a, b) => a.channels.length - b.channels.length);
    const count = Math.min(cpuCosts.concatenated, pieces.length - cpuCosts.concatenated + 1);
    pieces = [join(pieces.slice(0, count)), ...pieces.slice(count)];
  }
  return pieces.length === 1 ? pieces[0]! : join(pieces);
}

/** `reader` reads `image` instead of what it was made of, with its weights in that order. */
function feed(reader: Reader, image: Image, w: Wanted, rewriter: Rewriter): void {
  const bases = new Map<Value, Map<number, number>>();
  for (const [i, { base, index }] of w.origins.entries())
    bases.set(base, (bases.get(base) ?? new Map<number, number>()).set(index, i));
  const places = image.channels.map(({ base, index }) => bases.get(base)!.get(index)!);
  const { conv, depthwise } = reader;
  const first = (reader.pad ?? depthwise ?? conv) as unknown as Node;
  rewriter.setOperands(first, { ...first.operands_, input: image.value });
  if (isIdentity(places)) return;
  if (depthwise) {
    const { filter, bias } = depthwise.operands as { filter: Value; bias?: Value };
    rewriter.setOperands(
      depthwise as unknown as Node,
      {
        ...depthwise.operands,
        filter: pick(rewriter, filter, places, 3),
        bias: bias && pick(rewriter, bias, places, 0),
      } as never,
    );
  }
  const filter = pick(rewriter, conv.operands.filter as Value, places, 3);
  rewriter.setOperands(conv as unknown as Node, { ...conv.operands, filter } as never);
}
