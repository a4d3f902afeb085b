import type { Attr, Attrs, OpDef, Operands } from "@tflower/core";
import { describe, expect, test } from "vitest";
import * as tfl from "../../src/dialect/index.ts";
import { enumNames, fieldsOf, isEnum, type TableName, unionTables } from "../../src/schema/fields.ts";

const ops: readonly (readonly [string, OpDef])[] = Object.entries(tfl);
const names: ReadonlySet<string> = new Set(enumNames("BuiltinOperator"));
const tables = [...unionTables("BuiltinOptions"), ...unionTables("BuiltinOptions2")];

/** Fields that runtimes read nothing from, or whose default is the only value that tflower has a use for. */
const unused: Readonly<Record<string, readonly string[]>> = {
  AddOptions: ["pot_scale_int16"],
  SubOptions: ["pot_scale_int16"],
  ConcatenationOptions: ["fused_activation_function"],
  Conv2DOptions: ["quantized_bias_type"],
  TransposeConvOptions: ["quantized_bias_type"],
  FullyConnectedOptions: ["quantized_bias_type", "quant_spec"],
  StableHLOCompositeOptions: ["composite_attributes_format"],
};

/** Which element types of the schema an attribute of this kind packs into. */
function fits(spec: Attr<unknown>, type: string, vector: boolean): boolean {
  switch (spec.kind) {
    case "list":
      return type === "ubyte" || (vector && fits(spec.of!, type, false));
    case "bool":
      return type === "bool";
    case "int":
    case "graph":
      return ["byte", "int", "uint", "long"].includes(type);
    case "float":
      return type === "float";
    case "str":
      return type === "string";
    case "dtype":
      return type === "TensorType";
    case "oneOf":
      return isEnum(type) && spec.choices!.every((c) => enumNames(type).includes(c));
    default:
      return false;
  }
}

test("there are ops, and nothing else", () => {
  expect(ops.length).toBeGreaterThan(150);
  for (const [name, op] of ops) expect(op.traits?.tfl, name).toBeDefined();
});

test("no builtin is declared twice", () => {
  const builtins = ops.map(([, op]) => op.traits.tfl!.builtin);
  expect(new Set(builtins).size).toBe(builtins.length);
});

describe.each(ops)("tfl.%s", (name, op) => {
  const info = op.traits.tfl!;
  const attrs = op.attrs as Attrs;

  test("is a builtin, called alike", () => {
    expect(names.has(info.builtin)).toBe(true);
    expect(op.name).toBe(`tfl.${info.builtin.toLowerCase()}`);
    const plain = (s: string): string => s.replace(/_|Op$/g, "").toLowerCase();
    expect(plain(name)).toBe(plain(info.builtin));
  });

  test("has the fields of its options table", () => {
    const fields = Object.entries(attrs).filter(([k]) => !(k in info.parameters));
    if (info.options === undefined) {
      expect(fields).toEqual([]);
      return;
    }
    expect(tables).toContain(info.options);
    const known = fieldsOf(info.options as TableName);
    for (const [k, spec] of fields) {
      const field = known.get(k);
      expect(field, `field ${k}`).toBeDefined();
      expect(fits(spec, field!.type, field!.vector), `attribute ${k} as ${field!.type}`).toBe(true);
    }
    const left = [...known.keys()].filter((k) => !(k in attrs) && !(unused[info.options!] ?? []).includes(k));
    // what no attribute holds follows from the types
    if (left.length > 0) expect(info.derived, left.join()).toBeDefined();
  });

  test("names its operands in file order", () => {
    const operands = Object.keys(op.operands as Operands);
    expect([...info.file].sort()).toEqual([...new Set([...operands, ...Object.keys(info.parameters)])].sort());
    for (const k in info.parameters) expect(k in attrs).toBe(true);
    for (const k of info.variables ?? []) expect(operands).toContain(k);
    for (const k of op.traits.permutedOperands ?? []) expect(operands).toContain(k);
  });

  test("says what it does", () => expect(op.summary).toMatch(/\.$/));
});
