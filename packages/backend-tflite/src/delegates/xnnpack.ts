import type { Node, Value } from "@tflower/core";
import {
  all,
  attrIs,
  attrOf,
  between,
  bytes,
  dataOf,
  type Elements,
  extentOf,
  fixedParameters,
  floats,
  floatsOrBytes,
  holds,
  operandOf,
  ranksUpTo,
  that,
} from "./checks.ts";
import { type Check, type DelegateTable, verdictOfTable } from "./rule.ts";
import { readsVariable, takesVariable } from "./xnnpack-variables.ts";
import { biasForms, fixed, isFixed, unpackable, weightForms } from "./xnnpack-weights.ts";

/** Axes of a tensor in XNNPACK. */
const axes = 6;
const scaleOf = (v: Value | undefined): number | undefined => v?.type.quant?.scales[0];

/** Bytes of different scales differ by no more than the kernels can shift. */
const ratio = (low: number, high: number, of: (node: Node) => readonly (number | undefined)[]): Check =>
  that(
    (n) => of(n).every((r) => r === undefined || (r >= low && r < high)),
    "the scales of its operands and its result are too far apart",
    "calibrate with more samples, or give operand and result one scale",
  );
const toResult = (n: Node): readonly (number | undefined)[] =>
  n.inputs.map((v) => {
    const [a, b] = [scaleOf(v), scaleOf(n.result)];
    return a === undefined || b === undefined ? undefined : a / b;
  });
const productToResult = (n: Node): readonly (number | undefined)[] => {
  const [a, b, c] = [...n.inputs, n.result].map(scaleOf);
  return [a === undefined || b === undefined || c === undefined ? undefined : (a * b) / c];
};
const oneType = that(
  (n) => n.inputs.every((v) => v.type.dtype === n.result.type.dtype),
  (n) => `it works on ${[...n.inputs, n.result].map((v) => v.type.dtype).join(", ")}, and takes one dtype`,
);
const sameScales = that(
  (n) =>
    floats.has(n.result.type) ||
    n.inputs.every(
      (v) => scaleOf(v) === scaleOf(n.result) && v.type.quant?.zeroPoints[0] === n.result.type.quant?.zeroPoints[0],
    ),
  "its operands and its result have different scales",
  "give them one scale",
);

const unary = (elements: Elements): readonly Check[] => [holds(elements), ranksUpTo(axes, (n) => n.inputs)];
const binary = (elements: Elements, ...more: readonly Check[]): readonly Check[] => [
  holds(elements),
  ranksUpTo(axes),
  ...more,
];
const pooling = (operands: Elements): readonly Check[] => [
  holds(operands),
  that(
    (n) =>
      Number(attrOf(n, "stride_w")) <= Number(attrOf(n, "filter_width")) &&
      Number(attrOf(n, "stride_h")) <= Number(attrOf(n, "filter_height")),
    "its stride is larger than its window",
    "take a slice with steps before it",
  ),
];
const moved = (...more: readonly Check[]): readonly Check[] => [fixedParameters, holds(floatsOrBytes), ...more];
const reduction = moved(
  ranksUpTo(axes),
  that((n) => (attrOf(n, "axes") as readonly number[]).length > 0, "it reduces no axis"),
);
const convolution = (f: Parameters<typeof weightForms>[0]): readonly Check[] => [
  fixed(f.weights, "filter"),
  weightForms(f),
  biasForms,
];
const block: Check = that((n) => Number(attrOf(n, "block_size")) > 1, "its block is one element");
const alpha = that(
  (n) => Math.abs(Number(attrOf(n, "alpha"))) >= 2 ** -126 && Number.isFinite(attrOf(n, "alpha")),
  "its slope is zero",
  "use RELU",
);

