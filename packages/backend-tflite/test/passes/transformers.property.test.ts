import {
  Compiler,
  dataConstant,
  type Graph,
  Module,
  type Pass,
  Rewriter,
  runGraph,
  runPasses,
  tensor,
  tensorData,
  type Value,
} from "@tflower/core";
import { compareTensors, randomInputs } from "@tflower/testing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as tfl from "../../src/dialect/index.ts";
import { tflitePlugin } from "../../src/index.ts";
import { foldAffineForward } from "../../src/passes/fold-affine-forward.ts";
import { foldRepeatedBatch } from "../../src/passes/fold-repeated-batch.ts";
import { optimizeLayout } from "../../src/passes/optimize-layout.ts";
import { pruneRows } from "../../src/passes/prune-rows.ts";
import { splitLinears } from "../../src/passes/split-linear.ts";

const compiler = new Compiler().use(tflitePlugin());

/** A block of a transformer, every extent of its own. */
interface Block {
  readonly batch: number;
  readonly rows: number;
  readonly heads: number;
  readonly shared: number;
  readonly width: number;
  readonly hidden: number;
  readonly joint: boolean;
  readonly first: number;
  readonly count: number;
  readonly seed: number;
}
const blocks: fc.Arbitrary<Block> = fc
  .record({
    batch: fc.integer({ min: 1, max: 2 }),
    rows: fc.integer({ min: 2, max: 6 }),
    heads: fc.integer({ min: 1, max: 3 }),
    shared: fc.integer({ min: 1, max: 3 }),
    width: fc.integer({ min: 1, max: 4 }),
    hidden: fc.integer({ min: 1, max: 5 }),
    joint: fc.boolean(),
    from: fc.nat(5),
    many: fc.nat(2),
    seed: fc.nat(1000),
  })
  .map(({ from, many, ...b }) => {
    const first = from % b.rows;
    return { ...b, first, count: 1 + (many % (b.rows - first)) };
  });

/** Norm, attention with keys shared by groups of heads, residual, norm, two layers, residual; of which some rows leave. */
function build(b: Block): Graph {
  const graph = new Module().graph("main");
  const r = new Rewriter(graph);
  let state = b.seed + 1;
  const random = (shape: readonly number[]): Value => {
    const data = Array.from({ length: shape.reduce((n, d) => n * d, 1) }, () => {
      state = (state * 48271) % 2147483647;
      return (state / 2147483647) * 2 - 1;
    });
    return graph.constant(dataConstant(tensorData("f32", shape, data)));
  };
  const channels = b.heads * b.shared * b.width;
  const own = b.heads * b.width;
  const x = graph.input(tensor("f32", [b.batch, b.rows, channels]));
  const layer = (v: Value, out: number): Value =>
    r.emit(
      tfl.fullyConnected,
      { input: v, filter: random([out, v.type.shape.at(-1) as number]), bias: random([out]) },
      {},
      { keep_num_dims: true },
    );
  const norm = (v: Value): Value => {
    const mean = r.emit(tfl.mean, { input: v }, {}, { axes: [2], keep_dims: true });
    const centred = r.emit(tfl.sub, { lhs: v, rhs: mean }, {}, {});
    const squares = r.emit(tfl.mul, { lhs: centred, rhs: centred }, {}, {});
    const variance = r.emit(tfl.mean, { input: squares }, {}, { axes: [2], keep_dims: true });
    const some = r.emit(tfl.add, { lhs: variance, rhs: r.constant(tensorData("f32", [], [0.5])) }, {}, {});
    const scaled = r.emit(tfl.mul, { lhs: centred, rhs: r.emit(tfl.rsqrt, { input: some }, {}, {}) }, {}, {});
    return r.emit(
      tfl.add,
      { lhs: r.emit(tfl.mul, { lhs: scaled, rhs: random([channels]) }, {}, {}), rhs: random([channels]) },
      {},
      {},
    );
  };
  const cut = (v: Value, begin: number, size: number): Value =>
    r.emit(tfl.slice, { input: v }, {}, { begin: [0, 0, begin], size: [b.batch, b.rows, size] });
  const byHead = (v: Value, heads: number): Value =>
    r.emit(
      tfl.transpose,
      { input: r.emit(tfl.reshape, { input: v }, {}, { shape: [b.batch, b.rows, heads, b.width] }) },
      {},
      { perm: [0, 2, 1, 3] },
    );
  const repeated = (v: Value): Value => {
    const one = r.emit(tfl.reshape, { input: v }, {}, { shape: [b.batch, b.heads, 1, b.rows, b.width] });
    const all = r.emit(tfl.broadcastTo, { input: one }, {}, { shape: [b.batch, b.heads, b.shared, b.rows, b.width] });
    return r.emit(tfl.reshape, { input: all }, {}, { shape: [b.batch, b.heads * b.shared, b.rows, b.width] });
  };
  const normed = norm(x);
  const all = b.joint ? layer(normed, channels + 2 * own) : undefined;
  const q = byHead(all ? cut(all, 0, channels) : layer(normed, channels), b.heads * b.shared);
  const k = repeated(byHead(all ? cut(all, channels, own) : layer(normed, own), b.heads));
  const v = repeated(byHead(all ? cut(all, channels + own, own) : layer(normed, own), b.heads));
  const scores = r.emit(tfl.batchMatmul, { x: q, y: k }, {}, { adj_y: true });
  const scale = r.constant(tensorData("f32", [], [0.375]));
  const weights = r.emit(tfl.softmax, { input: r.emit(tfl.mul, { lhs: scores, rhs: scale }, {}, {}) }, {}, {});
  const read = r.emit(tfl.batchMatmul, { x: weights, y: v }, {}, {});
  const rows = r.emit(
    tfl.reshape,
    { input: r.emit(tfl.transpose, { input: read }, {}, { perm: [0, 2, 1, 3] }) },
    {},
    { shape: [b.batch, b.rows, channels] },
  );
  const attended = r.emit(tfl.add, { lhs: x, rhs: layer(rows, channels) }, {}, {});
  const inner = r.emit(tfl.gelu, { input: layer(norm(attended), b.hidden) }, {}, {});
  const out = r.emit(tfl.add, { lhs: attended, rhs: layer(inner, channels) }, {}, {});
  graph.outputs = [
    r.emit(tfl.slice, { input: out }, {}, { begin: [0, b.first, 0], size: [b.batch, b.count, channels] }),
  ];
  return graph;
}

