import { describe, expect, it } from "vitest";
import { decodePayloads, decodeProgram } from "../../src/schema/decode-program.ts";
import type { Argument } from "../../src/schema/exported-program.ts";
import { parseJson } from "../../src/schema/parse-json.ts";
import { expectCode } from "../support/expect-code.ts";

const where = { file: "a.pt2", part: "models/model.json" };
const empty = { inputs: [], outputs: [], nodes: [], tensor_values: {}, sym_int_values: {}, sym_bool_values: {} };
const meta = {
  dtype: 7,
  sizes: [{ as_int: 2 }],
  requires_grad: false,
  device: { type: "cpu", index: null },
  strides: [{ as_int: 1 }],
  storage_offset: { as_int: 0 },
  layout: 7,
};

/** A program around `graph`; anything in `root` replaces a member of the whole. */
function program(graph: object = {}, root: object = {}): unknown {
  return {
    graph_module: {
      graph: { ...empty, ...graph },
      signature: { input_specs: [], output_specs: [] },
      module_call_graph: [],
    },
    opset_version: { aten: 10 },
    range_constraints: {},
    schema_version: { major: 8, minor: 20 },
    ...root,
  };
}
/** Decodes through text, as in life, so that large numbers and words take the same way. */
const decode = (json: unknown) =>
  decodeProgram(
    parseJson(new TextEncoder().encode(typeof json === "string" ? json : JSON.stringify(json)), where),
    where,
  );
const withArg = (arg: unknown) =>
  program({ nodes: [{ target: "t", inputs: [{ name: "x", arg, kind: 1 }], outputs: [], metadata: {} }] });
const argOf = (arg: unknown): Argument => decode(withArg(arg)).graph.nodes[0]!.inputs[0]!.arg;

describe("arguments", () => {
  it.each<[object, Argument]>([
    [{ as_none: true }, { kind: "none" }],
    [{ as_tensor: { name: "a" } }, { kind: "tensor", name: "a" }],
    [{ as_tensors: [{ name: "a" }, { name: "b" }] }, { kind: "tensors", names: ["a", "b"] }],
    [{ as_optional_tensor: { as_tensor: { name: "a" } } }, { kind: "tensor", name: "a" }],
    [{ as_optional_tensor: { as_none: true } }, { kind: "none" }],
    [
      { as_optional_tensors: [{ as_tensor: { name: "a" } }, { as_none: true }] },
      { kind: "optionalTensors", names: ["a", null] },
    ],
    [{ as_nested_tensors: [[{ name: "a" }], []] }, { kind: "nestedTensors", names: [["a"], []] }],
    [{ as_int: -3 }, { kind: "int", value: -3 }],
    [{ as_ints: [1, 2] }, { kind: "ints", values: [1, 2] }],
    [{ as_int_lists: [[1], [2, 3]] }, { kind: "intLists", values: [[1], [2, 3]] }],
    [{ as_float: 1.5 }, { kind: "float", value: 1.5 }],
    [{ as_float: 2 }, { kind: "float", value: 2 }],
    [{ as_float: "-Infinity" }, { kind: "float", value: -Infinity }],
    [{ as_floats: ["NaN", "Infinity", 0.1] }, { kind: "floats", values: [Number.NaN, Infinity, 0.1] }],
    [{ as_float_lists: [[1], []] }, { kind: "floatLists", values: [[1], []] }],
    [{ as_bool: true }, { kind: "bool", value: true }],
    [{ as_bools: [true, false] }, { kind: "bools", values: [true, false] }],
    [{ as_string: "x" }, { kind: "string", value: "x" }],
    [{ as_strings: ["x", ""] }, { kind: "strings", values: ["x", ""] }],
    [{ as_complex: { real: 1, imag: -2 } }, { kind: "complex", real: 1, imag: -2 }],
    [{ as_sym_int: { as_name: "s" } }, { kind: "symInt", name: "s" }],
    [{ as_sym_int: { as_int: 4 } }, { kind: "int", value: 4 }],
    [{ as_sym_ints: [{ as_name: "s" }, { as_int: 4 }] }, { kind: "symInts", values: ["s", 4] }],
    [{ as_sym_float: { as_name: "f" } }, { kind: "symFloat", name: "f" }],
    [{ as_sym_float: { as_float: 0.5 } }, { kind: "float", value: 0.5 }],
    [{ as_sym_floats: [{ as_name: "f" }, { as_float: "Infinity" }] }, { kind: "symFloats", values: ["f", Infinity] }],
    [{ as_sym_bool: { as_name: "b" } }, { kind: "symBool", name: "b" }],
    [{ as_sym_bool: { as_bool: false } }, { kind: "bool", value: false }],
    [{ as_sym_bools: [{ as_name: "b" }, { as_bool: true }] }, { kind: "symBools", values: ["b", true] }],
    [{ as_scalar_type: 13 }, { kind: "dtype", dtype: "bf16" }],
    [{ as_memory_format: 2 }, { kind: "memoryFormat", format: "channels_last" }],
    [{ as_layout: 7 }, { kind: "layout", layout: "strided" }],
    [{ as_device: { type: "cuda", index: 1 } }, { kind: "device", device: { type: "cuda", index: 1 } }],
    [{ as_device: { type: "cpu", index: null } }, { kind: "device", device: { type: "cpu", index: undefined } }],
    [{ as_operator: "torch.ops.aten.add" }, { kind: "operator", target: "torch.ops.aten.add" }],
    [{ as_custom_obj: { name: "o", class_fqn: "C" } }, { kind: "customObject", name: "o", classFqn: "C" }],
    [
      { as_string_to_argument: { k: { as_int: 1 } } },
      { kind: "dict", entries: new Map([["k", { kind: "int", value: 1 }]]) },
    ],
  ])("%j", (json, expected) => expect(argOf(json)).toEqual(expected));

  it("keep int64 exact, also where only JSON text has it", () => {
    const text = JSON.stringify(withArg({ as_ints: "HERE" })).replace(
      '"HERE"',
      "[9223372036854775807, -9223372036854775808]",
    );
    expect(decode(text).graph.nodes[0]!.inputs[0]!.arg).toEqual({
      kind: "ints",
      values: [9223372036854775807n, -(2n ** 63n)],
    });
  });

  it("hold graphs, whose nodes hold graphs", () => {
    const inner = { as_graph: { name: "g", graph: { ...empty, is_single_tensor_return: true } } };
    const arg = argOf({
      as_graph: {
        name: "f",
        graph: { ...empty, nodes: [{ target: "c", inputs: [{ name: "", arg: inner }], outputs: [], metadata: {} }] },
      },
    });
    expect(arg).toMatchObject({
      kind: "graph",
      graph: {
        nodes: [{ inputs: [{ passing: "unknown", arg: { kind: "graph", graph: { isSingleTensorReturn: true } } }] }],
      },
    });
  });

  it("take names that are members of every object for what they are", () => {
    const names = program({
      tensor_values: JSON.parse(`{"__proto__": ${JSON.stringify(meta)}, "constructor": ${JSON.stringify(meta)}}`),
    });
    expect([...decode(names).graph.tensorValues.keys()]).toEqual(["__proto__", "constructor"]);
  });
});

