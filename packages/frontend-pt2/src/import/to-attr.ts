import { type Attr, type Dim, type DType, dtypes, type RawAttr } from "@tflower/core";
import type { Argument, Int } from "../schema/exported-program.ts";

/** Looks up what a name of the program's symbolic numbers stands for; throws where it is not known before a run. */
export interface NumberLookup {
  readonly dimOf: (name: string) => Dim;
  readonly floatOf: (name: string) => number;
  readonly boolOf: (name: string) => boolean;
}

const int = (v: Int): bigint => BigInt(v);
const dim = (v: Dim): RawAttr => (typeof v === "number" ? BigInt(v) : v);

/** The attribute that an argument stands for, before its op has read it. */
export function toRawAttr(arg: Argument, { dimOf, floatOf, boolOf }: NumberLookup): RawAttr {
  switch (arg.kind) {
    case "none":
      return undefined;
    case "int":
      return int(arg.value);
    case "ints":
      return arg.values.map(int);
    case "intLists":
      return arg.values.map((l) => l.map(int));
    case "float":
    case "bool":
    case "string":
      return arg.value;
    case "floats":
    case "bools":
    case "strings":
      return arg.values;
    case "floatLists":
      return arg.values;
    case "complex":
      return { re: arg.real, im: arg.imag };
    case "symInt":
      return dim(dimOf(arg.name));
    case "symInts":
      return arg.values.map((v) => (typeof v === "string" ? dim(dimOf(v)) : int(v)));
    case "dtype":
      return arg.dtype;
    case "memoryFormat":
      return arg.format;
    case "layout":
      return arg.layout;
    case "device":
      return arg.device.index === undefined ? arg.device.type : `${arg.device.type}:${arg.device.index}`;
    case "symFloat":
      return floatOf(arg.name);
    case "symFloats":
      return arg.values.map((v) => (typeof v === "string" ? floatOf(v) : v));
    case "symBool":
      return boolOf(arg.name);
    case "symBools":
      return arg.values.map((v) => (typeof v === "string" ? boolOf(v) : v));
    default:
      throw new RangeError(`tflower has no attribute for an argument of kind "${arg.kind}"`);
  }
}

/** Whether an attribute slot could be filled by this argument at all: tensors never fill one. */
export const fillsAttr = (arg: Argument): boolean =>
  arg.kind !== "tensor" && arg.kind !== "tensors" && arg.kind !== "optionalTensors";

/** `raw` as `spec` reads it. Python writes one number where ATen takes a list of them. */
export function readAttr(spec: Attr<any>, raw: RawAttr): unknown {
  const value = spec.read(raw);
  if (spec.check(value)) return value;
  const list = spec.kind === "optional" ? spec.of! : spec;
  if (list.kind === "list" && !Array.isArray(raw)) {
    const one = spec.read([raw]);
    if (spec.check(one)) return one;
  }
  return value;
}

/** The dtype a Python number gets as a rank-0 tensor beside a tensor of `beside`. */
export function numberDType(
  number: "bool" | "int" | "float" | "complex",
  beside: { readonly dtype: DType; readonly rank: number } | undefined,
): DType {
  const category = { bool: 0, int: 1, float: 2, complex: 3 }[number];
  const own = (["bool", "i64", "f32", "c64"] as const)[category]!;
  if (!beside) return own;
  const d = beside.dtype;
  const { kind } = dtypes[d];
  const of = kind === "bool" ? 0 : kind === "complex" ? 3 : kind === "float" ? 2 : 1;
  if (category > of) return category === 3 && d === "f64" ? "c128" : own;
  // beside half precision PyTorch computes with the number in float32 and rounds the result
  return (d === "f16" || d === "bf16") && beside.rank > 0 ? "f32" : d;
}
