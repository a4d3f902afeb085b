import { expect, test } from "vitest";
import { Compiler, defineLowering, definePass, definePlugin, parseModule, Rejection, reject } from "../src/index.ts";
import { add, scale, toyOps } from "./toy-dialect.ts";

const twice = defineLowering(add, ({ a }, _, emit) => emit(scale, { x: a }, { by: 2 }), { name: "twice" });
const never = defineLowering(add, () => reject("never"), { name: "never", benefit: 1 });
const look = definePass({ name: "look", summary: "", scope: "module", run: () => undefined });

test("a plugin is data: ops, lowerings, passes, a pipeline", () => {
  const plugin = definePlugin({
    name: "toy",
    ops: [add, scale],
    lowerings: [twice, never],
    legal: (node) => node.op === scale,
    passes: [look],
    pipeline: (p) => ({ ...p, optimize: [...p.optimize, look()] }),
    apply: (compiler) => void compiler.hooks.support.for("npu").tap("toy", () => ({ supported: true })),
  });
  const compiler = new Compiler().use(plugin);
  expect([...compiler.knownOps.keys()]).toEqual(["toy.add", "toy.scale"]);
  expect(compiler.loweringsOf("toy.add").map((l) => l.name)).toEqual(["never", "twice"]);
  const [node] = [
    ...parseModule("graph @m(%x: f32[1]) {\n  %0 = toy.scale(%x) : f32[1]\n  return %0\n}\n", toyOps).find("m")!.nodes,
  ];
  expect(compiler.hooks.legal.call(node!)).toBe(true);
  expect(compiler.hooks.support.get("npu")?.call(node!)).toEqual({ supported: true });
  expect(compiler.registeredPasses).toEqual([look]);
  expect(compiler.pipeline.optimize.map((p) => p.name)).toEqual(["look"]);
  expect(compiler.plugins).toEqual([plugin]);
});
test("a plugin takes the lowerings of others away", () => {
  const compiler = new Compiler()
    .use(definePlugin({ name: "a", lowerings: [twice] }))
    .use(definePlugin({ name: "b", withoutLoweringsOf: [add], lowerings: [never] }));
  expect(compiler.loweringsOf("toy.add")).toEqual([never]);
  expect(never.lower({}, {}, undefined as never, undefined as never)).toBeInstanceOf(Rejection);
});
test("a plugin says how nodes are to be quantized, and the first that answers is heard", () => {
  const compiler = new Compiler()
    .use(
      definePlugin({
        name: "a",
        annotate: (node) => (node.op === scale ? { choice: "float", reason: "its factor is tiny" } : undefined),
      }),
    )
    .use(definePlugin({ name: "b", annotate: () => ({ ranges: { a: { min: -1, max: 1 } } }) }));
  const graph = parseModule(
    "graph @m(%x: f32[1]) {\n  %0 = toy.scale(%x) : f32[1]\n  %1 = toy.add(%0, %0) : f32[1]\n  return %1\n}\n",
    toyOps,
  ).find("m")!;
  expect([...graph.nodes].map((n) => compiler.hooks.annotate.call(n))).toEqual([
    { choice: "float", reason: "its factor is tiny" },
    { ranges: { a: { min: -1, max: 1 } } },
  ]);
  expect(new Compiler().hooks.annotate.call([...graph.nodes][0]!)).toBeUndefined();
  // @ts-expect-error a range has two ends
  definePlugin({ name: "c", annotate: () => ({ ranges: { a: { min: 0 } } }) });
});
