import { fc, test as property } from "@fast-check/vitest";
import { defineOp, Module, type Node, operand, Rewriter, tensor } from "@tflower/core";
import { describe, expect, test } from "vitest";
import {
  type Choice,
  choiceFor,
  fits,
  JsonFormError,
  needsCalibration,
  parseRecipe,
  printRecipe,
  type Recipe,
  recipe,
  recipeFrom,
  recipeFromCode,
  sameRecipe,
  schemeNames,
  schemes,
  showRecipe,
} from "../src/index.ts";

const conv = defineOp("toy.conv_2d", { summary: "A toy.", operands: { x: operand.tensor }, infer: ({ x }) => x });
const node = (...modules: readonly string[]): Node => {
  const graph = new Module().graph("main");
  return new Rewriter(graph).create(
    conv,
    { x: graph.input(tensor("f32", [2])) },
    {},
    { locations: modules.map((module) => ({ module })) },
  ) as unknown as Node;
};
const problems = (f: () => unknown): readonly string[] => {
  try {
    f();
  } catch (e) {
    if (e instanceof JsonFormError) return e.problems;
    throw e;
  }
  throw new Error("it was read");
};

describe("rules", () => {
  const inner = node("encoder.layers.3.attention.query");
  test.each<[Parameters<typeof fits>[0], boolean]>([
    [{}, true],
    [{ op: "toy.conv_2d" }, true],
    [{ op: "toy.*" }, true],
    [{ op: ["toy.add", "toy.conv_2d"] }, true],
    [{ op: "toy.conv" }, false],
    [{ op: "toyXconv_2d" }, false],
    [{ module: "encoder" }, true],
    [{ module: "encoder.layers.*.attention" }, true],
    [{ module: "encoder.layers.3.attention.query" }, true],
    [{ module: "encoder.layers.3.att" }, false],
    [{ module: "layers.3" }, false],
    [{ module: "encoder.*.attention" }, false],
    [{ module: ["head", "encoder.layers"] }, true],
    [{ regex: "layers\\.[0-4]\\." }, true],
    [{ regex: "layers\\.[5-9]\\." }, false],
    [{ op: "toy.*", regex: "head" }, false],
    [{ predicate: (n) => n.locations.length === 1 }, true],
    [{ module: "encoder", predicate: () => false }, false],
  ])("%j: %s", (selector, expected) => expect(fits(selector, inner)).toBe(expected));

  test("a node that came about from several fits by any of them", () => {
    const fused = node("features.0", "features.1");
    expect(fits({ module: "features.1" }, fused)).toBe(true);
    expect(fits({ module: "features.2" }, fused)).toBe(false);
  });
  test("a node without a module is in none", () => {
    expect(fits({ module: "features" }, node())).toBe(false);
    expect(fits({ regex: "^$" }, node())).toBe(true);
  });
  test("the last rule that fits holds", () => {
    const recipe: Recipe = {
      scheme: "int8",
      rules: [
        { module: "encoder", scheme: "float" },
        { module: "encoder.layers", scheme: "int16x8" },
        { module: "head", scheme: "fp16" },
      ],
    };
    expect(choiceFor(recipe, inner)).toBe("int16x8");
    expect(choiceFor(recipe, node("encoder.norm"))).toBe("float");
    expect(choiceFor(recipe, node("stem"))).toBe("int8");
    expect(choiceFor({ ...recipe, rules: recipe.rules!.toReversed() }, inner)).toBe("float");
  });
});

describe("the JSON form", () => {
  const name = fc.string({ minLength: 1 });
  const choice = fc.constantFrom<Choice>("float", ...schemeNames);
  const names = fc.oneof(name, fc.array(name, { minLength: 1, maxLength: 3 }));
  const rule = fc.record(
    {
      op: names,
      module: names,
      regex: fc.constantFrom("^a", "layers\\.\\d+"),
      tensor: fc.constantFrom("^fc/", "conv"),
      scheme: choice,
    },
    { requiredKeys: ["scheme"] },
  );
  const recipes = fc.record(
    { scheme: choice, rules: fc.array(rule, { maxLength: 4 }), io: fc.constantFrom("float", "integer") },
    { requiredKeys: ["scheme"] },
  ) as fc.Arbitrary<Recipe>;
  property.prop([recipes])("reads back", (r) => {
    expect(parseRecipe(printRecipe(r))).toEqual(r);
    expect(sameRecipe(parseRecipe(printRecipe(r)), r)).toBe(true);
    expect(showRecipe(r).split("\n")).toHaveLength(1 + (r.rules?.length ?? 0) + (r.io === "integer" ? 1 : 0));
  });

  test.each([...schemeNames, "float"])("%s is a recipe by its name", (scheme) => {
    expect(parseRecipe(scheme)).toEqual({ scheme });
    expect(parseRecipe(` "${scheme}"\n`)).toEqual({ scheme });
  });
  test("all that is wrong is said at once, and where", () => {
    expect(
      problems(() =>
        recipeFrom({
          scheme: "int9",
          rules: [{ op: 3, scheme: "int8" }, { regex: "(", scheme: "fp16" }, { scheme: "int8", moduel: "x" }, {}],
        }),
      ),
    ).toEqual([
      'scheme: expected one of float, dynamic-int8, weight-only-int8, int8, int16x8, int4, int4-block32, int4-block64, int4-block128, int4-block256, fp16, got "int9"',
      "rules[0].op: expected a name, or a list of names",
      'rules[1].regex: expected a regular expression, got "("',
      'rules[2]: Unrecognized key: "moduel"',
      expect.stringMatching(/^rules\[3\]\.scheme: expected one of float, .*, got nothing$/),
    ]);
  });
  test("what is no JSON is said to be none", () => {
    expect(problems(() => parseRecipe('{"scheme": '))[0]).toMatch(/^this is no JSON: /);
    expect(problems(() => parseRecipe("int3"))[0]).toMatch(/^expected one of float, .*, got "int3"$/);
  });
  test("a predicate has none", () => {
    expect(
      problems(() => printRecipe({ scheme: "int8", rules: [{ scheme: "float", predicate: () => true }] })),
    ).toEqual(["rules[0].predicate is a function, which JSON cannot hold; select by op, module or regex"]);
  });
});

