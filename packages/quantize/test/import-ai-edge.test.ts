import { describe, expect, test } from "vitest";
import { fromAiEdgeRecipe, JsonFormError, printRecipe, recipeFrom } from "../src/index.ts";

interface Config {
  readonly bits?: number;
  readonly granularity?: string;
  readonly precision?: "INTEGER" | "FLOAT";
  readonly activations?: number;
  readonly key?: string;
  readonly regex?: string;
  readonly operation?: string;
}
/** One entry, as their tools write it. */
const entry = (c: Config): object => ({
  regex: c.regex ?? ".*",
  operation: c.operation ?? "*",
  algorithm_key: c.key ?? "min_max_uniform_quantize",
  op_config: {
    ...(c.activations && {
      activation_tensor_config: {
        num_bits: c.activations,
        symmetric: c.activations === 16,
        granularity: "TENSORWISE",
        dtype: "INT",
      },
    }),
    weight_tensor_config: {
      num_bits: c.bits ?? 8,
      symmetric: true,
      granularity: c.granularity ?? "CHANNELWISE",
      dtype: "INT",
      block_size: 0,
    },
    compute_precision: c.precision ?? "INTEGER",
    explicit_dequantize: c.precision === "FLOAT",
    skip_checks: false,
    min_weight_elements: 0,
  },
});

describe("what their named recipes come to", () => {
  test.each<[name: string, Config, scheme: string, differences: number]>([
    ["dynamic_wi8_afp32", {}, "dynamic-int8", 0],
    ["dynamic_wi4_afp32", { bits: 4 }, "int4", 0],
    ["dynamic_wi2c_afp32", { bits: 2 }, "int4", 1],
    ["dynamic_wi8b32_afp32", { granularity: "BLOCKWISE_32" }, "dynamic-int8", 1],
    ["dynamic_wi4b32_afp32", { bits: 4, granularity: "BLOCKWISE_32" }, "int4-block32", 0],
    ["dynamic_wi4b64_afp32", { bits: 4, granularity: "BLOCKWISE_64" }, "int4-block64", 0],
    ["dynamic_wi4b128_afp32", { bits: 4, granularity: "BLOCKWISE_128" }, "int4-block128", 0],
    ["dynamic_wi4b256_afp32", { bits: 4, granularity: "BLOCKWISE_256" }, "int4-block256", 0],
    ["dynamic_wi8c_hr_afp32", { key: "DECOMPOSED_HADAMARD_ROTATION" }, "dynamic-int8", 1],
    ["weight_only_wi8_afp32", { precision: "FLOAT" }, "weight-only-int8", 0],
    ["weight_only_wi4_afp32", { bits: 4, precision: "FLOAT" }, "int4", 1],
    ["static_wi8_ai8", { activations: 8 }, "int8", 0],
    ["static_wi8_ai16", { activations: 16 }, "int16x8", 0],
    ["static, 4-bit weights", { activations: 8, bits: 4 }, "int8", 1],
    ["16 bits beside 4", { activations: 16, bits: 4 }, "int16x8", 1],
    ["fp16", { key: "float_casting", bits: 16, precision: "FLOAT" }, "fp16", 0],
    ["one scale for all", { granularity: "TENSORWISE" }, "dynamic-int8", 1],
    ["OCTAV", { key: "OCTAV" }, "dynamic-int8", 1],
    ["MSE", { key: "MSE" }, "dynamic-int8", 1],
    ["GPTQ", { key: "GPTQ", bits: 4 }, "int4", 1],
    ["an algorithm of somebody's own", { key: "mine" }, "float", 1],
  ])("%s", (_, config, scheme, count) => {
    const { recipe, differences } = fromAiEdgeRecipe([entry(config)]);
    expect(recipe).toEqual({ scheme });
    expect(differences).toHaveLength(count);
    for (const d of differences) expect(d).toMatch(/^\[0\] \(\*\): \S/);
  });
});

describe("rules", () => {
  test("are for tensors and ops, and later ones win, as there", () => {
    const { recipe, differences } = fromAiEdgeRecipe([
      entry({ activations: 8 }),
      entry({ operation: "FULLY_CONNECTED", regex: "layer_(?P<n>\\d+)/ffn", bits: 4, granularity: "BLOCKWISE_32" }),
      entry({ operation: "CONV_2D_TRANSPOSE", key: "no_quantize" }),
      entry({ operation: "EMBEDDING_LOOKUP", bits: 4 }),
    ]);
    expect(differences).toEqual([]);
    expect(recipe).toEqual({
      scheme: "int8",
      rules: [
        { op: "tfl.fully_connected", tensor: "layer_(?<n>\\d+)/ffn", scheme: "int4-block32" },
        { op: "tfl.transpose_conv", scheme: "float" },
        { op: ["tfl.embedding_lookup", "tfl.gather"], scheme: "int4" },
      ],
    });
    expect(recipeFrom(JSON.parse(printRecipe(recipe)))).toEqual(recipe);
  });
  test("an entry for everything takes the place of all before it; nothing is quantized that no entry names", () => {
    const rule = entry({ operation: "CONV_2D" });
    expect(fromAiEdgeRecipe([rule]).recipe).toEqual({
      scheme: "float",
      rules: [{ op: "tfl.conv_2d", scheme: "dynamic-int8" }],
    });
    expect(fromAiEdgeRecipe([rule, entry({ activations: 16 })]).recipe).toEqual({ scheme: "int16x8" });
    expect(fromAiEdgeRecipe([]).recipe).toEqual({ scheme: "float" });
  });
  test("inputs and outputs are integers together", () => {
    const { recipe, differences } = fromAiEdgeRecipe([
      entry({ activations: 8 }),
      entry({ operation: "INPUT", activations: 8 }),
    ]);
    expect(recipe).toEqual({ scheme: "int8", io: "integer" });
    expect(differences).toEqual([expect.stringContaining("both become integers")]);
  });
  test("a regular expression that only Python reads is left out, and said", () => {
    const { recipe, differences } = fromAiEdgeRecipe([entry({}), entry({ regex: "(?i:fc)(?<=x" })]);
    expect(recipe).toEqual({ scheme: "dynamic-int8" });
    expect(differences).toEqual([expect.stringContaining("cannot be read here: the entry is left out")]);
  });
});

test("what is no such recipe is said to be none, with everything that is wrong", () => {
  const wrong = [
    { regex: 3, operation: "*", algorithm_key: "OCTAV" },
    { ...entry({}), op_config: { compute_precision: "INT" } },
  ];
  expect(() => fromAiEdgeRecipe(wrong)).toThrow(JsonFormError);
  expect(() => fromAiEdgeRecipe(wrong)).toThrow(/\[0\]\.regex[\s\S]*\[1\]\.op_config\.compute_precision/);
  expect(() => fromAiEdgeRecipe("[{")).toThrow(/this is no JSON/);
});
