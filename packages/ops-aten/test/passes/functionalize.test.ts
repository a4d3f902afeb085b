import { tflitePlugin } from "@tflower/backend-tflite";
import {
  CompileError,
  Compiler,
  type Diagnostic,
  defineOp,
  Module,
  operand,
  parseModule,
  printModule,
  Rewriter,
  runPasses,
  tensor,
} from "@tflower/core";
import { describe, expect, test } from "vitest";
import { atenPlugin, functionalize } from "../../src/index.ts";

const newCompiler = (): Compiler => new Compiler().use(tflitePlugin(), atenPlugin());
const compiler = newCompiler();

/** The text of a program after the pass. */
async function after(text: string): Promise<string> {
  const module = await runPasses(parseModule(text, compiler.knownOps), [functionalize()], compiler);
  return printModule(module);
}
async function problems(module: Module | string, c: Compiler = compiler): Promise<readonly Diagnostic[]> {
  const said: Diagnostic[] = [];
  const parsed = typeof module === "string" ? parseModule(module, c.knownOps) : module;
  try {
    await runPasses(parsed, [functionalize()], c, { report: (d) => said.push(d) });
  } catch (e) {
    if (!(e instanceof CompileError)) throw e;
    said.push(...e.diagnostics);
  }
  return said;
}
const codes = async (module: Module | string): Promise<string[]> =>
  (await problems(module)).map((d) => `${d.severity} ${d.code}`);

test("a write through a view reaches its base, and what reads the base later", async () => {
  expect(
    await after(`
    signature "main" = @main
    graph @main(%x: f32[2,3]) {
      %y = aten.clone(%x) : f32[2,3]
      %row = aten.select.int(%y) {dim = 0, index = 1} : f32[3]
      %written = aten.relu_(%row) : f32[3]
      return %y, %row
    }`),
  ).toMatchInlineSnapshot(`
    "signature "main" = @main
    graph @main(%x: f32[2,3]) {
      %y = aten.clone(%x) : f32[2,3]
      %row = aten.select.int(%y) {dim = 0, index = 1} : f32[3]
      %written = aten.relu(%row) : f32[3]
      %0 = aten.select_scatter(%y, %written) {dim = 0, index = 1} : f32[2,3]
      return %0, %written
    }
    "
  `);
});

test("a written constant becomes state, under its name", async () => {
  expect(
    await after(`
    signature "main" = @main
    graph @main(%x: f32[2]) {
      %count = const [0.0, 0.0] : f32[2]
      %before = aten.neg(%count) : f32[2]
      %0 = aten.add_.Tensor(%count, %x) : f32[2]
      return %before, %count
    }`),
  ).toMatchInlineSnapshot(`
    "signature "main" = @main
    graph @main(%x: f32[2]) state(%count: f32[2] "count" = [0.0, 0.0]) {
      %before = aten.neg(%count) : f32[2]
      %0 = aten.add.Tensor(%count, %x) : f32[2]
      return %before, %0 state(%0)
    }
    "
  `);
});

test("a program without writes is left alone", async () => {
  const text = `signature "main" = @main
graph @main(%x: f32[2]) {
  %0 = aten.relu(%x) : f32[2]
  return %0
}
`;
  expect(await after(text)).toBe(text);
});

describe("what may or may not share memory", () => {
  const doubtful = (body: string): string => `
    signature "main" = @main
    graph @main(%x: f32[2]) {
      %y = aten.clone(%x) : f32[2]
      %z = tflower.maybe_copy(%y) : f32[2]
      ${body}
    }`;
  test("is read on both sides as long as neither is written", async () => {
    expect(await codes(doubtful("%w = aten.relu_(%x) : f32[2] return %y, %z"))).toEqual([]);
  });
  test("is refused when one side is read after the other was written", async () => {
    expect(await codes(doubtful("%w = aten.relu_(%y) : f32[2] return %z"))).toEqual(["error FUN0002"]);
    expect(await codes(doubtful("%w = aten.relu_(%z) : f32[2] return %y"))).toEqual(["error FUN0002"]);
    expect(
      await codes(
        doubtful("%v = aten.t(%y) : f32[2] %w = aten.relu_(%z) : f32[2] %u = aten.neg(%v) : f32[2] return %u"),
      ),
    ).toEqual(["error FUN0002"]);
  });
  test("goes its own way when the other side is not read any more", async () => {
    expect(await codes(doubtful("%w = aten.relu_(%z) : f32[2] return %z"))).toEqual([]);
    expect(await codes(doubtful("%w = aten.relu_(%y) : f32[2] return %y"))).toEqual([]);
  });
  test("is refused when the other side outlives the run", async () => {
    const text = (body: string): string => `signature "main" = @main graph @main(%x: f32[2]) { ${body} }`;
    expect(await codes(text("%z = tflower.maybe_copy(%x) : f32[2] %w = aten.relu_(%z) : f32[2] return %z"))).toEqual([
      "error FUN0002",
    ]);
    expect(
      await codes(
        text(
          "%b = const [1.0, 2.0] : f32[2] %z = tflower.maybe_copy(%b) : f32[2] %w = aten.relu_(%z) : f32[2] return %z",
        ),
      ),
    ).toEqual(["error FUN0002"]);
  });
  test("is doubted along a chain", async () => {
    expect(
      await codes(doubtful("%u = tflower.maybe_copy(%z) : f32[2] %w = aten.relu_(%u) : f32[2] return %y")),
    ).toEqual(["error FUN0002"]);
  });
});

