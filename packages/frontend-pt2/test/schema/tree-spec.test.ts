import { describe, expect, it } from "vitest";
import { leafPaths, parseTreeSpec } from "../../src/schema/tree-spec.ts";

const leaf = { type: null, context: null, children_spec: [] };
const node = (type: string, context: unknown, ...children_spec: unknown[]) => ({ type, context, children_spec });
const parse = (spec: unknown, fields: Record<string, string[]> = {}) =>
  parseTreeSpec(JSON.stringify([1, spec]), new Map(Object.entries(fields)));
const paths = (spec: unknown, fields?: Record<string, string[]>) =>
  leafPaths(parse(spec, fields)!).map((p) => p.join("."));

describe("parseTreeSpec", () => {
  it("names the children of every container that torch registers", () => {
    expect(paths(leaf)).toEqual([""]);
    expect(paths(node("builtins.tuple", "null", leaf, leaf))).toEqual(["0", "1"]);
    expect(paths(node("builtins.list", "null", leaf))).toEqual(["0"]);
    expect(paths(node("builtins.dict", '["a", 3]', leaf, leaf))).toEqual(["a", "3"]);
    expect(paths(node("collections.OrderedDict", '["b"]', leaf))).toEqual(["b"]);
    expect(paths(node("collections.deque", "5", leaf))).toEqual(["0"]);
    const factory = { default_factory_module: "builtins", default_factory_name: "list", dict_context: ["k"] };
    expect(paths(node("collections.defaultdict", JSON.stringify(factory), leaf))).toEqual(["k"]);
    expect(paths(node("collections.namedtuple", "P", leaf, leaf), { P: ["x", "y"] })).toEqual(["x", "y"]);
    expect(paths(node("collections.namedtuple", '"P"', leaf), { P: ["x"] })).toEqual(["x"]);
    expect(paths(node("mine.Box", '[["x", "y"], ["note"]]', leaf, leaf))).toEqual(["x", "y"]);
    expect(paths(node("transformers.modeling_outputs.X", '["logits"]', leaf))).toEqual(["logits"]);
  });

  it("counts where names do not fit", () => {
    expect(paths(node("builtins.dict", '["a"]', leaf, leaf))).toEqual(["0", "1"]);
    expect(paths(node("builtins.dict", "nonsense", leaf))).toEqual(["0"]);
    expect(paths(node("collections.namedtuple", "Q", leaf))).toEqual(["0"]);
    expect(paths(node("mine.Odd", null, leaf))).toEqual(["0"]);
  });

  it("gives undefined for what is no spec, however it is built", () => {
    for (const text of [
      "",
      "3",
      "[]",
      "[1]",
      "[1, null]",
      "[2, {}]",
      '[1, {"type": 3, "children_spec": []}]',
      '[1, {"type": null, "children_spec": [1]}]',
      '[1, {"type": "builtins.tuple", "context": "null", "children_spec": [7]}]',
    ])
      expect(parseTreeSpec(text, new Map())).toBeUndefined();
    let deep: unknown = leaf;
    for (let i = 0; i < 60; i++) deep = node("builtins.tuple", "null", deep);
    expect(parse(deep)).toBeUndefined();
    expect(parse(node("builtins.tuple", "null", ...Array.from({ length: 30_000 }, () => leaf)))).toBeUndefined();
    expect(paths(node("builtins.dict", JSON.stringify(["x".repeat(10_000)]), leaf))[0]).toHaveLength(128);
  });
});
