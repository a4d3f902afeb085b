import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import {
  boundaryBytes,
  CompileError,
  Compiler,
  type Graph,
  inlineGraphs,
  type Module,
  type Node,
  outline,
  type Partitioning,
  type PartitionOptions,
  parseModule,
  partitionGraph,
  printGraph,
  runGraph,
  runPasses,
  scheduleOf,
  type TensorData,
  tensorData,
  verifyModule,
  whatIf,
} from "../src/index.ts";
import { crossingsOf } from "../src/partition/crossings.ts";
import { dependenciesOf } from "../src/partition/dependencies.ts";
import { earliestSlots, latestSlots } from "../src/partition/slots.ts";
import { both, call, type Drawn, drawn, log, logged, mainOf, mix, pureCall } from "./partition-graphs.ts";

const ops = new Map([mix, both, log, call, pureCall].map((o) => [o.name, o]));
/** A graph in text; nodes after which `// in` stands are for the delegate. */
function written(
  lines: string,
  outputs: string,
): { graph: Graph; module: Module; verdict: (n: Node) => { supported: boolean } } {
  const all = lines.trim().split("\n");
  const text = all.map((l) => l.replace(/\/\/.*/, "")).join("\n");
  const module = parseModule(`graph @main(%x: f32[2], %y: f32[2]) {\n${text}\nreturn ${outputs}\n}`, ops);
  const nodes = [...mainOf(module).nodes];
  const steps = all.filter((l) => !l.includes("= const"));
  const inside = new Set(nodes.filter((_, i) => steps[i]!.includes("// in")));
  return { module, graph: mainOf(module), verdict: (n) => ({ supported: inside.has(n) }) };
}
const verdictOf = ({ module, inside }: Drawn): ((n: Node) => { supported: boolean }) => {
  const yes = new Map([...mainOf(module).nodes].map((n, i) => [n, inside[i]!]));
  return (n) => ({ supported: yes.get(n) ?? false });
};
const divide = (d: Drawn, o?: PartitionOptions): Partitioning => partitionGraph(mainOf(d.module), verdictOf(d), o);
const crossing = (p: Partitioning): number =>
  p.partitions.reduce((n, x) => n + boundaryBytes(x).in + boundaryBytes(x).out, 0);

/** Fewest unbroken runs of nodes inside, over all orders in which nodes can run; by trying them all. */
function fewestRuns(d: Drawn): number {
  const nodes = [...mainOf(d.module).nodes];
  const waits = nodes.map((n, i) => [
    ...n.inputs.flatMap((v) => (v.producer ? [nodes.indexOf(v.producer)] : [])),
    ...(n.op === log ? nodes.flatMap((m, j) => (m.op === log && j < i ? [j] : [])) : []),
  ]);
  let best = Infinity;
  const go = (done: number, last: boolean, runs: number): void => {
    if (runs >= best) return;
    if (done === 2 ** nodes.length - 1) best = runs;
    nodes.forEach((_, i) => {
      if (done & (1 << i) || waits[i]!.some((w) => !(done & (1 << w)))) return;
      go(done | (1 << i), d.inside[i]!, runs + (d.inside[i]! && !last ? 1 : 0));
    });
  };
  go(0, false, 0);
  return best;
}

/** What must hold of every partitioning. */
function expectSound(d: Drawn, p: Partitioning): void {
  const nodes = [...mainOf(d.module).nodes];
  const places = [...p.partitions.flatMap((x) => x.nodes), ...p.outside.keys()];
  expect(new Set(places).size).toBe(places.length);
  expect(new Set(places)).toEqual(new Set(nodes));
  const take = verdictOf(d);
  for (const x of p.partitions) {
    expect(x.nodes.length).toBeGreaterThan(0);
    for (const n of x.nodes) expect(take(n).supported).toBe(true);
  }
  // convex, and acyclic together: run in the order given, nothing is read before it is there
  const there = new Set<unknown>([...mainOf(d.module).inputs, ...mainOf(d.module).states.map((s) => s.value)]);
  for (const unit of scheduleOf(p))
    for (const n of "nodes" in unit ? unit.nodes : [unit]) {
      for (const v of n.inputs) expect(v.constant !== undefined || there.has(v)).toBe(true);
      for (const r of n.results) there.add(r);
    }
}

