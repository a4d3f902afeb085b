import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import {
  addDim,
  CompileError,
  type Dim,
  type DType,
  dtypes,
  loadConstant,
  Module,
  mulDim,
  parseModule,
  parseType,
  printModule,
  Rewriter,
  showType,
  symbol,
  type TensorType,
  tensor,
  tensorData,
  type Value,
  verifyModule,
} from "../src/index.ts";
import { add, join, mystery, pair, print, scale, toyOps } from "./toy-dialect.ts";

const dim: fc.Arbitrary<Dim> = fc.oneof(
  fc.nat(4),
  fc.constantFrom<Dim>(symbol("s0"), addDim(mulDim(symbol("s0"), 2), -1)),
);
const floatType: fc.Arbitrary<TensorType> = fc
  .tuple(fc.constantFrom<DType>("f32", "f16"), fc.array(dim, { maxLength: 3 }))
  .map(([d, s]) => tensor(d, s));
const quant = fc.option(
  fc.record({
    scales: fc.array(fc.double({ min: 1e-6, max: 10, noNaN: true }), { minLength: 2, maxLength: 2 }),
    zeroPoints: fc.constant([0, -3]),
    axis: fc.constant(0),
  }),
  { nil: undefined },
);
const name = fc.oneof(fc.constantFrom("x", "features.0.weight", 'odd "name"', "layer/0", "état"), fc.string());

/** A random, valid graph: each step reads values made before it. */
const modules: fc.Arbitrary<Module> = fc
  .record({
    types: fc.array(floatType, { minLength: 1, maxLength: 3 }),
    names: fc.array(name, { minLength: 3, maxLength: 3 }),
    steps: fc.array(
      fc.tuple(
        fc.nat(5),
        fc.nat(99),
        fc.nat(99),
        fc.double({ noDefaultInfinity: false, noNaN: false }),
        fc.string(),
        fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n }),
      ),
      { maxLength: 10 },
    ),
    state: fc.boolean(),
  })
  .map(({ types, names, steps, state }) => {
    const m = new Module();
    m.symbols.set("s0", { min: 2, max: Infinity });
    m.signatures.push({ key: "serving_default", graph: "main" });
    const g = m.graph("main");
    const r = new Rewriter(g);
    const values: Value[] = types.map((t, i) => g.input(t, names[i]));
    values.push(
      r.constant(tensorData("f32", [3], [1.5, -0, Number.NaN]), "weights"),
      r.constant(
        tensorData(
          "f32",
          [4, 4],
          Array.from({ length: 16 }, (_, i) => i / 3),
        ),
      ),
    );
    const pick = (k: number): Value => values[k % values.length]!;
    for (const [kind, a, b, f, text, big] of steps) {
      const at = { locations: b % 2 ? [{ module: `block.${a}` }] : [] };
      const x = pick(a);
      if (kind === 0) values.push(r.create(add, { a: x, b: x }, {}, at).result);
      else if (kind === 1)
        values.push(
          r.create(
            scale,
            { x, bias: b % 3 ? undefined : pick(b) },
            {
              by: f,
              mode: b % 2 ? "up" : "down",
              dims: [symbol("s0"), b],
              note: b % 2 ? text : undefined,
              amount: b % 2 ? big : f,
              flag: b % 2 === 1,
            },
            at,
          ).result,
        );
      else if (kind === 2) values.push(r.create(join, { parts: [x, pick(b)] }, {}, at).result);
      else if (kind === 3) values.push(...r.create(pair, { x }, {}, at).results);
      else if (kind === 4) r.create(print, { x }, {}, at);
      else
        values.push(r.create(mystery, { x }, {}, { ...at, types: [tensor("f16", [addDim(symbol("u0"), 1)])] }).result);
    }
    if (state) {
      const initial = tensorData("f32", [2], [0, 1]);
      const value = g.state(r.constant(initial).constant!, "cache.k");
      g.states.push({ name: "cache.k", value, next: value, initial: r.constant(initial).constant! });
    }
    g.outputs = [pick(steps.length), pick(0)];
    g.outputNames = ["logits", names[1]!];
    return m;
  });