describe("the body of control flow", () => {
  const branches = (body: string): string => `
    signature "main" = @main
    graph @main(%p: bool[], %x: f32[2]) {
      %0 = higher_order.cond(%p, (%x)) {true_graph = @yes, false_graph = @no} : f32[2]
      return %0
    }
    graph @yes(%x: f32[2]) { ${body} }
    graph @no(%x: f32[2]) { return %x }`;
  test("may write to what it makes", async () => {
    expect(await codes(branches("%y = aten.neg(%x) : f32[2] %z = aten.relu_(%y) : f32[2] return %z"))).toEqual([]);
  });
  test("may not write to what it is given, nor to a constant", async () => {
    expect(await codes(branches("%z = aten.relu_(%x) : f32[2] return %z"))).toEqual(["error FUN0003"]);
    expect(await codes(branches("%b = const [1.0, 2.0] : f32[2] %z = aten.relu_(%b) : f32[2] return %z"))).toEqual([
      "error FUN0003",
    ]);
  });
});

describe("ops that nobody knows", () => {
  const withOp = (name: `${string}.${string}`): Module => {
    const module = new Module();
    module.signatures.push({ key: "main", graph: "main" });
    const graph = module.graph("main");
    const op = defineOp(name, {
      summary: "",
      operands: { self: operand.tensor },
      traits: { opaque: true, effects: true },
    });
    const x = graph.input(tensor("f32", [2]));
    graph.outputs = new Rewriter(graph).create(op, { self: x }, {}, { types: [x.type] }).results;
    return module;
  };
  test.each([
    "aten.resize_",
    "aten.set_.source_Tensor",
    "aten.__iand__.Tensor",
    "mylib.swish_",
    "aten._foreach_add_.Scalar",
    "aten.add.out",
    "aten.x.a_out",
  ] as const)("%s may write, by its name", async (name) =>
    expect(await codes(withOp(name))).toEqual(["error FUN0001"]),
  );
  test.each(["mylib.swish", "aten.__and__.Tensor", "aten._unsafe_thing", "aten.layout", "mylib.fan_out_x"] as const)(
    "%s does not",
    async (name) => expect(await codes(withOp(name))).toEqual([]),
  );
});

describe("statistics that batch norm updates on the side", () => {
  const norm = (rest: string, training = true): string => `
    signature "main" = @main
    graph @main(%x: f32[4,3]) {
      %mean = const [0.0, 0.0, 0.0] : f32[3]
      %var = const [1.0, 1.0, 1.0] : f32[3]
      %y = aten.batch_norm(%x, none, none, %mean, %var) {training = ${training}, momentum = 0.5, eps = 0.5, cudnn_enabled = false} : f32[4,3]
      ${rest}`;
  test("are left out with a warning when nothing reads them", async () => {
    expect(await codes(norm("return %y }"))).toEqual(["warning FUN0004", "warning FUN0004"]);
  });
  test("are refused when something does", async () => {
    expect(await codes(norm("%m = aten.neg(%mean) : f32[3] return %y, %m }"))).toEqual(["error FUN0004"]);
    expect(await codes(norm("return %y, %mean }"))).toContain("error FUN0004");
    const other = `return %y } signature "other" = @other graph @other(%x: f32[3]) { %mean = const [0.0, 0.0, 0.0] : f32[3] %m = aten.add.Tensor(%x, %mean) : f32[3] return %m }`;
    expect(await codes(norm(other))).toContain("error FUN0004");
  });
  test("stay in evaluation", async () => {
    expect(await codes(norm("return %y }", false))).toEqual([]);
  });
});

test("an op of a user, declared to write in place, is followed", async () => {
  const c = newCompiler();
  const swish = defineOp("mylib.swish", { summary: "", operands: { self: operand.tensor }, infer: ({ self }) => self });
  const inPlace = defineOp("mylib.swish_", {
    summary: "",
    operands: { self: operand.tensor },
    traits: { effects: true, inplace: { operand: "self", functional: "mylib.swish" } },
    infer: ({ self }) => self,
  });
  c.ops([swish, inPlace]);
  const text = `signature "main" = @main graph @main(%x: f32[2]) { %y = aten.clone(%x) : f32[2] %z = mylib.swish_(%y) : f32[2] return %y }`;
  const module = await runPasses(parseModule(text, c.knownOps), [functionalize()], c);
  expect(printModule(module)).toContain("%z = mylib.swish(%y)");
  c.ops([
    defineOp("mylib.swish_", { ...inPlace, traits: { inplace: { operand: "self", functional: "mylib.nothing" } } }),
  ]);
  const [d] = await problems(parseModule(text, c.knownOps), c);
  expect(d).toMatchObject({ code: "FUN0001", op: "mylib.swish_" });
  expect(d!.message).toContain("mylib.nothing");
});
