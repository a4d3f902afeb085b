import { expect, test } from "vitest";
import {
  appliedConstant,
  applyRules,
  CompileError,
  Compiler,
  dataConstant,
  defineLowering,
  definePass,
  defineRule,
  eliminateDeadCode,
  foldConstants,
  loadConstant,
  lowerOps,
  type Module,
  mergeCommonSubexpressions,
  type Pass,
  parseModule,
  printGraph,
  Rewriter,
  reject,
  residentData,
  runGraph,
  runPasses,
  tensor,
  tensorData,
  verifyGraph,
} from "../src/index.ts";
import { add, pair, scale, toy, toyOps } from "./toy-dialect.ts";

const module = (body: string): Module => parseModule(`graph @main(%x: f32[2]) {\n${body}\n}`, toyOps);
const main = (m: Module) => m.find("main")!;
const run = async (m: Module, ...passes: Pass[]): Promise<string> =>
  printGraph(main(await runPasses(m, passes, new Compiler().ops(toy))));

test("uses follow every edit", () => {
  const m = module("%0 = toy.add(%x, %x) : f32[2]\n%1 = toy.scale(%0, none) : f32[2]\nreturn %1, %0");
  const g = main(m);
  const r = new Rewriter(g);
  const [first, second] = [...g.nodes];
  expect(g.inputs[0]!.users.size).toBe(1);
  expect(g.hasOneUse(first!.result)).toBe(false);
  r.replace(first!, [g.inputs[0]!]);
  expect(second!.inputs).toEqual([g.inputs[0]]);
  expect(g.outputs[1]).toBe(g.inputs[0]);
  expect(verifyGraph(g)).toEqual([]);
  expect(() => r.erase(second!)).toThrow("its results are still read");
});

test("order follows insertion and moves", () => {
  const m = module("%0 = toy.add(%x, %x) : f32[2]\n%1 = toy.scale(%x, none) : f32[2]\nreturn %1, %0");
  const g = main(m);
  const [a, b] = [...g.nodes];
  expect(g.isBefore(a!, b!)).toBe(true);
  new Rewriter(g).move(b!, a);
  expect(g.isBefore(a!, b!)).toBe(false);
  expect([...g.nodes]).toEqual([b, a]);
});

test("the verifier names what reads too early", () => {
  const m = module("%0 = toy.add(%x, %x) : f32[2]\n%1 = toy.scale(%0, none) : f32[2]\nreturn %1");
  const g = main(m);
  const [a, b] = [...g.nodes];
  new Rewriter(g).move(b!, a);
  expect(verifyGraph(g).map((d) => d.code)).toEqual(["IR0003"]);
});

test("a bad node is refused by name, with its place", () => {
  const g = main(module("return %x"));
  const r = new Rewriter(g);
  const i = g.input(tensor("i32", [3]));
  expect(() => r.create(scale, { x: i }, {}, { locations: [{ module: "features.0" }] })).toThrow(
    '"toy.scale" operand "x" must be a float tensor, got i32[3]\n  = module features.0',
  );
  expect(() => r.create(add, { a: i, b: g.inputs[0]! })).toThrow('"toy.add" takes operands of one shape');
  expect(i.users.size).toBe(0);
});

test("dead code goes, effects stay", async () => {
  expect(await run(module("%0 = toy.add(%x, %x) : f32[2]\ntoy.print(%x) : ()\nreturn %x"), eliminateDeadCode())).toBe(
    "graph @main(%x: f32[2]) {\n  toy.print(%x) : ()\n  return %x\n}",
  );
});

test("equal computations merge, unless both are outputs", async () => {
  const text = await run(
    module("%0 = toy.add(%x, %x) : f32[2]\n%1 = toy.add(%x, %x) : f32[2]\n%2 = toy.join((%0, %1)) : f32[2]\nreturn %2"),
    mergeCommonSubexpressions(),
  );
  expect(text.match(/toy\.add/g)).toHaveLength(1);
  const kept = await run(
    module("%0 = toy.add(%x, %x) : f32[2]\n%1 = toy.add(%x, %x) : f32[2]\nreturn %0, %1"),
    mergeCommonSubexpressions(),
  );
  expect(kept.match(/toy\.add/g)).toHaveLength(2);
});

