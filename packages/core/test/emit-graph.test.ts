import { expect, test } from "vitest";
import {
  attr,
  Compiler,
  type Dim,
  defineLowering,
  defineOp,
  inlineGraphs,
  lowerOps,
  type Module,
  operand,
  parseModule,
  printModule,
  reject,
  runPasses,
  tensor,
  verifyModule,
} from "../src/index.ts";
import { add, scale, toyOps } from "./toy-dialect.ts";

const call = defineOp("toy.call", {
  summary: "Runs a graph.",
  operands: { inputs: operand.variadic(operand.tensor) },
  attrs: { graph: attr.graph },
  traits: { wraps: { graph: "graph", operands: "inputs", named: true } },
  run: ({ inputs }, { graph }, run) => run(graph, inputs),
});
const high = defineOp("high.op", {
  summary: "",
  operands: { x: operand.float },
  infer: ({ x }) => x,
});
const twice = defineOp("high.twice", { summary: "", operands: { x: operand.float }, infer: ({ x }) => x });
const ops = new Map([...toyOps, [call.name, call], [high.name, high], [twice.name, twice]]);
const lowerTwice = defineLowering(twice, ({ x }, _, emit) => emit(add, { a: x, b: x }));

const text = 'signature "main" = @main\ngraph @main(%x: f32[2]) {\n  %0 = high.op(%x) : f32[2]\n  return %0\n}\n';
async function lowered(...lowerings: Parameters<Compiler["lower"]>): Promise<Module> {
  const compiler = new Compiler().ops([...ops.values()]).lower(lowerTwice, ...lowerings);
  compiler.hooks.legal.tap("test", (node) => node.dialect === "toy");
  return runPasses(parseModule(text, ops), [lowerOps()], compiler, { verifyEach: true });
}
test("a lowering makes a graph, and what is in it is lowered", async () => {
  const module = await lowered(
    defineLowering(high, ({ x }, _, emit) => {
      const graph = emit.graph("body", [x.type], (inner, [y]) => [
        inner(scale, { x: inner(twice, { x: y! }) }, { by: 3 }),
      ]);
      return emit.all(call, { inputs: [x] }, { graph }, [x.type]);
    }),
  );
  expect(verifyModule(module)).toEqual([]);
  expect(printModule(module)).toBe(
    `signature "main" = @main
graph @main(%x: f32[2]) {
  %0 = toy.call((%x)) {graph = @body} : f32[2]
  return %0
}
graph @body(%0: f32[2]) {
  %1 = toy.add(%0, %0) : f32[2]
  %2 = toy.scale(%1, none) {by = 3.0} : f32[2]
  return %2
}
`,
  );
  await runPasses(module, [inlineGraphs()], new Compiler());
  expect(module.graphs).toHaveLength(2);
  await runPasses(module, [inlineGraphs({ named: true })], new Compiler());
  expect(printModule(module)).not.toMatch(/toy\.call|@body/);
});

test("a lowering that declines leaves no graph behind, and names are taken once", async () => {
  const module = await lowered(
    defineLowering(
      high,
      ({ x }, _, emit) => {
        emit.graph("main", [x.type], (inner, [y]) => [inner(add, { a: y!, b: y! })]);
        return reject("changed its mind");
      },
      { name: "undecided", benefit: 1 },
    ),
    defineLowering(high, ({ x }, _, emit) => {
      const graph = emit.graph("main", [x.type], (_, [y]) => [y!]);
      return emit.all(call, { inputs: [x] }, { graph }, [x.type]);
    }),
  );
  expect(module.graphs.map((g) => g.name)).toEqual(["main", "main_1"]);
});

test("a value of the graph around it is refused in a graph", async () => {
  const capture = defineLowering(high, ({ x }, _, emit) => {
    const graph = emit.graph("body", [x.type], (inner, [y]) => [inner(add, { a: x, b: y! })]);
    return emit.all(call, { inputs: [x] }, { graph }, [x.type]);
  });
  await expect(lowered(capture)).rejects.toThrow(/IR0003[\s\S]*"toy\.add" reads a value before it is defined/);
});
test("an extent that only the graph around it knows is refused", async () => {
  const s = { kind: "symbol", name: "s" } as unknown as Dim;
  const asks = defineLowering(high, ({ x }, _, emit) => {
    const graph = emit.graph("body", [tensor("f32", [2])], (inner) => [inner.dim(s)]);
    return emit.all(call, { inputs: [x] }, { graph }, [x.type]);
  });
  await expect(lowered(asks)).rejects.toThrow(/LOW0003[\s\S]*compute it outside, and make it an input/);
});
test("a composite of itself does not go on for ever", async () => {
  const endless = defineLowering(high, ({ x }, _, emit) => {
    const graph = emit.graph("body", [x.type], (inner, [y]) => [inner(high, { x: y! })]);
    return emit.all(call, { inputs: [x] }, { graph }, [x.type]);
  });
  await expect(lowered(endless)).rejects.toThrow(/does not come to an end: 32 rounds/);
});
test("what is given to a graph must be what it takes", () => {
  const module = (results: string) =>
    parseModule(
      `signature "main" = @main\ngraph @main(%x: f32[2]) {\n  %0 = toy.call((%x)) {graph = @b} : ${results}\n  return %0\n}\ngraph @b(%y: f32[2]) {\n  return %y\n}\n`,
      ops,
    );
  expect(verifyModule(module("f32[2]"))).toEqual([]);
  expect(verifyModule(module("f32[3]"))).toMatchObject([
    { code: "IR0006", message: '"toy.call" has results (f32[3]), and @b gives (f32[2])' },
  ]);
});
