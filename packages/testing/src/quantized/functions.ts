import { tfl } from "@tflower/backend-tflite";
import { type DType, type Quantization, tensor } from "@tflower/core";
import { drawExtent, drawShape } from "../arbitrary/shapes.ts";
import type { Choose } from "../choose/choose.ts";
import { codeSlot, codesOf, drawQuantization } from "./draw-quantization.ts";
import { type KernelClaims, oneCode, type QuantizedSample } from "./quantized-sample.ts";

interface FunctionOptions {
  /** The only quantization that the result may have, or about its scale. */
  readonly output?: Quantization | number;
  /** About the scale of the operand. */
  readonly near?: number;
  readonly attrs?: (choose: Choose) => Readonly<Record<string, unknown>>;
  /** The kernel refuses negative numbers. */
  readonly positive?: boolean;
  readonly minRank?: number;
}

/** A function by element, or of rows. */
const unary =
  (
    dtype: DType,
    { output, near = dtype === "i16" ? 2 ** -12 : 2 ** -5, attrs, positive, minRank = 0 }: FunctionOptions,
  ) =>
  (choose: Choose) => {
    const shape = drawShape(choose, { minRank });
    const from = drawQuantization(choose, dtype, { near });
    const to =
      typeof output === "object" ? output : drawQuantization(choose, dtype, { near: output ?? from.scales[0]! });
    const slot = codeSlot(dtype, shape, from, { constant: false });
    const values = positive
      ? { min: Math.min(from.zeroPoints[0]! + 1, codesOf(dtype).max), max: codesOf(dtype).max }
      : slot.values!;
    return {
      operands: { input: { ...slot, values } },
      attrs: attrs?.(choose) ?? {},
      types: [tensor(dtype, shape, to)],
    };
  };

type Claims = (dtype: DType) => KernelClaims;
const noClaims: Claims = () => ({});

/** A form for each dtype. */
const each = (
  op: unknown,
  dtypes: readonly DType[],
  draw: (d: DType) => (choose: Choose) => unknown,
  claims = noClaims,
): readonly QuantizedSample[] =>
  dtypes.map((dtype) => ({ op, form: dtype, draw: draw(dtype), ...claims(dtype) }) as QuantizedSample);
const forms = (
  op: unknown,
  dtypes: readonly DType[],
  o: FunctionOptions | ((d: DType) => FunctionOptions) = {},
  claims = noClaims,
): readonly QuantizedSample[] => each(op, dtypes, (d) => unary(d, typeof o === "function" ? o(d) : o), claims);

const at = (scale: number, zero = 0): Quantization => ({ scales: [scale], zeroPoints: [zero] });
const steps = (dtype: DType): number => (dtype === "i16" ? 32768 : 128);

const prelu = (dtype: DType) => (choose: Choose) => {
  const shape = drawShape(choose, { minRank: 1 });
  const from = drawQuantization(choose, dtype);
  const alpha = shape
    .map((d, i) => (i === shape.length - 1 || choose.maybe(0.3) ? d : 1))
    .slice(choose.below(shape.length));
  return {
    operands: {
      input: codeSlot(dtype, shape, from, { constant: false }),
      alpha: codeSlot(dtype, alpha, drawQuantization(choose, dtype, { near: 2 ** -7 }), { constant: true }),
    },
    types: [tensor(dtype, shape, drawQuantization(choose, dtype, { near: from.scales[0]! }))],
  };
};

const reduction = (dtype: DType, sums: boolean) => (choose: Choose) => {
  const shape = drawShape(choose, { minRank: 1 });
  const axes = choose.permutation(shape.length).slice(0, choose.between(1, shape.length));
  const keep_dims = choose.maybe(0.5);
  const from = drawQuantization(choose, dtype);
  const count = axes.reduce((n, a) => n * shape[a]!, 1);
  const to = drawQuantization(choose, dtype, { near: from.scales[0]! * (sums ? Math.sqrt(count) : 1) });
  const result = shape.flatMap((d, i) => (axes.includes(i) ? (keep_dims ? [1] : []) : [d]));
  return {
    operands: { input: codeSlot(dtype, shape, from, { constant: false }) },
    attrs: { axes, keep_dims },
    types: [tensor(dtype, result, to)],
  };
};

const pool = (dtype: DType) => (choose: Choose) => {
  const [h, w] = [choose.between(1, 4), choose.between(1, 4)];
  const padding = choose.pick(["SAME", "VALID"] as const);
  const least = (k: number) => (padding === "VALID" ? k : 1);
  const shape = [choose.between(1, 2), choose.between(least(h), 7), choose.between(least(w), 7), choose.between(1, 17)];
  return {
    operands: { input: codeSlot(dtype, shape, drawQuantization(choose, dtype), { constant: false }) },
    attrs: {
      padding,
      filter_height: h,
      filter_width: w,
      stride_h: choose.between(1, 3),
      stride_w: choose.between(1, 3),
      fused_activation_function: choose.pick(["NONE", "RELU", "RELU6", "RELU_N1_TO_1"] as const),
    },
  };
};