/** Constants that are widened belong to whoever reads them: all of those inside, or none. */
const dequantize: Check = (n) => {
  if (!unpackable(n))
    return all(
      holds(bytes, (x) => x.inputs),
      holds(floats, (x) => x.results),
    )(n);
  const reader = [...n.result.users].find((u) => !xnnpackSupport(u)?.supported);
  return reader
    ? { reason: `it widens a constant for ${reader.op.traits.tfl?.builtin ?? reader.op.name}, which is outside` }
    : undefined;
};
const matmul: Check = (n) => {
  const [a, b] = [operandOf(n, "x")!.type, operandOf(n, "y")!.type];
  if (a.dtype === "f32" && b.dtype === "i8") return undefined;
  if (a.dtype !== b.dtype) return { reason: `it multiplies ${a.dtype} by ${b.dtype}`, help: "give both one dtype" };
  if (a.dtype === "i8" && (b.quant?.scales.length !== 1 || b.quant.zeroPoints[0] !== 0))
    return { reason: "its second operand has a zero point or several scales", help: "quantize it symmetrically" };
  return undefined;
};
const quantize = ratio(1 / 256, 128, toResult);
const rescales: Check = (n) =>
  floats.has(n.inputs[0]!.type) || n.inputs[0]!.type.dtype === n.result.type.dtype
    ? quantize(n)
    : { reason: `it turns ${n.inputs[0]!.type.dtype} into ${n.result.type.dtype}`, help: "keep one dtype throughout" };

/**
 * What XNNPACK takes, with the settings that LiteRT's own builds have: bytes allowed, fully connected layers with constant weights. Held
 * against what the runtime has delegated by `conformance/check_delegates.py`, whose results are in `conformance/delegates.snap.txt`; no op is
 * known on which they differ. Of the bodies of control flow the runtime tells nothing, so that nothing is known about those.
 */