const data = (a: number, b: number): TensorData => tensorData("f32", [2], Float32Array.from([a, b]));
async function results(module: Module): Promise<unknown> {
  logged.length = 0;
  const state = new Map<string, TensorData>();
  const out = await runGraph(mainOf(module), [data(1, 2), data(-3, 5), data(7, 0.5)], { state });
  return { out: out.map((t) => [...t.data]), state: [...state].map(([k, t]) => [k, [...t.data]]), logged: [...logged] };
}

describe("partitions", () => {
  test.prop([drawn()], { numRuns: 150 })("hold every node that is taken, once, and can run in their order", (d) => {
    for (const strategy of ["fewest", "epochs", "runs"] as const) {
      const p = divide(d, { strategy });
      expectSound(d, p);
      expect(p.partitions.reduce((n, x) => n + x.nodes.length, 0)).toBe(d.inside.filter(Boolean).length);
    }
  });

  test.prop([drawn()], { numRuns: 150 })(
    "are never more than unbroken runs in the order of the file, nor than the runtime's",
    (d) => {
      const fewest = divide(d).partitions.length;
      const epochs = divide(d, { strategy: "epochs" }).partitions.length;
      expect(fewest).toBeLessThanOrEqual(epochs);
      expect(epochs).toBeLessThanOrEqual(fewest + 1);
      expect(fewest).toBeLessThanOrEqual(divide(d, { strategy: "runs" }).partitions.length);
      const nodes = [...mainOf(d.module).nodes];
      const take = verdictOf(d);
      const runs = nodes.filter((n, i) => take(n).supported && !(i > 0 && take(nodes[i - 1]!).supported)).length;
      expect(divide(d, { strategy: "runs" }).partitions.length).toBe(runs);
    },
  );

  test.prop([drawn("small", 7)], { numRuns: 60 })("are as few as any order of the nodes gives", (d) => {
    expect(divide(d).partitions.length).toBe(fewestRuns(d));
  });

  test.prop(
    [
      drawn(),
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 0, max: 3 }),
      fc.nat(40),
      fc.double({ min: 0, max: 0.3, noNaN: true }),
    ],
    {
      numRuns: 150,
    },
  )("keep to limits, and what is left out has a reason", (d, minNodes, maxPartitions, perPartition, perByte) => {
    const o = { minNodes, maxPartitions, costs: { perPartition: perPartition / 10, perByte } };
    const p = divide(d, o);
    expectSound(d, p);
    expect(p.partitions.length).toBeLessThanOrEqual(Math.min(maxPartitions, divide(d).partitions.length));
    for (const x of p.partitions) {
      expect(x.nodes.length).toBeGreaterThanOrEqual(minNodes);
      const bytes = boundaryBytes(x);
      expect(perPartition / 10 + perByte * (bytes.in + bytes.out)).toBeLessThanOrEqual(x.nodes.length);
    }
    for (const [, why] of p.outside) expect(why.reason).not.toBe("");
  });

  test.prop([drawn()], { numRuns: 100 })(
    "compute what the graph computes when each is a graph of its own, and when they are put back",
    async (d) => {
      const before = await results(d.module);
      const p = divide(d);
      const outlined = outline(p, ({ partition, body }) => ({
        op: call,
        operands: { inputs: partition.inputs },
        attrs: { graph: body.name },
      }));
      expect(verifyModule(d.module)).toEqual([]);
      expect(outlined.length).toBe(p.partitions.length);
      expect([...mainOf(d.module).nodes].length).toBe(p.partitions.length + p.outside.size);
      expect(await results(d.module)).toEqual(before);
      d.module.signatures = [{ key: "main", graph: "main" }];
      await runPasses(d.module, [inlineGraphs()], new Compiler());
      expect(verifyModule(d.module)).toEqual([]);
      expect(d.module.graphs.length).toBe(1);
      expect(await results(d.module)).toEqual(before);
    },
  );

  test.prop([drawn()], { numRuns: 100 })(
    "take no more bytes than each node at its earliest or latest place does",
    (d) => {
      const graph = mainOf(d.module);
      const all = dependenciesOf(graph);
      const { of, bytes } = crossingsOf(graph, all);
      const earliest = earliestSlots(all, d.inside);
      const end = earliest.reduce((a, b) => Math.max(a, b), 0);
      for (const slots of [earliest, latestSlots(all, d.inside, end + (end % 2))])
        expect(crossing(divide(d))).toBeLessThanOrEqual(bytes(new Set(of.flat()), slots));
    },
  );
});