describe("malformed arguments", () => {
  it.each<[unknown, RegExp]>([
    [3, /\$\.graph_module\.graph\.nodes\[0\]\.inputs\[0\]\.arg: expected an object, got 3/],
    [null, /expected an object, got null/],
    [[], /expected an object, got a list of 0/],
    [{}, /one member .*got an empty object/],
    [{ as_int: 1, as_none: true }, /one member .*"as_int", "as_none"/],
    [{ as_int: "3" }, /\.as_int: expected a 64-bit integer, got the string "3"/],
    [{ as_int: 1.5 }, /expected a 64-bit integer, got 1\.5/],
    [{ as_int: true }, /expected a 64-bit integer, got true/],
    [{ as_int: "\u0000#1" }, /expected a 64-bit integer|number/],
    [{ as_ints: [1, null] }, /as_ints\[1\]: expected a 64-bit integer, got null/],
    [{ as_ints: { length: 3 } }, /expected a list, got an object with "length"/],
    [{ as_float: "inf" }, /expected a float, got the string "inf"/],
    [{ as_bool: 1 }, /expected true or false, got 1/],
    [{ as_string: 1 }, /expected a string, got 1/],
    [{ as_tensor: {} }, /as_tensor\.name: this member is missing/],
    [{ as_tensor: { name: { x: 1 } } }, /name: expected a string/],
    [{ as_device: { type: "cuda", index: "x" } }, /expected an integer below 2\^53/],
  ])("%j are refused with their path", (json, pattern) =>
    // a protected number that was written by hand is a number all the same, and does no harm
    JSON.stringify(json).includes("\\u0000")
      ? void expect(argOf(json)).toEqual({ kind: "int", value: 1n })
      : expectCode("IMP0011", () => argOf(json), pattern),
  );

  it.each<[unknown, RegExp]>([
    [{ as_quaternion: 1 }, /kind of argument "as_quaternion"/],
    [{ toString: 1 }, /kind of argument "toString"/],
    [{ as_scalar_type: 99 }, /element type "99"/],
    [{ as_scalar_type: 0 }, /element type "0"/],
    [{ as_layout: 0 }, /layout "0"/],
    [{ as_memory_format: 12 }, /memory format "12"/],
    [{ as_sym_int: { as_guess: 1 } }, /symbolic value "as_guess"/],
    [{ as_optional_tensor: { as_maybe: 1 } }, /optional tensor "as_maybe"/],
  ])("%j are unknown", (json, pattern) => expectCode("IMP0013", () => argOf(json), pattern, /newer version of torch/));

  it("with int beyond 64 bits are refused", () =>
    expectCode(
      "IMP0011",
      () => decode(JSON.stringify(withArg({ as_int: "HERE" })).replace('"HERE"', "99999999999999999999999")),
      /the number 99999999999999999999999/,
    ));

  it("nested without end are refused", async () => {
    const deep = (wrap: (inner: unknown) => unknown, times: number): unknown => {
      let arg: unknown = { as_none: true };
      for (let i = 0; i < times; i++) arg = wrap(arg);
      return arg;
    };
    const dict = (inner: unknown) => ({ as_string_to_argument: { k: inner } });
    const graph = (inner: unknown) => ({ as_graph: { name: "g", graph: { ...empty, outputs: [inner] } } });
    for (const wrap of [dict, graph]) {
      expect(() => argOf(deep(wrap, 90))).not.toThrow();
      await expectCode("IMP0007", () => argOf(deep(wrap, 101)), /nested more than 100 deep/);
    }
    // as text, for JSON.stringify itself would overflow
    const far = 100_000;
    const text = JSON.stringify(withArg("HERE")).replace(
      '"HERE"',
      `${'{"as_string_to_argument":{"k":'.repeat(far)}{"as_none":true}${"}}".repeat(far)}`,
    );
    await expectCode("IMP0007", () => decode(text));
  });
});

