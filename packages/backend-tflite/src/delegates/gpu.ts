import type { DType, Node, Value } from "@tflower/core";
import {
  attrIs,
  attrOf,
  between,
  type Elements,
  fixedParameters,
  floats,
  helpForElements,
  operandOf,
  that,
} from "./checks.ts";
import { type Check, type DelegateTable, verdictOfTable } from "./rule.ts";

const atRunTime = (n: Node): readonly Value[] => n.inputs.filter((v) => !v.constant);
const oneInput = between(1, 1, "operands that are computed at run time", (n) => atRunTime(n).length);
const ofTwo: Check = that(
  (n) => atRunTime(n).length > 0,
  "all its operands are constants",
  "fold constants before the delegate sees the model",
);
const block: Check = that((n) => Number(attrOf(n, "block_size")) > 1, "its block is one element");
const paddedAxes: readonly Check[] = [
  oneInput,
  fixedParameters,
  that(
    (n) => [3, 4].includes(n.inputs[0]!.type.shape.length),
    (n) => `it pads a tensor of ${n.inputs[0]!.type.shape.length} axes, and takes 3 or 4`,
    "reshape to 3 or 4 axes around it",
  ),
];
const slicedAxes = that(
  (n) => [3, 4].includes(n.inputs[0]!.type.shape.length),
  (n) => `it cuts a tensor of ${n.inputs[0]!.type.shape.length} axes, and takes 3 or 4`,
  "reshape to 3 or 4 axes around it",
);
/** A tensor without elements has no bytes in the file, and is no constant to the delegate. */
const given = (parameter: string, reason: string): Check =>
  that((n) => (attrOf(n, parameter) as readonly unknown[]).length > 0, reason, "leave it out of the model");
const axesFixed: readonly Check[] = [oneInput, fixedParameters, given("axes", "it has no axis to work along")];
const convolved = between(1, 2, "operands that are computed at run time", (n) => atRunTime(n).length);

const casts: Check = (n) => {
  const [from, to] = [n.inputs[0]!.type.dtype, n.result.type.dtype];
  const float = (d: DType): boolean => floats.has({ dtype: d, shape: [] });
  const numbers: readonly DType[] = ["f32", "i32"];
  return (from === "bool" && float(to)) ||
    (float(from) && to === "bool") ||
    (numbers.includes(from) && numbers.includes(to))
    ? undefined
    : { reason: `it turns ${from} into ${to}`, help: "cast in the program around the model" };
};
const selected: Check = (n) => {
  const shape = JSON.stringify(n.result.type.shape);
  const bad = ["x", "y"]
    .map((o) => operandOf(n, o)!)
    .find((v) => {
      const s = v.type.shape;
      return s.length > 0 && JSON.stringify(s) !== shape && (s.length > 1 || Number(s[0]) > 1);
    });
  if (bad) return { reason: "a value to choose from is broadcast", help: "give both values the result's extents" };
  const flat = ["x", "y"].map((o) => operandOf(n, o)!).find((v) => !v.constant && v.type.shape.length === 2);
  return flat
    ? {
        reason: "a value to choose from has 2 axes and is computed at run time",
        help: "reshape to 3 or 4 axes around it",
      }
    : undefined;
};
const oneHot: Check = (n) => {
  const indices = operandOf(n, "indices")!.type;
  const outer = indices.shape.slice(0, -1);
  if (indices.dtype !== "i32") return { reason: `its indices are ${indices.dtype}`, help: "cast them to i32" };
  if (attrOf(n, "axis") !== -1) return { reason: "it adds another axis than the last" };
  if (outer.some((d, i) => d !== 1 && !(indices.shape.length > 3 && i === 0)))
    return { reason: "its indices have several axes", help: "reshape the indices to one axis" };
  const values = [operandOf(n, "on_value")!, operandOf(n, "off_value")!];
  return values.every((v) => v.constant && v.type.dtype === "f32")
    ? undefined
    : { reason: "its two values are not float32 constants" };
};
const gathered: readonly Check[] = [
  that((n) => operandOf(n, "indices")!.type.shape.length === 1, "its indices have not one axis", "flatten the indices"),
  that((n) => operandOf(n, "indices")!.type.dtype === "i32", "its indices are not i32", "make indices int32"),
];
const looked: readonly Check[] = [
  that(
    (n) => operandOf(n, "values")!.type.shape.length >= 2,
    "its table has one axis",
    "give the table a second axis of one element",
  ),
  that(
    (n) => ["f32", "i8", "i4", "i2"].includes(operandOf(n, "values")!.type.dtype),
    (n) => `its table holds ${operandOf(n, "values")!.type.dtype}`,
    "keep the table in float32 or quantize it to 8 or 4 bits",
  ),
];
const updated: readonly Check[] = [
  that(
    (n) => operandOf(n, "start_indices")!.type.dtype === "i32",
    "its place is given in int64",
    "count places in int32",
  ),
  that(
    (n) => operandOf(n, "operand")!.type.dtype === operandOf(n, "update")!.type.dtype,
    "what is written has another dtype than what it is written into",
  ),
];
const summed: readonly Check[] = [
  that((n) => floats.has(n.inputs[0]!.type), "it sums integers", "sum in float32"),
  fixedParameters,
];
const connected: readonly Check[] = [
  attrIs("weights_format", ["DEFAULT"]),
  between(0, 2, "operands that are computed at run time", (n) => atRunTime(n).length),
  that((n) => !operandOf(n, "input")!.constant, "its input is a constant", "transpose the product"),
  that(
    (n) =>
      attrOf(n, "keep_num_dims") !== true || operandOf(n, "input")!.type.shape.length === n.result.type.shape.length,
    "it keeps axes that its result does not have",
  ),
];
const strided: readonly Check[] = [
  attrIs("ellipsis_mask", [0]),
  attrIs("new_axis_mask", [0]),
  attrIs("shrink_axis_mask", [0], "keep the axis, and reshape it away"),
  slicedAxes,
];

