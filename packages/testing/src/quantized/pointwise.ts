import { tfl } from "@tflower/backend-tflite";
import { broadcastShapes, countOf, type DType, type OpDef, tensor, tensorData } from "@tflower/core";
import { slot } from "../application/sample.ts";
import { drawBroadcastable, drawShape } from "../arbitrary/shapes.ts";
import type { Choose } from "../choose/choose.ts";
import { codeSlot, codesOf, drawQuantization } from "./draw-quantization.ts";
import { oneCode, type QuantizedSample } from "./quantized-sample.ts";

const activations = ["NONE", "NONE", "RELU", "RELU6", "RELU_N1_TO_1"] as const;

/** An activated op on pairs; `near` gives about the scale of the result. */
const pair =
  (dtype: DType, near: (a: number, b: number) => number, attrs: Readonly<Record<string, unknown>> = {}) =>
  (choose: Choose) => {
    const shape = drawShape(choose, { maxRank: 4 });
    const other = drawBroadcastable(choose, shape);
    const [a, b] = [drawQuantization(choose, dtype), drawQuantization(choose, dtype)];
    const quant = drawQuantization(choose, dtype, { near: near(a.scales[0]!, b.scales[0]!) });
    const [lhs, rhs] = choose.maybe(0.3) ? [other, shape] : [shape, other];
    return {
      operands: { lhs: codeSlot(dtype, lhs, a, { constant: false }), rhs: codeSlot(dtype, rhs, b) },
      attrs: { fused_activation_function: choose.pick(activations), ...attrs },
      types: [tensor(dtype, broadcastShapes(lhs, rhs), quant)],
    };
  };
const larger = (a: number, b: number): number => 2 * Math.max(a, b);
const product =
  (most: number) =>
  (a: number, b: number): number =>
    (a * b * most) / 2;

const requantize = (from: DType, to: DType) => (choose: Choose) => {
  const shape = drawShape(choose, { minRank: 1 });
  const quant = drawQuantization(choose, from);
  const ratio: Partial<Record<string, number>> = {
    "i8 i16": 2 ** -8,
    "i16 i8": 2 ** 8,
    "i32 i8": 2 ** 24,
    "i32 i16": 2 ** 16,
  };
  const scale = quant.scales[0]! * (ratio[`${from} ${to}`] ?? 1);
  return {
    operands: { input: codeSlot(from, shape, quant, { constant: false }) },
    types: [tensor(to, shape, drawQuantization(choose, to, { near: scale }))],
  };
};
const quantize = (to: DType) => (choose: Choose) => {
  const shape = drawShape(choose, { minRank: 1 });
  const quant = drawQuantization(choose, to);
  const { max, min } = codesOf(to);
  // halves of steps are ties
  const halves = choose.maybe(0.5);
  const elements = Array.from({ length: countOf(shape) }, () => {
    const code = choose.between(2 * min, 2 * max) - 2 * quant.zeroPoints[0]!;
    return quant.scales[0]! * ((halves ? code : code * 1.1 + choose.below(1000) / 1000) / 2);
  });
  const input = { ...slot("f32", shape, { constant: false }), data: tensorData("f32", shape, elements) };
  return { operands: { input }, types: [tensor(to, shape, quant)] };
};
const dequantize = (from: DType) => (choose: Choose) => {
  const shape = drawShape(choose, { minRank: 1 });
  return { operands: { input: codeSlot(from, shape, drawQuantization(choose, from), { constant: false }) } };
};

const comparing = (choose: Choose) => {
  const { operands, types } = pair("i8", () => 1)(choose);
  return { operands, types: [tensor("bool", types[0]!.shape)] };
};
const squaredDifference = (choose: Choose) => {
  const { operands, types } = pair("i8", (a, b) => Math.max(a, b) ** 2 * 128)(choose);
  return { operands, types };
};
const comparisons = [tfl.equal, tfl.notEqual, tfl.less, tfl.lessEqual, tfl.greater, tfl.greaterEqual] as const;

const quantizing = (to: DType): QuantizedSample => ({
  op: tfl.quantize as unknown as OpDef,
  form: `f32 to ${to}`,
  draw: quantize(to),
  exactOn: to === "i16" ? "reference" : "xnnpack",
  ...oneCode,
});
const requantizing = (from: DType, to: DType): QuantizedSample => ({
  op: tfl.quantize as unknown as OpDef,
  form: `${from} to ${to}`,
  draw: requantize(from, to),
  // bytes have kernels of their own
  ...(from.endsWith("8") && to.endsWith("8") && oneCode),
});

/** QUANTIZE, DEQUANTIZE and arithmetic by element. */
export const pointwiseForms = [
  { op: tfl.add, form: "i8", draw: pair("i8", larger), ...oneCode },
  { op: tfl.add, form: "i16", draw: pair("i16", larger) },
  { op: tfl.sub, form: "i8", draw: pair("i8", larger), ...oneCode },
  { op: tfl.sub, form: "i16", draw: pair("i16", larger) },
  { op: tfl.mul, form: "i8", draw: pair("i8", product(128)), ...oneCode },
  { op: tfl.mul, form: "i16", draw: pair("i16", product(32768)) },
  { op: tfl.squaredDifference, form: "i8", draw: squaredDifference },
  ...comparisons.map((op) => ({ op, form: "i8", draw: comparing })),
  ...(["i8", "u8", "i16"] as const).map(quantizing),
  requantizing("i8", "i8"),
  requantizing("i8", "u8"),
  requantizing("u8", "i8"),
  requantizing("i8", "i16"),
  requantizing("i16", "i8"),
  requantizing("i16", "i16"),
  requantizing("i32", "i8"),
  requantizing("i32", "i16"),
  { op: tfl.dequantize, form: "i8 to f32", draw: dequantize("i8"), others: { ulp: 2, rtol: 2e-7 } },
  { op: tfl.dequantize, form: "u8 to f32", draw: dequantize("u8"), others: { ulp: 2, rtol: 2e-7 } },
  { op: tfl.dequantize, form: "i16 to f32", draw: dequantize("i16") },
] as unknown as readonly QuantizedSample[];