test("constants fold lazily and evaluate once", async () => {
  let evaluated = 0;
  const counted = {
    ...scale,
    evaluate: (...a: Parameters<NonNullable<typeof scale.evaluate>>) => (evaluated++, scale.evaluate!(...a)),
  };
  const m = module("return %x");
  const g = main(m);
  const r = new Rewriter(g);
  const w = r.constant(tensorData("f32", [2], [3, 4]));
  g.outputs = [
    r.create(add, { a: g.inputs[0]!, b: r.create(counted as typeof scale, { x: w }, { by: 2 }).result }).result,
  ];
  await runPasses(m, [foldConstants()], new Compiler());
  expect([...g.nodes]).toHaveLength(1);
  expect(evaluated).toBe(0);
  const folded = [...g.nodes][0]!.inputs[1]!.constant!;
  expect(Array.from((await loadConstant(folded)).data as Float32Array)).toEqual([6, 8]);
  expect(residentData(folded)?.data).toEqual(Float32Array.of(6, 8));
  expect(residentData(folded)?.data).toEqual(Float32Array.of(6, 8));
  expect(evaluated).toBeLessThanOrEqual(2);
  const [out] = await runGraph(g, [tensorData("f32", [2], [1, 1])]);
  expect(Array.from(out!.data as Float32Array)).toEqual([7, 9]);
});

test("constants with the same expression have the same key", () => {
  const c = dataConstant(tensorData("f32", [2], [3, 4]));
  const again = dataConstant(tensorData("f32", [2], [3, 4]));
  expect(c.key).toBe(again.key);
  expect(dataConstant(tensorData("f32", [2], [3, 5])).key).not.toBe(c.key);
  const one = appliedConstant(
    scale,
    { x: c, bias: undefined },
    { by: 2, mode: "up", dims: [], flag: false, amount: 1n },
    c.type,
  );
  const two = appliedConstant(
    scale,
    { x: again, bias: undefined },
    { by: 2, mode: "up", dims: [], flag: false, amount: 1n },
    c.type,
  );
  expect(one.key).toBe(two.key);
  expect(
    appliedConstant(scale, { x: c, bias: undefined }, { by: 3, mode: "up", dims: [], flag: false, amount: 1n }, c.type)
      .key,
  ).not.toBe(one.key);
});

test("rules run to a fixed point, and a pair that undoes itself is caught", () => {
  const twice = defineRule({
    name: "scale-of-scale",
    summary: "scale(scale(x)) = scale(x)",
    op: scale,
    rewrite(node, r) {
      const inner = node.operands.x.producer;
      if (!inner?.is(scale)) return false;
      r.replace(node as never, [
        r.create(
          scale,
          { x: inner.operands.x as never },
          { by: node.attrs.by * (inner.attrs.by as number) },
          { before: node as never },
        ).result,
      ]);
      return true;
    },
  });
  const m = module(
    "%0 = toy.scale(%x, none) {by = 2.0} : f32[2]\n%1 = toy.scale(%0, none) {by = 3.0} : f32[2]\n%2 = toy.scale(%1, none) {by = 5.0} : f32[2]\nreturn %2",
  );
  expect(applyRules(main(m), [twice]).get("scale-of-scale")).toBe(2);
  expect(printGraph(main(m))).toContain("by = 30.0");
  const restless = defineRule({
    name: "restless",
    summary: "",
    op: add,
    rewrite: (n, r) => (r.replace(n as never, [r.create(add, n.operands, {}, { before: n as never }).result]), true),
  });
  expect(() => applyRules(main(module("%0 = toy.add(%x, %x) : f32[2]\nreturn %0")), [restless])).toThrow(
    "does not come to rest",
  );
});

const target = (c: Compiler) => (
  c.hooks.legal.tap("t", (n) => (n.op === add ? true : (undefined as unknown as boolean))), c
);

test("all problems of a lowering come at once, with what was tried", async () => {
  const compiler = target(new Compiler().ops(toy)).lower(
    defineLowering(scale, (_, { by }) => reject(`by is ${by}`), { name: "picky" }),
  );
  const m = module(
    '%0 = toy.scale(%x, none) {by = 2.0} : f32[2] loc("a.b")\n%1, %2 = toy.pair(%0) : f32[2], f32[2]\nreturn %1, %2',
  );
  const error = await runPasses(m, [lowerOps()], compiler).catch((e) => e);
  expect(error).toBeInstanceOf(CompileError);
  expect((error as CompileError).diagnostics.map((d) => [d.code, d.op, d.notes, d.location?.module])).toEqual([
    ["LOW0001", "toy.scale", ["picky: by is 2"], "a.b"],
    ["LOW0001", "toy.pair", ["no lowering of this op is registered"], undefined],
  ]);
});