/** What a value that is computed at run time may hold: in any op, and besides in some. */
const numbers: Elements = { text: "f32, f16, i8 or u8", has: (t) => ["f32", "f16", "i8", "u8"].includes(t.dtype) };
const besides: Readonly<Record<string, { readonly in?: readonly DType[]; readonly out?: readonly DType[] }>> = {
  ...Object.fromEntries(
    "EQUAL GREATER GREATER_EQUAL LESS LESS_EQUAL NOT_EQUAL".split(" ").map((b) => [b, { out: ["bool"] as const }]),
  ),
  CAST: { in: ["bool", "i32"], out: ["bool", "i32"] },
  ONE_HOT: { in: ["i32"] },
  SELECT: { in: ["bool"] },
  SELECT_V2: { in: ["bool"] },
  LOGICAL_AND: { in: ["bool"], out: ["bool"] },
  GATHER: { in: ["i32"] },
};
const dtypes: Check = (n) => {
  const more = besides[n.op.traits.tfl?.builtin ?? ""];
  const bad =
    atRunTime(n).find((v) => !numbers.has(v.type) && !more?.in?.includes(v.type.dtype)) ??
    n.results.find((v) => !numbers.has(v.type) && !more?.out?.includes(v.type.dtype));
  if (!bad) return undefined;
  const help = helpForElements(bad.type);
  return {
    reason: `it works on ${bad.type.dtype}, and takes ${numbers.text}`,
    ...(help !== undefined && { help }),
  };
};
const ranks = that(
  (n) => [...n.inputs, ...n.results].every((v) => v.type.shape.length <= 4),
  (n) =>
    `it works on a tensor of ${Math.max(...[...n.inputs, ...n.results].map((v) => v.type.shape.length))} axes, and takes up to 4`,
  "merge axes in the program: reshape before it and after it",
);

const each = (names: string, ...checks: readonly Check[]): Readonly<Record<string, readonly Check[]>> =>
  Object.fromEntries(names.split(" ").map((b) => [b, checks]));

/**
 * What the GPU delegate (OpenCL, OpenGL, Metal, WebGPU) takes. Op by op it is what LiteRT's own `CheckGpuDelegateCompatibility` says of a file, against
 * which `conformance/check_delegates.py` holds it; on top of that come the delegate's rules for any op, for which that function does not ask:
 * at most 4 axes, and floats or bytes at run time, but for the dtypes in which a few ops take indices and masks. By default the delegate runs
 * the largest partition only.
 */