export const xnnpackTable: DelegateTable = {
  name: "XNNPACK",
  builtins: {
    ...Object.fromEntries(
      "ABS CEIL COS EXP FLOOR GELU HARD_SWISH LOG NEG RELU RELU6 RELU_N1_TO_1 ROUND RSQRT SIN SQRT SQUARE"
        .split(" ")
        .map((b) => [b, unary(floats)]),
    ),
    ELU: unary({ text: "f32, f16, or i8 with one scale", has: (t) => floatsOrBytes.has(t) && t.dtype !== "u8" }),
    LOGISTIC: unary(floatsOrBytes),
    TANH: unary(floatsOrBytes),
    LEAKY_RELU: [...unary(floatsOrBytes), alpha, ratio(1 / 256, 128, toResult)],
    DEQUANTIZE: [dequantize],
    QUANTIZE: [...unary(floatsOrBytes), rescales],
    ADD: binary(floatsOrBytes, oneType, ratio(1 / 1024, 256, toResult)),
    SUB: binary(floatsOrBytes, oneType, ratio(1 / 1024, 256, toResult)),
    MUL: binary(floatsOrBytes, oneType, ratio(1 / 65536, 256, productToResult)),
    DIV: binary(floats),
    MAXIMUM: binary(floats),
    MINIMUM: binary(floats),
    SQUARED_DIFFERENCE: binary(floats),
    PRELU: binary(
      floats,
      that((n) => isFixed(operandOf(n, "alpha")!), "its slopes are computed at run time", "make the slopes constants"),
    ),
    AVERAGE_POOL_2D: pooling(floats),
    MAX_POOL_2D: pooling(floatsOrBytes),
    BATCH_MATMUL: [
      holds(floatsOrBytes, dataOf("x")),
      that((n) => n.inputs.every((v) => v.type.shape.length >= 2), "an operand has fewer than two axes"),
      matmul,
    ],
    CONCATENATION: [
      between(2, 5, "operands", (n) => n.inputs.length, "join them in two steps"),
      holds(floatsOrBytes),
      that(
        (n) => n.result.type.dtype !== "u8" || sameScales(n) === undefined,
        "its operands and its result have different scales",
      ),
    ],
    CONV_2D: [...convolution({ input: "input", weights: "filter", axis: 0, dynamic: ["i8"] }), fixed("bias", "bias")],
    DEPTHWISE_CONV_2D: [
      ...convolution({ input: "input", weights: "filter", axis: 3, dynamic: [] }),
      fixed("bias", "bias"),
    ],
    TRANSPOSE_CONV: [
      fixedParameters,
      ...convolution({ input: "input", weights: "weights", axis: 0, dynamic: ["i8"] }),
      fixed("bias", "bias", true),
    ],
    FULLY_CONNECTED: [
      attrIs("weights_format", ["DEFAULT"]),
      ...convolution({
        input: "input",
        weights: "filter",
        axis: 0,
        dynamic: ["i8", "i4", "i2"],
        static: ["i8", "i4", "i2"],
        packed: true,
      }),
      that(
        (n) => {
          const t = operandOf(n, "filter")!.type;
          const width = extentOf(t, 1) ?? 0;
          return t.dtype === "i4" ? width % 2 === 0 : t.dtype === "i2" ? width % 4 === 0 : true;
        },
        "rows of its weights do not end with a byte",
        "pad the layer's inputs to an even number",
      ),
      fixed("bias", "bias", true),
    ],
    MEAN: reduction,
    SUM: reduction,
    REDUCE_MAX: reduction,
    REDUCE_MIN: reduction,
    PAD: moved(
      ranksUpTo(axes),
      that(
        (n) => (attrOf(n, "paddings") as readonly unknown[]).every((p) => typeof p === "number" && p >= 0),
        "it cuts, or its widths are not known",
        "cut with a slice",
      ),
    ),
    RESHAPE: moved(ranksUpTo(axes), sameScales),
    RESIZE_BILINEAR: moved(),
    SLICE: moved(
      that(
        (n) => (attrOf(n, "size") as readonly unknown[]).every((s) => typeof s === "number" && s > 0),
        "a size of it is not known, or zero",
        "export the program with fixed sizes",
      ),
    ),
    STRIDED_SLICE: moved(
      that(
        (n) => (attrOf(n, "strides") as readonly number[]).every((s) => s === 1),
        "it takes steps of more than one",
        "reshape and slice, or take a pooling window of 1 with that stride",
      ),
      attrIs("ellipsis_mask", [0]),
      attrIs("new_axis_mask", [0]),
      attrIs("shrink_axis_mask", [0], "keep the axis, and reshape it away"),
    ),
    SOFTMAX: [attrIs("beta", [1], "multiply by it first"), holds(floats)],
    SPACE_TO_DEPTH: [holds(floatsOrBytes), block],
    DEPTH_TO_SPACE: [holds(floatsOrBytes), block],
    SPLIT: [between(2, 4, "results", (n) => n.results.length, "split in two steps"), ...moved()],
    TRANSPOSE: moved(ranksUpTo(axes)),
    VAR_HANDLE: [takesVariable],
    READ_VARIABLE: [readsVariable],
    ASSIGN_VARIABLE: [readsVariable],
    STABLEHLO_COMPOSITE: [attrIs("name", ["odml.scaled_dot_product_attention"]), holds(floats)],
  },
  custom: {
    Convolution2DTransposeBias: [holds(floats)],
    MaxPoolingWithArgmax2D: [holds(floats, (n) => [...n.inputs, n.results[0]!])],
    MaxUnpooling2D: [holds(floats, (n) => [n.inputs[0]!, ...n.results])],
  },
  always: [],
  instead: {
    EXPAND_DIMS: "reshape does the same, and is taken",
    SQUEEZE: "reshape does the same, and is taken",
    PACK: "reshape the operands, and concatenate",
    UNPACK: "slice, and reshape",
    SPLIT_V: "slice each part",
    RESIZE_NEAREST_NEIGHBOR: "for whole factors: reshape, concatenate with itself, reshape",
    MIRROR_PAD: "slice, reverse and concatenate the border",
    PADV2: "shift values so that zero pads, then shift back",
    POW: "square, square root or multiply, where the exponent is fixed",
    BROADCAST_TO: "most ops broadcast by themselves: leave it out",
    TILE: "most ops broadcast by themselves; or concatenate with itself",
    SELECT: "multiply by a mask of zeros and ones, where infinities cannot occur",
    SELECT_V2: "multiply by a mask of zeros and ones, where infinities cannot occur",
    GATHER: "slice, where the places are fixed",
  },
};

/** Whether XNNPACK takes a node, and if not, why. */
export const xnnpackSupport = verdictOfTable(xnnpackTable);