test("a lowering may decompose, and what it emits is lowered in turn; a decline leaves nothing behind", async () => {
  const compiler = target(new Compiler().ops(toy)).lower(
    defineLowering(pair, ({ x }, _, emit) => [emit(scale, { x }), x]),
    defineLowering(scale, ({ x }, _, emit) => (emit(add, { a: x, b: x }), reject("changed its mind")), {
      name: "fickle",
      benefit: 1,
    }),
    defineLowering(scale, ({ x }, _, emit) => emit(add, { a: x, b: x })),
  );
  const m = module("%0, %1 = toy.pair(%x) : f32[2], f32[2]\nreturn %0, %1");
  await runPasses(m, [lowerOps()], compiler);
  expect(printGraph(main(m))).toBe("graph @main(%x: f32[2]) {\n  %0 = toy.add(%x, %x) : f32[2]\n  return %0, %x\n}");
});

test("a lowering that changes a type, throws, or never ends is reported", async () => {
  const lower = async (...l: Parameters<Compiler["lower"]>) =>
    (
      (await runPasses(
        module("%0 = toy.scale(%x, none) : f32[2]\nreturn %0"),
        [lowerOps()],
        target(new Compiler().ops(toy)).lower(...l),
      ).catch((e) => e)) as CompileError
    ).diagnostics[0]!;
  expect(
    (await lower(defineLowering(scale, (_, __, emit) => emit.constant(tensorData("f32", [3], [0, 0, 0]))))).message,
  ).toBe('lowering of "toy.scale" changed result 0 from f32[2] to f32[3]');
  expect(
    (
      await lower(
        defineLowering(scale, () => {
          throw new Error("oops");
        }),
      )
    ).code,
  ).toBe("LOW0003");
  expect((await lower(defineLowering(scale, ({ x }, _, emit) => emit(scale, { x })))).message).toContain(
    "does not come to an end",
  );
});

test("a plugin's lowering takes the place of one with the same name", async () => {
  const compiler = target(new Compiler().ops(toy)).lower(defineLowering(scale, () => reject("built in")));
  compiler.lower(defineLowering(scale, ({ x }) => x));
  expect(compiler.loweringsOf("toy.scale")).toHaveLength(1);
  const m = module("%0 = toy.scale(%x, none) : f32[2]\nreturn %0");
  await runPasses(m, [lowerOps()], compiler);
  expect([...main(m).nodes]).toEqual([]);
});

test("a failing pass says its name, and hooks hear of it", async () => {
  const seen: string[] = [];
  const compiler = new Compiler();
  compiler.hooks.beforePass.tap("t", (p) => void seen.push(`before ${p.text}`));
  compiler.hooks.failedPass.tap("t", (p) => void seen.push(`failed ${p.name}`));
  const breaks = definePass({
    name: "break-things",
    summary: "",
    options: {},
    scope: "graph",
    run: () => {
      throw new Error("no luck");
    },
  });
  await expect(runPasses(module("return %x"), [breaks()], compiler)).rejects.toThrow(
    'pass "break-things" failed: no luck',
  );
  expect(seen).toEqual(["before break-things", "failed break-things"]);
});

test("pass options are checked and printed", () => {
  expect(foldConstants({ maxGrowth: 4 }).text).toBe("fold-constants{maxGrowth=4}");
  expect(foldConstants().text).toBe("fold-constants");
  expect(() => foldConstants({ maxGrowth: 1.5 })).toThrow(
    'pass "fold-constants": option "maxGrowth" must be an integer, got 1.5',
  );
});

test("verify-each finds what a pass breaks", async () => {
  const wreck = definePass({
    name: "wreck",
    summary: "",
    scope: "graph",
    run: (g) => {
      g.inputs[0]!.type = tensor("f32", [7]);
    },
  });
  const m = module("%0 = toy.scale(%x, none) : f32[2]\nreturn %0");
  await expect(runPasses(m, [wreck()], new Compiler())).rejects.toThrow('found after pass "wreck"');
});