describe("programs", () => {
  it("may leave out what newer schemas added", () => {
    const decoded = decode(program());
    expect(decoded).toMatchObject({ torchVersion: "<=2.4", verifiers: [], guardsCode: [], moduleCalls: [] });
    expect(decoded.graph).toMatchObject({ isSingleTensorReturn: false, symFloatValues: new Map() });
  });

  it("keep ranges, open at either end", () => {
    const text = JSON.stringify(
      program(
        {},
        { range_constraints: { a: { min_val: 2, max_val: null }, b: { min_val: "-Infinity", max_val: "HERE" } } },
      ),
    ).replace('"HERE"', "9223372036854775806");
    expect([...decode(text).rangeConstraints]).toEqual([
      ["a", { min: 2, max: undefined }],
      ["b", { min: undefined, max: 9223372036854775806n }],
    ]);
  });

  it("decode every kind of input and output", () => {
    const arg = { name: "v" };
    const custom = { name: "v", class_fqn: "C" };
    const inputs = [
      { user_input: { arg: { as_tensor: arg } } },
      { parameter: { arg, parameter_name: "p" } },
      { buffer: { arg, buffer_name: "b", persistent: false } },
      { buffer: { arg, buffer_name: "b" } },
      { tensor_constant: { arg, tensor_constant_name: "c" } },
      { custom_obj: { arg: custom, custom_obj_name: "o" } },
      { token: { arg } },
      { constant_input: { name: "k", value: { as_string: "s" } } },
    ];
    const outputs = [
      { user_output: { arg: { as_none: true } } },
      { loss_output: { arg } },
      { buffer_mutation: { arg, buffer_name: "b" } },
      { parameter_mutation: { arg, parameter_name: "p" } },
      { user_input_mutation: { arg, user_input_name: "x" } },
      { gradient_to_parameter: { arg, parameter_name: "p" } },
      { gradient_to_user_input: { arg, user_input_name: "x" } },
      { token: { arg } },
    ];
    const none = { as_none: true };
    const graph = { ...empty, inputs: inputs.map(() => none), outputs: outputs.map(() => none) };
    const { signature } = decode(
      program(
        {},
        { graph_module: { graph, signature: { input_specs: inputs, output_specs: outputs }, module_call_graph: [] } },
      ),
    );
    expect(signature.inputs.map((s) => s.kind)).toEqual([
      "userInput",
      "parameter",
      "buffer",
      "buffer",
      "tensorConstant",
      "customObject",
      "token",
      "constantInput",
    ]);
    expect(signature.inputs[3]).toEqual({ kind: "buffer", name: "v", fqn: "b", persistent: true });
    expect(signature.outputs.map((s) => s.kind)).toEqual([
      ...[
        "userOutput",
        "lossOutput",
        "bufferMutation",
        "parameterMutation",
        "userInputMutation",
        "gradientToParameter",
        "gradientToUserInput",
        "token",
      ],
    ]);
  });

  it.each<[string, object, RegExp]>([
    ["a missing graph", { graph_module: {} }, /\$\.graph_module\.graph: this member is missing/],
    ["no object", { graph_module: [] }, /\$\.graph_module: expected an object/],
    ["a version of words", { schema_version: { major: "8", minor: 0 } }, /\$\.schema_version\.major/],
    [
      "a signature of another length",
      {
        graph_module: {
          graph: { ...empty, inputs: [{ as_none: true }] },
          signature: { input_specs: [], output_specs: [] },
          module_call_graph: [],
        },
      },
      /as many inputs in the signature as the graph has, 1/,
    ],
  ])("with %s are refused", (_, root, pattern) => expectCode("IMP0011", () => decode(program({}, root)), pattern));

  it("with kinds of inputs or outputs from the future are refused by name", async () => {
    const specs = (input_specs: unknown[], output_specs: unknown[]) =>
      program(
        {},
        {
          graph_module: {
            graph: {
              ...empty,
              inputs: input_specs.map(() => ({ as_none: true })),
              outputs: output_specs.map(() => ({ as_none: true })),
            },
            signature: { input_specs, output_specs },
            module_call_graph: [],
          },
        },
      );
    await expectCode("IMP0013", () => decode(specs([{ dream: {} }], [])), /graph input "dream"/);
    await expectCode("IMP0013", () => decode(specs([], [{ dream: { arg: { name: "v" } } }])), /graph output "dream"/);
  });
});