test("only integers with ranges that do not change need calibration", () => {
  expect(schemeNames.filter((n) => needsCalibration(schemes[n]))).toEqual(["int8", "int16x8"]);
});

describe("the form in TypeScript", () => {
  test("has a function for each scheme", () => {
    expect(Object.keys(recipe)).toEqual([
      "dynamicInt8",
      "weightOnlyInt8",
      "int8",
      "int16x8",
      "int4",
      "int4Block32",
      "int4Block64",
      "int4Block128",
      "int4Block256",
      "fp16",
    ]);
    expect(recipe.int4Block32()).toEqual({ scheme: "int4-block32" });
    const calibrate = [[]];
    expect(recipe.int8({ calibrate, io: "integer", rules: [{ module: "head", scheme: "float" }] })).toEqual({
      scheme: "int8",
      calibrate,
      io: "integer",
      rules: [{ module: "head", scheme: "float" }],
    });
  });
  test("may hold predicates, which are checked", () => {
    const predicate = (n: Node): boolean => n.locations.length > 1;
    const mine = recipeFromCode({
      scheme: "int8",
      rules: [
        { predicate, scheme: "float" },
        { op: "tfl.*", scheme: "fp16" },
      ],
    });
    expect(mine.rules![0]!.predicate).toBe(predicate);
    expect(problems(() => recipeFromCode({ scheme: "int8", rules: [{ predicate: "x", scheme: "float" }] }))).toEqual([
      "rules[0].predicate: expected a function, got string",
    ]);
    expect(problems(() => recipeFromCode({ scheme: "int8", rules: [{ predicate, scheme: "int9" }] }))[0]).toMatch(
      /^rules\[0\]\.scheme: expected one of/,
    );
    expect(problems(() => recipeFromCode({ scheme: "int8", io: "int" }))).toEqual([
      'io: expected float or integer, got "int"',
    ]);
  });
  test("is compared by what it chooses", () => {
    const predicate = (): boolean => true;
    const a = recipe.int8({
      rules: [
        { module: "head", scheme: "float" },
        { predicate, scheme: "fp16" },
      ],
    });
    expect(sameRecipe(a, { ...a, io: "float" })).toBe(true);
    expect(
      sameRecipe(
        a,
        recipe.int8({
          rules: [
            { scheme: "float", module: ["head"] },
            { scheme: "fp16", predicate },
          ],
        }),
      ),
    ).toBe(true);
    expect(sameRecipe(a, { ...a, io: "integer" })).toBe(false);
    expect(sameRecipe(a, { ...a, rules: [...a.rules!].reverse() })).toBe(false);
    expect(sameRecipe(a, { ...a, rules: [a.rules![0]!, { predicate: () => true, scheme: "fp16" }] })).toBe(false);
    expect(sameRecipe(a, recipe.int8())).toBe(false);
    expect(showRecipe(a)).toBe('int8\n  module "head": float\n  a predicate: fp16');
  });
});

test("a tensor is known by the module and the name that the file has", () => {
  const inner = node("encoder.layers.3");
  inner.results[0]!.name = "conv_2d_4";
  expect(fits({ tensor: "^encoder\\.layers\\.3/conv_2d_4$" }, inner)).toBe(true);
  expect(fits({ tensor: "layers.4" }, inner)).toBe(false);
});

describe("what samples are used for", () => {
  test("is in the JSON form, and told apart", () => {
    const r = recipeFrom({ scheme: "int4", rounding: "nearest", biasCorrection: false, ranges: "fixed" });
    expect(parseRecipe(printRecipe(r))).toEqual(r);
    expect(sameRecipe(r, recipe.int4())).toBe(false);
    expect(sameRecipe(recipe.int4({ rounding: "gptq" }), recipe.int4())).toBe(true);
    expect(showRecipe(r)).toBe("int4\n  rounding: nearest\n  biasCorrection: false\n  ranges: fixed");
  });
  test("is checked", () => {
    expect(problems(() => recipeFrom({ scheme: "int4", rounding: "up", biasCorrection: 1 }))).toEqual([
      'rounding: expected nearest or gptq, got "up"',
      "biasCorrection: expected true or false, got 1",
    ]);
  });
});