test("interleaved branches become one partition where runs make three", () => {
  const { graph, verdict } = written(
    `%0 = part.mix(%x, %x) : f32[2] // in
     %1 = part.mix(%y, %y) : f32[2]
     %2 = part.mix(%0, %0) : f32[2] // in
     %3 = part.mix(%1, %y) : f32[2]
     %4 = part.mix(%2, %2) : f32[2] // in`,
    "%3, %4",
  );
  expect(partitionGraph(graph, verdict, { strategy: "runs" }).partitions.length).toBe(3);
  expect(partitionGraph(graph, verdict).partitions.length).toBe(1);
});

test("the runtime begins with what is ready first, and may need one more", () => {
  const { graph, verdict } = written(
    `%0 = part.mix(%x, %x) : f32[2] // in
     %1 = part.mix(%y, %y) : f32[2]
     %2 = part.mix(%0, %1) : f32[2] // in`,
    "%2",
  );
  expect(partitionGraph(graph, verdict, { strategy: "epochs" }).partitions.length).toBe(2);
  expect(partitionGraph(graph, verdict).partitions.length).toBe(1);
});

test("a boundary is what is read and what is given, and constants are no part of it", () => {
  const { graph, verdict } = written(
    `%c = const [1.0, 2.0] : f32[2]
     %0 = part.mix(%x, %c) : f32[2]
     %1 = part.mix(%0, %c) : f32[2] // in
     %2 = part.mix(%1, %y) : f32[2] // in
     %3 = part.mix(%1, %2) : f32[2]`,
    "%3, %2",
  );
  const [p] = partitionGraph(graph, verdict).partitions;
  const [n0, n1, n2] = [...graph.nodes];
  expect(p!.inputs).toEqual([n0!.result, graph.inputs[1]]);
  expect(p!.outputs).toEqual([n1!.result, n2!.result]);
  expect(p!.constants.length).toBe(1);
  expect(boundaryBytes(p!)).toEqual({ in: 16, out: 16, unknown: 0 });
});

test("nodes that may run in either partition go where fewer bytes cross", () => {
  // %1 reads what comes from outside, and only the second partition reads it
  const { graph, verdict } = written(
    `%0 = part.mix(%x, %x) : f32[2] // in
     %1, %2 = part.both(%y) : f32[2], f32[2] // in
     %3 = part.mix(%0, %0) : f32[2]
     %4 = part.mix(%3, %1) : f32[2] // in
     %5 = part.mix(%4, %2) : f32[2] // in`,
    "%5",
  );
  const p = partitionGraph(graph, verdict);
  expect(p.partitions.map((x) => x.nodes.length)).toEqual([1, 3]);
  expect(crossing(p)).toBe(8 * (1 + 1 + 2 + 1));
});

describe("pins", () => {
  const source = `%0 = part.mix(%x, %x) : f32[2] // in
     %1, %2 = part.both(%0) : f32[2], f32[2] // in
     %3 = part.mix(%1, %2) : f32[2] // in`;
  test.each([
    [{ op: "part.both" }, 2],
    [{ op: "BOTH" }, 2],
    [{ op: "mi*" }, 1],
    [{ op: "part" }, 1],
    [{ node: (n: Node) => n.results.length === 2 }, 2],
    [{ op: "*", node: (n: Node) => n.results.length === 3 }, 1],
    [{ module: "encoder" }, 2],
    [{ module: "encoder.*.b" }, 2],
    [{ module: "enc" }, 1],
  ] as const)("%o", (pin, partitions) => {
    const { graph, verdict } = written(source, "%3");
    [...graph.nodes][1]!.locations = [{ module: "encoder.layers.3.b" }];
    const p = partitionGraph(graph, verdict, { keep: [pin] });
    expect(p.partitions.length).toBe(partitions);
    for (const [, why] of p.outside)
      expect(why).toMatchObject({ kind: "pinned", reason: expect.stringMatching(/\S: \S/) });
  });
});

