import { expect, test } from "vitest";
import {
  type Analysis,
  type CompileError,
  Compiler,
  defineAnalysis,
  definePass,
  type Preserved,
  parseModule,
  Rewriter,
  runPasses,
} from "../src/index.ts";
import { toyOps } from "./toy-dialect.ts";

const text = "graph @main(%x: f32[2]) {\n  %0 = toy.add(%x, %x) : f32[2]\n  return %x\n}\n";
let computed: string[] = [];
const nodeCount: Analysis<number> = defineAnalysis({
  name: "node-count",
  summary: "",
  compute(graph) {
    computed.push("node-count");
    return [...graph.nodes].length;
  },
  same: (a, b) => a === b,
});
const twice: Analysis<number> = defineAnalysis({
  name: "twice",
  summary: "",
  compute(_, get) {
    computed.push("twice");
    return 2 * get(nodeCount);
  },
});
const seen: number[] = [];
const ask = definePass({
  name: "ask",
  summary: "",
  scope: "graph",
  run: (graph, { analysis }) => void seen.push(analysis(twice, graph)),
});
const edit = (preserves?: Preserved) =>
  definePass({
    name: "edit",
    summary: "",
    scope: "graph",
    ...(preserves && { preserves }),
    run: (graph) => void new Rewriter(graph).erase(graph.first!),
  })();
/** An edit that leaves as many nodes as there were. */
const swap = (preserves: Preserved) =>
  definePass({
    name: "swap",
    summary: "",
    scope: "graph",
    preserves,
    run(graph) {
      const rewriter = new Rewriter(graph);
      const [node] = [...graph.nodes];
      const x = graph.inputs[0]!;
      rewriter.create(node!.op as never, { a: x, b: x } as never, {}, { before: node });
      rewriter.erase(node!);
    },
  })();

async function run(...passes: Parameters<typeof runPasses>[1]): Promise<CompileError | undefined> {
  computed = [];
  seen.length = 0;
  return runPasses(parseModule(text, toyOps), passes, new Compiler()).then(
    () => undefined,
    (e) => e,
  );
}

test("an analysis is computed once for a graph that nobody edits", async () => {
  await run(ask(), ask());
  expect(seen).toEqual([2, 2]);
  expect(computed).toEqual(["twice", "node-count"]);
});
test("an edit makes it stale", async () => {
  await run(ask(), edit(), ask());
  expect(seen).toEqual([2, 0]);
  expect(computed).toEqual(["twice", "node-count", "twice", "node-count"]);
});
test("an edit that preserves it does not", async () => {
  expect(await run(ask(), swap("all"), ask())).toBeUndefined();
  expect(seen).toEqual([2, 2]);
  expect(computed.filter((c) => c === "twice")).toHaveLength(1);
});
test("what is preserved is what is named", async () => {
  await run(ask(), swap([nodeCount]), ask());
  // once for each question, and once more where the claim about node-count was checked
  expect(computed).toEqual(["twice", "node-count", "node-count", "twice"]);
});
test("a pass that claims too much is found out", async () => {
  const error = await run(ask(), edit([nodeCount]));
  expect(error?.diagnostics).toMatchObject([{ code: "PAS0002" }]);
  expect(error?.message).toMatch(/pass "edit" says that it preserves the analysis "node-count"/);
});