export const gpuTable: DelegateTable = {
  name: "the GPU delegate",
  builtins: {
    ...each("ADD MUL PRELU CONCATENATION PACK SPLIT SPLIT_V RELU RELU6 RELU_N1_TO_1 LEAKY_RELU BATCH_MATMUL"),
    ...each(
      "ABS CEIL COS ELU EXP FLOOR GELU LOG LOGICAL_NOT LOGISTIC NEG ROUND RSQRT SIGN SIN SQRT SQUARE TANH HARD_SWISH QUANTIZE TRANSPOSE TOPK_V2 " +
        "RESIZE_NEAREST_NEIGHBOR AVERAGE_POOL_2D MAX_POOL_2D",
      oneInput,
    ),
    ...each(
      "ATAN2 DIV EQUAL FLOOR_DIV FLOOR_MOD GREATER GREATER_EQUAL LOGICAL_AND LOGICAL_OR LESS LESS_EQUAL MAXIMUM MINIMUM NOT_EQUAL POW " +
        "RIGHT_SHIFT STABLEHLO_REMAINDER STABLEHLO_SHIFT_LEFT SQUARED_DIFFERENCE SUB",
      ofTwo,
    ),
    ...each("MEAN SUM REDUCE_ALL REDUCE_ANY REDUCE_MAX REDUCE_MIN REDUCE_PROD REVERSE_V2", ...axesFixed),
    ...each("CONV_2D DEPTHWISE_CONV_2D TRANSPOSE_CONV", convolved),
    ...each("DEPTH_TO_SPACE SPACE_TO_DEPTH", oneInput, block),
    RESHAPE: [oneInput, given("shape", "it gives a tensor without axes")],
    TILE: [oneInput],
    ...each("PAD PADV2", ...paddedAxes),
    ...each("SELECT SELECT_V2", selected),
    ADD_N: [between(2, 2, "operands", (n) => n.inputs.length, "add in pairs")],
    MIRROR_PAD: [...paddedAxes, attrIs("mode", ["REFLECT"])],
    CAST: [oneInput, casts],
    BITCAST: [oneInput],
    CUMSUM: summed,
    DEQUANTIZE: [
      that(
        (n) => n.inputs[0]!.type.dtype !== "i16",
        "it reads 16-bit integers",
        "quantize activations to 8 bits, or leave this part float",
      ),
    ],
    DYNAMIC_UPDATE_SLICE: updated,
    EMBEDDING_LOOKUP: looked,
    FULLY_CONNECTED: connected,
    GATHER: gathered,
    ONE_HOT: [oneHot],
    RESIZE_BILINEAR: [oneInput],
    SLICE: [slicedAxes],
    SOFTMAX: [attrIs("beta", [1], "multiply by it first")],
    STRIDED_SLICE: strided,
  },
  custom: {
    Convolution2DTransposeBias: [],
    MaxPoolingWithArgmax2D: [oneInput],
    MaxUnpooling2D: [],
    Resampler: [],
  },
  always: [ranks, dtypes],
  instead: {
    BROADCAST_TO: "most ops broadcast by themselves: leave it out",
    EXPAND_DIMS: "reshape does the same, and is taken",
    SQUEEZE: "reshape does the same, and is taken",
    UNPACK: "slice, and reshape",
    GATHER_ND: "gather along one axis with int32 indices",
    SCATTER_ND: "select by a mask, where the places are fixed",
    ARG_MAX: "take the index outside of the model",
    ARG_MIN: "take the index outside of the model",
    SHAPE: "export the program with fixed sizes",
    RANGE: "export the program with fixed sizes",
    FILL: "export the program with fixed sizes",
    WHILE: "run the loop outside of the model",
    IF: "choose outside of the model",
    READ_VARIABLE: "keep state in inputs and outputs: `--state io`",
    ASSIGN_VARIABLE: "keep state in inputs and outputs: `--state io`",
    VAR_HANDLE: "keep state in inputs and outputs: `--state io`",
  },
};

/** Whether the GPU delegate takes a node, and if not, why. */
export const gpuSupport = verdictOfTable(gpuTable);