describe("tensors", () => {
  const withMeta = (change: object) => decode(program({ tensor_values: { "a b": { ...meta, ...change } } }));
  const expr = (expr_str: unknown, hint: unknown = null) => ({ as_expr: { expr_str, hint } });

  it("have symbolic sizes, each expression parsed once", () => {
    const [size] = [
      ...withMeta({ sizes: [expr("Mul(Integer(2), Symbol('s0'))", { as_int: 6 })] }).graph.tensorValues.values(),
    ][0]!.sizes;
    expect(size).toEqual({
      text: "Mul(Integer(2), Symbol('s0'))",
      hint: 6,
      expr: {
        kind: "mul",
        args: [
          { kind: "int", value: 2 },
          { kind: "symbol", name: "s0", assumptions: {} },
        ],
      },
    });
  });

  it.each<[string, object, RegExp]>([
    [
      "a negative size",
      { sizes: [{ as_int: -1 }] },
      /tensor_values\["a b"\]\.sizes\[0\]: expected a size of 0 or more, got -1/,
    ],
    ["a negative stride", { strides: [{ as_int: -1 }] }, /strides\[0\]/],
    ["too few strides", { strides: [] }, /strides: expected 1 strides for 1 sizes/],
    ["half a size", { sizes: [{ as_int: 0.5 }] }, /expected an integer below 2\^53, got 0\.5/],
    ["no device", { device: null }, /device: expected an object/],
  ])("with %s are refused", (_, change, pattern) => expectCode("IMP0011", () => withMeta(change), pattern));

  it("with an expression that cannot be read are refused", () =>
    expectCode(
      "IMP0014",
      () => withMeta({ sizes: [expr("Frobnicate(Symbol('s0'))")] }),
      /expr_str: .*"Frobnicate" is not known/,
    ));

  it("with a size that no memory holds are refused", () =>
    expectCode(
      "IMP0011",
      () =>
        decode(
          JSON.stringify(program({ tensor_values: { a: { ...meta, sizes: [{ as_int: 7 }] } } })).replace(
            '"as_int":7',
            '"as_int":9223372036854775807',
          ),
        ),
      /below 2\^53, got the number 9223372036854775807/,
    ));
});

describe("tables", () => {
  it("of tensors and of objects", () => {
    const found = decodePayloads(
      {
        config: {
          a: { path_name: "weight_0", is_param: true, use_pickle: false, tensor_meta: meta },
          o: { path_name: "custom_obj_0", is_param: false, use_pickle: true, tensor_meta: null },
        },
      },
      where,
    );
    expect(found.get("a")).toMatchObject({ pathName: "weight_0", isParam: true, tensorMeta: { dtype: "f32" } });
    expect(found.get("o")!.tensorMeta).toBeUndefined();
  });

  it("without entries are refused", () =>
    expectCode("IMP0011", () => decodePayloads({}, where), /\$\.config: this member is missing/));
});
