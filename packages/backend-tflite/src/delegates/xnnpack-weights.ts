import type { Node, Quantization, TensorType, Value } from "@tflower/core";
import * as tfl from "../dialect/index.ts";
import { all, elementsOf, floats, floatsOrBytes, helpForElements, holds, operandOf, that } from "./checks.ts";
import type { Check } from "./rule.ts";

/** A constant, or one that is only widened: XNNPACK unpacks it once, when it takes the graph. */
export const isFixed = (v: Value): boolean =>
  v.constant !== undefined || (v.producer?.is(tfl.dequantize) === true && unpackable(v.producer));
/** Whether a node widens a constant to float32. */
export const unpackable = (node: Node): boolean => {
  const [from] = node.inputs;
  return (
    node.is(tfl.dequantize) &&
    from!.constant !== undefined &&
    (from!.type.dtype === "f16" || (from!.type.dtype === "i8" && from!.type.quant !== undefined)) &&
    node.result.type.dtype === "f32"
  );
};

/** An operand is there, and is a constant. */
export const fixed = (operand: string, what: string, optional = false): Check =>
  that(
    (n) => {
      const v = operandOf(n, operand);
      return v === undefined ? optional : isFixed(v);
    },
    (n) => (operandOf(n, operand) ? `its ${what} is computed at run time` : `it has no ${what}`),
    `give it a constant ${what}`,
  );

const oneScaleOrAlong = (q: Quantization, axis: number): boolean =>
  q.block === undefined && (q.scales.length === 1 || q.axis === axis);
const zeroPoints = (q: Quantization | undefined): boolean => (q?.zeroPoints ?? []).every((z) => z === 0);
const signed = (t: TensorType): boolean => t.dtype === "i8" || t.dtype === "i4" || t.dtype === "i2";

/** How weights of an op may be held beside its input. */
export interface WeightForms {
  readonly input: string;
  readonly weights: string;
  /** Axis along which there may be one scale for each channel. */
  readonly axis: number;
  /** Weights of these types go with a float input, which is quantized as it comes. */
  readonly dynamic: readonly string[];
  /** Weights of these types go with an input of bytes; of the input's own type where this is left out. */
  readonly static?: readonly string[];
  /** Weights of a few bits, and scales by block. */
  readonly packed?: boolean;
}

/** Input, weights and result go together. */
export function weightForms(f: WeightForms): Check {
  const together: Check = (node) => {
    const input = operandOf(node, f.input)!.type;
    const weights = operandOf(node, f.weights)!.type;
    const result = node.result.type;
    const refuse = (reason: string, help?: string): ReturnType<Check> => ({
      reason,
      ...(help !== undefined && { help }),
    });
    if (!floats.has(weights)) {
      const q = weights.quant;
      if (!q || !(weights.dtype === "u8" || (f.packed ? signed(weights) : weights.dtype === "i8")))
        return refuse(`its weights are ${elementsOf(weights)}`, helpForElements(weights));
      if (q.block !== undefined ? !(f.packed && q.block % 32 === 0) : !oneScaleOrAlong(q, f.axis))
        return refuse(
          `its weights are ${elementsOf(weights)}, which it takes along axis ${f.axis}`,
          "quantize weights per output channel",
        );
    }
    const dynamic = input.dtype === "f32" && f.dynamic.includes(weights.dtype);
    const fixedPoint = input.dtype === "i8" && (f.static ?? []).includes(weights.dtype);
    if (input.dtype !== result.dtype || (input.dtype !== weights.dtype && !dynamic && !fixedPoint))
      return refuse(
        `its input is ${input.dtype}, its weights ${weights.dtype} and its result ${result.dtype}`,
        "quantize all three, only the weights to 8 bits, or none",
      );
    if (!dynamic && weights.dtype === "i8" && !zeroPoints(weights.quant))
      return refuse("its weights have a zero point", "quantize weights symmetrically");
    return undefined;
  };
  return all(
    holds(floatsOrBytes, (n) => [operandOf(n, f.input)!, n.result]),
    together,
  );
}

/** A bias is float beside float weights, and int32 with scales beside quantized ones. */
export const biasForms: Check = (node) => {
  const bias = operandOf(node, "bias")?.type;
  const bad = bias && !floats.has(bias) && !(bias.dtype === "i32" && bias.quant);
  return bad ? { reason: `its bias is ${elementsOf(bias)}`, help: "a bias is f32, or i32 with scales" } : undefined;
};