const resize = (dtype: DType) => (choose: Choose) => {
  const shape = [choose.between(1, 2), drawExtent(choose), drawExtent(choose), choose.between(1, 5)];
  const [align_corners, half_pixel_centers] = choose.pick([
    [false, false],
    [false, true],
    [true, false],
  ] as const);
  return {
    operands: { input: codeSlot(dtype, shape, drawQuantization(choose, dtype), { constant: false }) },
    attrs: { size: [choose.between(1, 12), choose.between(1, 12)], align_corners, half_pixel_centers },
  };
};

const bytes = ["i8", "u8"] as const;
const all = ["i8", "u8", "i16"] as const;
const signed = ["i8", "i16"] as const;
const probabilities = (d: DType): FunctionOptions => ({
  output: d === "i16" ? at(2 ** -15) : at(2 ** -8, d === "i8" ? -128 : 0),
});

const sigmoids = (d: DType): KernelClaims => (d === "i16" ? { others: { codes: 12 } } : d === "i8" ? oneCode : {});
/** The portable kernel takes signed codes for unsigned ones. */
const sumClaims: KernelClaims = { exactOn: "builtin", differsOn: ["reference"], ...oneCode };

/** Functions by element or of rows, reductions, pools and resizing. */
export const functionForms = [
  ...forms(tfl.logistic, all, probabilities, sigmoids),
  ...forms(
    tfl.tanh,
    all,
    (d) => ({ output: d === "i16" ? at(2 ** -15) : at(2 ** -7, d === "i8" ? 0 : 128) }),
    sigmoids,
  ),
  ...forms(tfl.hardSwish, bytes),
  ...forms(tfl.leakyRelu, all, { attrs: (c) => ({ alpha: Math.fround(c.pick([0.1, 0.01, 0.5, 1.5, -0.3])) }) }, (d) =>
    d === "i16" ? {} : oneCode,
  ),
  ...each(tfl.prelu, bytes, prelu),
  ...forms(tfl.relu, all),
  ...forms(tfl.relu6, all, (d) => ({ near: 16 / steps(d) })),
  ...forms(tfl.reluN1To1, bytes),
  ...forms(tfl.relu0To1, bytes),
  ...forms(tfl.elu, ["i8"], {}, () => ({ exactOn: "builtin", ...oneCode })),
  // the table holds what the machine's error function gives
  ...forms(tfl.gelu, all, { attrs: (c) => ({ approximate: c.maybe(0.5) }) }, (d) =>
    d === "i16" ? { equal: { codes: 1 } } : {},
  ),
  ...forms(tfl.exp, signed, (d) => ({ near: 4 / steps(d), output: 40 / steps(d) })),
  ...forms(tfl.log, signed, (d) => ({ output: 4 / steps(d) })),
  ...forms(tfl.abs, signed),
  ...forms(tfl.sqrt, signed, (d) => ({ positive: true, output: 2 / steps(d) })),
  ...forms(tfl.rsqrt, signed, (d) => ({ positive: true, output: 4 / steps(d) })),
  ...forms(tfl.softmax, all, (d) => ({
    ...probabilities(d),
    minRank: 1,
    attrs: (c) => ({ beta: Math.fround(c.pick([1, 0.5, 2.3])) }),
  })),
  ...forms(
    tfl.logSoftmax,
    bytes,
    (d) => ({ output: at(2 ** -4, d === "i8" ? 127 : 255), minRank: 1 }),
    () => ({ exactOn: "builtin", differsOn: ["reference"] }),
  ),
  ...forms(tfl.l2Normalization, bytes, (d) => ({ output: at(2 ** -7, d === "i8" ? 0 : 128), minRank: 1 })),
  ...each(
    tfl.mean,
    all,
    (d) => reduction(d, false),
    (d) => (d === "i16" ? {} : oneCode),
  ),
  ...each(
    tfl.sum,
    all,
    (d) => reduction(d, true),
    () => sumClaims,
  ),
  ...each(tfl.averagePool2d, all, pool),
  ...each(tfl.maxPool2d, all, pool),
  ...each(tfl.resizeBilinear, signed, resize, (d) => (d === "i16" ? {} : { others: { codes: 2 } })),
  ...each(tfl.resizeNearestNeighbor, all, resize),
];