describe("the text form", () => {
  test.prop([modules], { numRuns: 300 })("reads back what it writes", (m) => {
    const text = printModule(m, { constants: "full" });
    const again = parseModule(text, toyOps);
    expect(printModule(again, { constants: "full" })).toBe(text);
    expect(verifyModule(again)).toEqual([]);
  });
  test.prop([floatType, quant])("types read back", (t, q) => {
    const withQuant = tensor(t.dtype, t.shape, q);
    expect(showType(parseType(showType(withQuant)))).toBe(showType(withQuant));
  });
  test("looks like this", () => {
    const m = parseModule(
      `signature "serving_default" = @main
       graph @main(%x: f32[2]) {
         %w = const [1.0, 2.0] : f32[2]   // a comment
         %0 = toy.add(%x, %w) : f32[2] loc("features.0")
         %1 = toy.scale(%0, none) {by = 2.0, amount = 3} : f32[2]
         return %1 as "y"
       }`,
      toyOps,
    );
    expect(printModule(m)).toMatchInlineSnapshot(`
      "signature "serving_default" = @main
      graph @main(%x: f32[2]) {
        %w = const [1.0, 2.0] : f32[2]
        %0 = toy.add(%x, %w) : f32[2] loc("features.0")
        %1 = toy.scale(%0, none) {by = 2.0, amount = 3} : f32[2]
        return %1 as "y"
      }
      "
    `);
  });
  const broken: readonly (readonly [string, string])[] = [
    ["%0 = toy.ad(%x, %x) : f32[2]", 'unknown op "toy.ad"'],
    ["%0 = toy.add(%x, %y) : f32[2]", "%y is not defined"],
    ["%0 = toy.add(%x, %x) {k = 1} : f32[2]", '"toy.add" has no attribute "k"; it has none'],
    ["%0 = toy.add(%x, %x) : f32[3]", '"toy.add" gives f32[2], the text says f32[3]'],
    ["%0 = toy.add(%x) : f32[2]", '"toy.add" is missing operand "b"'],
    ["%0 = toy.scale(%x, none) {by = up} : f32[2]", 'expected an attribute\'s value, got "up"'],
    [
      '%0 = toy.scale(%x, none) {mode = "sideways"} : f32[2]',
      '"toy.scale" attribute "mode" must be one of "up", "down", got "sideways"',
    ],
    ["%0 = const ... : f32[20]", "a short print leaves them out"],
    ["%0 = const [1.0] : f33[1]", 'unknown dtype "f33"'],
    ["%x = toy.join((%x)) : f32[2]", "%x is defined twice"],
    ["%0 ~ 3", "unexpected character"],
  ];
  test.each(broken)("says what is wrong with %s", (line, message) => {
    const text = `graph @main(%x: f32[2]) {\n  ${line}\n  return %x\n}`;
    let caught: unknown;
    try {
      parseModule(text, toyOps, { file: "a.ir" });
    } catch (e) {
      caught = e;
    }
    expect(caught).toBeInstanceOf(CompileError);
    const [d] = (caught as CompileError).diagnostics;
    expect(d!.message).toContain(message);
    expect(d!.frame).toMatchObject({ file: "a.ir", line: 2 });
  });
});
test("every dtype has a name that types can use", () => {
  for (const d of Object.keys(dtypes) as DType[]) expect(parseType(`${d}[1]`).dtype).toBe(d);
});
test("elements that are not part of a text are asked for in vain, and say so", async () => {
  const module = parseModule(
    'graph @main() {\n  %w = const elsewhere"big.pt2:0+64" : f32[16]\n  return %w\n}\n',
    toyOps,
  );
  const { constant } = module.find("main")!.outputs[0]!;
  expect(constant!.key).toBe("big.pt2:0+64");
  await expect(loadConstant(constant!)).rejects.toThrow(/IR0009.*f32\[16\] are not part of the text/);
});
