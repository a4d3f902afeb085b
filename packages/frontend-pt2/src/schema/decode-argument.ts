import { decodeDevice, decodeDType, decodeLayout, decodeMemoryFormat } from "./decode-values.ts";
import type { Argument, ExportGraph, Int } from "./exported-program.ts";
import { asBoolean, asFloat, asInt, asString, asStrings, type Decode, type JsonCursor } from "./json-cursor.ts";

/** The name in `{name}`, which tensors and tokens are referred to by. */
export const decodeTensorName: Decode<string> = (at, value) => at.get(at.object(value), "name", asString);

const decodeTensorNames: Decode<string[]> = (at, value) => at.list(value, decodeTensorName);

const decodeOptionalTensor: Decode<string | null> = (at, value) =>
  at.union(value, "as_tensor or as_none", (at, tag, value) => {
    if (tag === "as_tensor") return decodeTensorName(at, value);
    if (tag === "as_none") return null;
    throw at.unknown("optional tensor", tag);
  });

const none: Argument = { kind: "none" };

/** A name of a value, or a literal: `{as_name}` or `{[literal]}`. */
const nameOr =
  <T>(literal: string, decode: Decode<T>): Decode<{ readonly name: string } | { readonly value: T }> =>
  (at, value) =>
    at.union(value, `as_name or ${literal}`, (at, tag, value) => {
      if (tag === "as_name") return { name: at.string(value) };
      if (tag === literal) return { value: decode(at, value) };
      throw at.unknown("symbolic value", tag);
    });

const listOf =
  <T>(element: Decode<{ readonly name: string } | { readonly value: T }>): Decode<(string | T)[]> =>
  (at, value) =>
    at.list(value, (at, value) => {
      const e = element(at, value);
      return "name" in e ? e.name : e.value;
    });

const symInt = nameOr("as_int", asInt);
const symFloat = nameOr("as_float", asFloat);
const symBool = nameOr("as_bool", asBoolean);
const symInts = listOf(symInt);
const symFloats = listOf(symFloat);
const symBools = listOf(symBool);

const asInts: Decode<Int[]> = (at, value) => at.list(value, asInt);
const asFloats: Decode<number[]> = (at, value) => at.list(value, asFloat);

type DecodeGraph = Decode<ExportGraph>;
type DecodeMember = (at: JsonCursor, value: unknown, graph: DecodeGraph) => Argument;

/** One line for each member of the schema's `Argument`. */
const members: ReadonlyMap<string, DecodeMember> = new Map<string, DecodeMember>([
  ["as_none", () => none],
  ["as_tensor", (at, v) => ({ kind: "tensor", name: decodeTensorName(at, v) })],
  ["as_tensors", (at, v) => ({ kind: "tensors", names: decodeTensorNames(at, v) })],
  ["as_int", (at, v) => ({ kind: "int", value: at.int(v) })],
  ["as_ints", (at, v) => ({ kind: "ints", values: asInts(at, v) })],
  ["as_int_lists", (at, v) => ({ kind: "intLists", values: at.list(v, asInts) })],
  ["as_float", (at, v) => ({ kind: "float", value: at.float(v) })],
  ["as_floats", (at, v) => ({ kind: "floats", values: asFloats(at, v) })],
  ["as_float_lists", (at, v) => ({ kind: "floatLists", values: at.list(v, asFloats) })],
  ["as_bool", (at, v) => ({ kind: "bool", value: at.boolean(v) })],
  ["as_bools", (at, v) => ({ kind: "bools", values: at.list(v, asBoolean) })],
  ["as_string", (at, v) => ({ kind: "string", value: at.string(v) })],
  ["as_strings", (at, v) => ({ kind: "strings", values: asStrings(at, v) })],
  ["as_scalar_type", (at, v) => ({ kind: "dtype", dtype: decodeDType(at, v) })],
  ["as_memory_format", (at, v) => ({ kind: "memoryFormat", format: decodeMemoryFormat(at, v) })],
  ["as_layout", (at, v) => ({ kind: "layout", layout: decodeLayout(at, v) })],
  ["as_device", (at, v) => ({ kind: "device", device: decodeDevice(at, v) })],
  ["as_operator", (at, v) => ({ kind: "operator", target: at.string(v) })],
  ["as_sym_ints", (at, v) => ({ kind: "symInts", values: symInts(at, v) })],
  ["as_sym_floats", (at, v) => ({ kind: "symFloats", values: symFloats(at, v) })],
  ["as_sym_bools", (at, v) => ({ kind: "symBools", values: symBools(at, v) })],
  ["as_nested_tensors", (at, v) => ({ kind: "nestedTensors", names: at.list(v, decodeTensorNames) })],
  ["as_optional_tensors", (at, v) => ({ kind: "optionalTensors", names: at.list(v, decodeOptionalTensor) })],
  [
    "as_sym_int",
    (at, v) => {
      const e = symInt(at, v);
      return "name" in e ? { kind: "symInt", name: e.name } : { kind: "int", value: e.value };
    },
  ],
  [
    "as_sym_float",
    (at, v) => {
      const e = symFloat(at, v);
      return "name" in e ? { kind: "symFloat", name: e.name } : { kind: "float", value: e.value };
    },
  ],
  [
    "as_sym_bool",
    (at, v) => {
      const e = symBool(at, v);
      return "name" in e ? { kind: "symBool", name: e.name } : { kind: "bool", value: e.value };
    },
  ],
  [
    "as_optional_tensor",
    (at, v) => {
      const name = decodeOptionalTensor(at, v);
      return name === null ? none : { kind: "tensor", name };
    },
  ],
  [
    "as_complex",
    (at, v) => {
      const object = at.object(v);
      return { kind: "complex", real: at.get(object, "real", asFloat), imag: at.get(object, "imag", asFloat) };
    },
  ],
  [
    "as_custom_obj",
    (at, v) => {
      const object = at.object(v);
      return {
        kind: "customObject",
        name: at.get(object, "name", asString),
        classFqn: at.get(object, "class_fqn", asString),
      };
    },
  ],
  [
    "as_graph",
    (at, v, graph) => {
      const object = at.object(v);
      const name = at.get(object, "name", asString);
      return { kind: "graph", name, graph: at.nested(() => at.get(object, "graph", graph)) };
    },
  ],
  [
    "as_string_to_argument",
    (at, v, graph) => ({ kind: "dict", entries: at.nested(() => at.map(v, (at, v) => decodeArgument(at, v, graph))) }),
  ],
]);

/** Decodes an argument; `graph` decodes the bodies of control-flow ops, which lie inside of arguments. */
export const decodeArgument = (at: JsonCursor, value: unknown, graph: DecodeGraph): Argument =>
  at.union(value, "an argument", (at, tag, value) => {
    const member = members.get(tag);
    if (member) return member(at, value, graph);
    throw at.unknown("kind of argument", tag);
  });
