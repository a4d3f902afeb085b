import type { OpDef, TensorType, Value } from "@tflower/core";
import type { Mutant } from "./mutant.ts";

type Operands = Readonly<Record<string, Value | undefined | readonly (Value | undefined)[]>>;

/** The first two operands change places, where their order matters. */
function swapOperands(operands: Operands, op: OpDef): Operands | undefined {
  if (op.traits.commutative) return undefined;
  const [a, b] = Object.keys(operands).filter((k) => operands[k] !== undefined && !Array.isArray(operands[k]));
  if (a === undefined || b === undefined) return undefined;
  const [x, y] = [operands[a] as Value, operands[b] as Value];
  return x !== y && x.type.dtype === y.type.dtype ? { ...operands, [a]: y, [b]: x } : undefined;
}
/** Lists lose their order. */
function reverseLists(operands: Operands): Operands | undefined {
  for (const [k, v] of Object.entries(operands))
    if (Array.isArray(v) && v.length > 1 && v[0] !== v.at(-1)) return { ...operands, [k]: [...v].reverse() };
  return undefined;
}
/** An optional operand is forgotten. */
function dropOptional(operands: Operands, op: OpDef): Operands | undefined {
  for (const [k, v] of Object.entries(operands))
    if (v !== undefined && (op.operands as Record<string, { kind: string }>)[k]?.kind === "optional")
      return { ...operands, [k]: undefined };
  return undefined;
}

const isNumeric = (t: TensorType): boolean => t.dtype !== "bool" && t.shape.length <= 1;
/** Numbers of formulas and places: short constants. Weights are none. */
const shortConstant =
  (f: (v: number) => number) =>
  (elements: readonly number[], type: TensorType): readonly number[] | undefined => {
    if (!isNumeric(type) || elements.length === 0 || elements.length > 8) return undefined;
    const next = elements.map((v, i) => (i === 0 ? f(v) : v));
    return next[0] === elements[0] || !Number.isFinite(next[0]) ? undefined : next;
  };

/** A whole number of an attribute is one too large, where it is a length, a place or a count. */
function offByOne(attrs: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> | undefined {
  for (const k of ["begin", "end", "size", "paddings", "depth", "k", "stride_h", "filter_height", "multiples"]) {
    const v = attrs[k];
    if (typeof v === "number") return { ...attrs, [k]: v + 1 };
    if (Array.isArray(v) && v.length && typeof v[0] === "number") return { ...attrs, [k]: [v[0] + 1, ...v.slice(1)] };
  }
  return undefined;
}
/** A yes becomes a no. */
function flipFlag(attrs: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> | undefined {
  for (const [k, v] of Object.entries(attrs))
    if (typeof v === "boolean" && k !== "asymmetric_quantize_inputs") return { ...attrs, [k]: !v };
  return undefined;
}
/** An activation comes in, or goes. */
function changeActivation(attrs: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> | undefined {
  const v = attrs["fused_activation_function"];
  return v === undefined ? undefined : { ...attrs, fused_activation_function: v === "NONE" ? "RELU" : "NONE" };
}

/** Mistakes with operands, numbers and flags. */
export const valueMutants: readonly Mutant[] = [
  { name: "two operands change places", mutateOperands: swapOperands },
  { name: "a list of operands is reversed", mutateOperands: reverseLists },
  { name: "an optional operand is forgotten", mutateOperands: dropOptional },
  { name: "a number of a formula has the other sign", mutateConstant: shortConstant((v) => -v) },
  { name: "a number of a formula is one more", mutateConstant: shortConstant((v) => v + 1) },
  { name: "a length or a place is one more", mutate: offByOne },
  { name: "a flag is the other way", mutate: flipFlag },
  { name: "an activation comes in or goes", mutate: changeActivation },
];