const passes: Readonly<Record<string, () => readonly Pass[]>> = {
  "fold-repeated-batch": () => [foldRepeatedBatch()],
  "split-linears": () => [splitLinears({ leastColumns: 1 })],
  "prune-rows": () => [pruneRows()],
  "fold-affine-forward": () => [foldAffineForward({ leastShare: 0 })],
  "all of them": () => [
    splitLinears({ leastColumns: 1 }),
    pruneRows(),
    foldRepeatedBatch(),
    optimizeLayout(),
    foldAffineForward({ leastShare: 0 }),
  ],
};

describe("a block of a transformer computes what it did, to 110 dB", () => {
  test.each(Object.keys(passes))("%s", (name) =>
    fc.assert(
      fc.asyncProperty(blocks, async (b) => {
        const graph = build(b);
        const inputs = randomInputs(graph, b.seed);
        const before = await runGraph(graph, inputs);
        await runPasses(graph.module, passes[name]!(), compiler, { verifyEach: true });
        const after = await runGraph(graph, inputs);
        expect(compareTensors(after[0]!, before[0]!, { db: 110 })).toBeUndefined();
      }),
      { numRuns: 60, seed: 3 },
    ),
  );

  test("all of them leave no repeated keys, no joint layer and no row that is not read", async () => {
    const graph = build({
      batch: 1,
      rows: 6,
      heads: 2,
      shared: 2,
      width: 4,
      hidden: 5,
      joint: true,
      first: 0,
      count: 1,
      seed: 1,
    });
    await runPasses(graph.module, passes["all of them"]!(), compiler);
    const nodes = [...graph.nodes];
    expect(nodes.filter((n) => n.is(tfl.broadcastTo))).toEqual([]);
    const rows = nodes.filter((n) => n.is(tfl.fullyConnected)).map((n) => n.results[0]!.type.shape[1]);
    expect(rows.sort()).toEqual([1, 1, 1, 1, 6, 6]);
  });
});
