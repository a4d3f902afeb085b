import { isFloat, numbersOf, type TensorData, type TensorType, wrap } from "@tflower/core";
import type { FusedActivation } from "../../dialect/define-tfl.ts";
import { extentsOf } from "../axes.ts";
import { activate } from "../pointwise.ts";
import { delegatedCodes } from "./dynamic-codes.ts";
import type { EvaluateQuantized } from "./quantized-kernel.ts";

const f = Math.fround;

/** FULLY_CONNECTED of floats and weights with a scale for each block of a row: rows become bytes, and each block has a sum of its own. */
export const blockwiseProducts: EvaluateQuantized = ({ input, filter, bias }, attrs, [type]) => {
  const [x, w] = [input as TensorData, filter as TensorData];
  const { quant } = w.type;
  if (!quant?.block || !isFloat(x.type.dtype) || quant.zeroPoints.some((z) => z !== 0)) return undefined;
  const [outs, ins] = extentsOf(w) as [number, number];
  const { block } = quant;
  const blocks = ins / block;
  const from = numbersOf(x);
  const weights = numbersOf(w);
  const add = bias && numbersOf(bias as TensorData);
  const codes = new Int32Array(from.length);
  const rows = from.length / ins;
  const out = new Float32Array(rows * outs);
  for (let r = 0; r < rows; r++) {
    const { scale, zero } = delegatedCodes(from, r * ins, ins, codes);
    for (let o = 0; o < outs; o++) {
      let sum = 0;
      for (let b = 0; b < blocks; b++) {
        let dot = 0;
        for (let k = b * block; k < (b + 1) * block; k++) dot += (codes[r * ins + k]! - zero) * weights[o * ins + k]!;
        sum = f(sum + f(dot * quant.scales[o * blocks + b]!));
      }
      out[r * outs + o] = f(f(sum * scale) + (add ? add[o]! : 0));
    }
  }
  const activation = (attrs["fused_activation_function"] ?? "NONE") as FusedActivation;
  return activate(wrap(type as TensorType, out), activation);
};