test("what one change would bring, best first", () => {
  const { graph } = written(
    `%0 = part.mix(%x, %x) : f32[2]
     %1, %2 = part.both(%0) : f32[2], f32[2]
     %3 = part.mix(%1, %2) : f32[2]
     %4 = part.call((%3)) {graph = @main} : f32[2]
     part.log(%4) : ()`,
    "%4",
  );
  const verdict = (n: Node) =>
    n.op === mix ? { supported: true } : { supported: false, reason: n.op === both ? "two results" : "unknown" };
  const changes = whatIf([graph], verdict);
  expect(changes.map((c) => [c.ops, c.reason, c.nodes.length, c.partitions, c.saved, c.outsideLeft])).toEqual([
    [["part.both"], "two results", 1, 1, 1, 2],
    [["part.call"], "unknown", 1, 2, 0, 2],
    [["part.call", "part.log"], "unknown", 2, 2, 0, 1],
    [["part.log"], "unknown", 1, 3, -1, 2],
  ]);
});

describe("a tap of the partition hook", () => {
  const setup = () => {
    const { graph, verdict } = written(
      `%0 = part.mix(%x, %x) : f32[2] // in
       %1 = part.mix(%0, %0) : f32[2] // in
       %2 = part.mix(%1, %0) : f32[2] // in`,
      "%2",
    );
    const compiler = new Compiler();
    compiler.hooks.support.for("npu").tap("test", verdict);
    return { graph, compiler };
  };
  test("changes what the engine says", () => {
    const { graph, compiler } = setup();
    expect(compiler.partition(graph, "npu").partitions.length).toBe(1);
    compiler.hooks.partition.for("npu").tap("split", (p) => ({
      ...p,
      partitions: [...p.partitions[0]!.nodes]
        .reverse()
        .map((n) => ({ nodes: [n], inputs: [], outputs: [], constants: [] })),
    }));
    const p = compiler.partition(graph, "npu");
    expect(p.partitions.map((x) => x.nodes)).toEqual([...graph.nodes].map((n) => [n]));
    expect(p.partitions[2]!.inputs.length).toBe(2);
    expect(compiler.partition(graph, "gpu").partitions.length).toBe(0);
  });
  test.each<[string, (p: Partitioning) => Partitioning]>([
    [
      "wait for one another in a circle",
      (p) => {
        const [a, b, c] = p.partitions[0]!.nodes;
        return {
          ...p,
          partitions: [
            { ...p.partitions[0]!, nodes: [a!, c!] },
            { ...p.partitions[0]!, nodes: [b!] },
          ],
        };
      },
    ],
    ["in two places", (p) => ({ ...p, partitions: [...p.partitions, ...p.partitions] })],
    ["neither in a partition nor outside", (p) => ({ ...p, partitions: [] })],
    ["a node of another graph", (p) => ({ ...p, graph: setup().graph })],
  ])("is refused when partitions %s", (message, change) => {
    const { graph, compiler } = setup();
    compiler.hooks.partition.for("npu").tap("bad", change);
    expect(() => compiler.partition(graph, "npu")).toThrow(CompileError);
    expect(() => compiler.partition(graph, "npu")).toThrow(message);
  });
});

test("a partition with effects is refused for an op that says it has none", () => {
  const { graph, verdict } = written("part.log(%x) : () // in", "%x");
  const p = partitionGraph(graph, verdict);
  expect(() =>
    outline(p, ({ partition, body }) => ({
      op: pureCall,
      operands: { inputs: partition.inputs },
      attrs: { graph: body.name },
    })),
  ).toThrow("says it has no effects");
  expect(printGraph(graph)).toContain("part.log");
});

test("a graph that has nothing for the delegate stays as it is", () => {
  const { graph, module } = written("%0 = part.mix(%x, %y) : f32[2]", "%0");
  const before = printGraph(graph);
  const p = partitionGraph(graph, () => undefined);
  expect([...p.outside.values()]).toEqual([{ kind: "unsupported", reason: "the delegate does not know it" }]);
  expect(outline(p, () => ({ op: call, operands: {} }))).toEqual([]);
  expect(printGraph(graph)).toBe(before);
  expect(module.graphs.length).toBe(1);
});
