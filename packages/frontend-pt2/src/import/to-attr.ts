import type { Attr, Dim, DType, RawAttr } from "@tflower/core";
import type { Argument, Int } from "../schema/exported-program.ts";

/** Looks up what a name of the program's symbolic integers stands for. */
export type DimLookup = (name: string) => Dim;

const int = (v: Int): bigint => BigInt(v);
const dim = (v: Dim): RawAttr => (typeof v === "number" ? BigInt(v) : v);

/** The attribute that an argument stands for, before its op has read it. */
export function toRawAttr(arg: Argument, dimOf: DimLookup): RawAttr {
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
    case "symFloats":
      if (arg.values.every((v) => typeof v === "number")) return arg.values as readonly number[];
      throw new RangeError("it depends on a float computed from data, which attributes cannot hold");
    case "symBools":
      if (arg.values.every((v) => typeof v === "boolean")) return arg.values as readonly boolean[];
      throw new RangeError("it depends on a truth value computed from data, which attributes cannot hold");
    case "symFloat":
    case "symBool":
      throw new RangeError(`it depends on "${arg.name}", which is computed from data and cannot be an attribute`);
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
  arg: Argument,
  beside: { readonly dtype: DType; readonly rank: number } | undefined,
): DType {
  const category =
    arg.kind === "bool" || arg.kind === "symBool"
      ? 0
      : arg.kind === "int" || arg.kind === "symInt"
        ? 1
        : arg.kind === "complex"
          ? 3
          : 2;
  const own = (["bool", "i64", "f32", "c64"] as const)[category]!;
  if (!beside) return own;
  const d = beside.dtype;
  const of = d === "bool" ? 0 : d.startsWith("c") ? 3 : d.startsWith("f") || d.startsWith("bf") ? 2 : 1;
  if (category > of) return own;
  // beside half precision PyTorch computes with the number in float32 and rounds the result
  return (d === "f16" || d === "bf16") && beside.rank > 0 ? "f32" : d;
}
