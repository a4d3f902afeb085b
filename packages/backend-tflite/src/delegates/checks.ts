import type { DType, Node, TensorType, Value } from "@tflower/core";
import type { Check } from "./rule.ts";

/** An attribute, where the op has it. */
export const attrOf = (node: Node, name: string): unknown => (node.attrs as Readonly<Record<string, unknown>>)[name];
/** The value of an operand that is one value. */
export const operandOf = (node: Node, name: string): Value | undefined => node.operands_[name] as Value | undefined;
/** Extent of an axis, where it is known. */
export const extentOf = (type: TensorType | undefined, axis: number): number | undefined => {
  const d = type?.shape.at(axis);
  return typeof d === "number" ? d : undefined;
};
const isFloat = (dtype: DType): boolean => dtype === "f32" || dtype === "f16";

/** How elements are held, in the words of messages: `i8`, `i8 with a scale per channel`. */
export function elementsOf({ dtype, quant }: TensorType): string {
  if (!quant) return dtype;
  if (quant.block !== undefined) return `${dtype} with a scale per block`;
  return quant.scales.length > 1 ? `${dtype} with a scale per channel` : `${dtype} with one scale`;
}

/** A set of forms in which elements may be held. */
export interface Elements {
  readonly text: string;
  readonly has: (type: TensorType) => boolean;
}
const oneScale = (t: TensorType): boolean =>
  t.quant !== undefined && t.quant.block === undefined && t.quant.scales.length === 1;
/** float32 and float16. */
export const floats: Elements = { text: "f32 or f16", has: (t) => isFloat(t.dtype) };
/** Bytes with one scale. */
export const bytes: Elements = {
  text: "i8 or u8 with one scale",
  has: (t) => (t.dtype === "i8" || t.dtype === "u8") && oneScale(t),
};
/** Floats, or bytes with one scale. */
export const floatsOrBytes: Elements = {
  text: "f32, f16, or i8 or u8 with one scale",
  has: (t) => floats.has(t) || bytes.has(t),
};

/** What to do about elements that a delegate does not take. */
export function helpForElements(t: TensorType): string | undefined {
  if (t.dtype === "i16") return "quantize activations to 8 bits, or leave this part float";
  if (t.dtype === "i8" || t.dtype === "u8")
    return t.quant ? "leave this op float, or requantize with one scale for the tensor" : undefined;
  if (t.dtype === "i64" || t.dtype === "i32" || t.dtype === "bool")
    return "compute it in float32, or keep it out of the model: prepare indices and masks before it runs";
  if (t.dtype === "bf16" || t.dtype === "f64") return "export the program in float32";
  return undefined;
}

/** Every tensor, or those that `which` gives, holds its elements in such a form. */
export const holds =
  (elements: Elements, which: (node: Node) => readonly Value[] = (n) => [...n.inputs, ...n.results]): Check =>
  (node) => {
    const bad = which(node).find((v) => !elements.has(v.type));
    if (!bad) return undefined;
    const help = helpForElements(bad.type);
    return {
      reason: `it works on ${elementsOf(bad.type)}, and takes ${elements.text}`,
      ...(help !== undefined && { help }),
    };
  };

/** The results, and these operands. */
export const dataOf =
  (...operands: readonly string[]) =>
  (node: Node): readonly Value[] => [
    ...operands.flatMap((o) => node.operands_[o] ?? []).filter((v): v is Value => v !== undefined),
    ...node.results,
  ];

/** An attribute has one of these values. */
export const attrIs =
  (name: string, allowed: readonly unknown[], help?: string): Check =>
  (node) =>
    allowed.includes(attrOf(node, name))
      ? undefined
      : {
          reason: `its ${name} is ${String(attrOf(node, name))}, and it takes ${allowed.join(" or ")}`,
          ...(help !== undefined && { help }),
        };

/** Attributes that are tensors in the file are constants there. */
export const fixedParameters: Check = (node) => {
  const tfl = node.op.traits.tfl;
  const computed = Object.keys(tfl?.parameters ?? {}).find((p) => node.operands_[p] !== undefined);
  return computed === undefined
    ? undefined
    : {
        reason: `its ${computed} is computed at run time`,
        help: "export the program with fixed sizes for this part",
      };
};

/** Tensors have no more axes than this. */
export const ranksUpTo =
  (most: number, which: (node: Node) => readonly Value[] = (n) => [...n.inputs, ...n.results]): Check =>
  (node) => {
    const bad = which(node).find((v) => v.type.shape.length > most);
    return bad
      ? {
          reason: `it works on a tensor of ${bad.type.shape.length} axes, and takes up to ${most}`,
          help: "merge axes in the program: reshape before it and after it",
        }
      : undefined;
  };

/** It has between `least` and `most` of what `count` counts. */
export const between =
  (least: number, most: number, what: string, count: (node: Node) => number, help?: string): Check =>
  (node) => {
    const n = count(node);
    return n >= least && n <= most
      ? undefined
      : {
          reason: `it has ${n} ${what}, and takes ${least === most ? least : `${least} to ${most}`}`,
          ...(help !== undefined && { help }),
        };
  };

/** A condition in a few words. */
export const that =
  (holdsFor: (node: Node) => boolean, reason: string | ((node: Node) => string), help?: string): Check =>
  (node) =>
    holdsFor(node)
      ? undefined
      : { reason: typeof reason === "string" ? reason : reason(node), ...(help !== undefined && { help }) };

/** The first check that refuses. */
export const all =
  (...checks: readonly Check[]): Check =>
  (node) => {
    for (const check of checks) {
      const refusal = check(node);
      if (refusal) return refusal;
    }
    return undefined;
  };
