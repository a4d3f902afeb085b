import {
  countOf,
  isComplex,
  Module,
  type OpDef,
  parseType,
  Rewriter,
  type TensorType,
  tensorData,
  type Value,
} from "@tflower/core";
import * as tfl from "../../src/dialect/index.ts";

/** One use of a builtin: types of operands as text, `!` behind those that are constants, `0!` behind constants of zeros. */
export interface OpExample {
  readonly op: keyof typeof tfl;
  readonly operands: Readonly<Record<string, string | readonly (string | undefined)[]>>;
  readonly attrs?: Readonly<Record<string, unknown>>;
  /** Result types, where the op does not infer them. */
  readonly results?: readonly string[];
}

const ops: Readonly<Record<string, OpDef>> = tfl;

const row = (
  op: keyof typeof tfl,
  operands: OpExample["operands"],
  attrs?: OpExample["attrs"],
  ...results: readonly string[]
): OpExample => ({
  op,
  operands,
  ...(attrs && { attrs }),
  ...(results.length && { results }),
});
const rows = (
  ops: readonly (keyof typeof tfl)[],
  operands: OpExample["operands"],
  attrs?: OpExample["attrs"],
): OpExample[] => ops.map((op) => row(op, operands, attrs));
const lstm = (input: number, units: number) => {
  const gates = ["input", "forget", "cell", "output"];
  return Object.fromEntries([
    ...gates.map((g) => [`input_to_${g}_weights`, `f32[${units},${input}]!`]),
    ...gates.map((g) => [`recurrent_to_${g}_weights`, `f32[${units},${units}]!`]),
    ...gates.map((g) => [`${g}_gate_bias`, `f32[${units}]!`]),
  ]);
};

/** Every builtin of the dialect at least once, but for those that run graphs. */
export const opExamples: readonly OpExample[] = [
  ...rows(
    [
      "abs",
      "neg",
      "sign",
      "ceil",
      "floor",
      "round",
      "exp",
      "log",
      "sin",
      "cos",
      "sqrt",
      "rsqrt",
      "square",
      "logistic",
      "tanh",
    ],
    { input: "f32[2,3]" },
  ),
  ...rows(
    [
      "relu",
      "relu6",
      "reluN1To1",
      "relu0To1",
      "elu",
      "hardSwish",
      "softmax",
      "logSoftmax",
      "zerosLike",
      "shape",
      "rank",
    ],
    { input: "f32[2,3]" },
  ),
  row("relu", { input: "i8[2,3]<0.5:-3>" }),
  row("softmax", { input: "f32[2,3]" }, { beta: 0.5 }),
  row("shape", { input: "f32[2,3]" }, { out_type: "i64" }),
  row("leakyRelu", { input: "f32[2,3]" }, { alpha: 0.125 }),
  row("prelu", { input: "f32[1,2,2,3]", alpha: "f32[1,1,3]!" }),
  row("gelu", { input: "f32[2,3]" }, { approximate: true }),
  ...rows(["add", "sub", "mul", "div"], { lhs: "f32[2,3]", rhs: "f32[3]!" }, { fused_activation_function: "RELU6" }),
  ...rows(["maximum", "minimum", "pow", "squaredDifference", "floorDiv", "floorMod"], {
    lhs: "f32[2,3]",
    rhs: "f32[2,1]",
  }),
  ...rows(["equal", "notEqual", "less", "lessEqual", "greater", "greaterEqual"], { lhs: "i32[2,3]", rhs: "i32[2,3]" }),
  row("atan2", { y: "f32[3]", x: "f32[3]" }),
  row("addN", { inputs: ["f32[3]", "f32[3]", "f32[3]!"] }),
  row("fakeQuant", { input: "f32[4]" }, { min: -1, max: 1, num_bits: 8, narrow_range: false }),
  ...rows(["logicalAnd", "logicalOr"], { lhs: "bool[3]", rhs: "bool[3]" }),
  row("logicalNot", { input: "bool[3]" }),
  ...rows(["bitwiseXor", "rightShift"], { lhs: "i32[3]", rhs: "i32[3]" }),
  ...rows(["argMax", "argMin"], { input: "f32[2,3]" }, { axis: -1, output_type: "i64" }),
  row("spaceToDepth", { input: "f32[1,4,6,2]" }, { block_size: 2 }),
  row("depthToSpace", { input: "f32[1,4,6,8]" }, { block_size: 2 }),
  row("spaceToBatchNd", { input: "f32[1,4,5,2]" }, { block_shape: [2, 3], paddings: [0, 0, 1, 0] }),
  row("batchToSpaceNd", { input: "f32[6,2,2,2]" }, { block_shape: [2, 3], crops: [0, 0, 1, 0] }),
  row("bucketize", { input: "f32[4]" }, { boundaries: [0, 1.5, 3] }),
  row("cast", { input: "f32[4]" }, { out_data_type: "i64" }),
  row("bitcast", { input: "f32[4]" }, {}, "i32[4]"),
  row(
    "conv2d",
    { input: "f32[1,5,4,3]", filter: "f32[2,3,2,3]!", bias: "f32[2]!" },
    { padding: "SAME", stride_w: 2, stride_h: 1, fused_activation_function: "RELU" },
  ),
  row("conv2d", {
    input: "i8[1,5,4,3]<0.5:3>",
    filter: "i8[2,3,2,3]<{0.25:0,0.125:0}@0>!",
    bias: "i32[2]<{0.125:0,0.0625:0}@0>!",
  }),
  row(
    "depthwiseConv2d",
    { input: "f32[1,5,4,3]", filter: "f32[1,3,2,6]!", bias: "f32[6]!" },
    { depth_multiplier: 2, dilation_w_factor: 2, dilation_h_factor: 1 },
  ),
  row(
    "transposeConv",
    { weights: "f32[2,3,2,3]!", input: "f32[1,3,2,3]", bias: "f32[2]!" },
    { output_shape: [1, 5, 4, 2], stride_w: 2, stride_h: 1, padding: "VALID" },
  ),
  row("conv3d", { input: "f32[1,3,5,4,2]", filter: "f32[2,3,2,2,4]!", bias: "f32[4]!" }, { stride_d: 1, stride_w: 2 }),
  row(
    "conv3dTranspose",
    { filter: "f32[2,3,2,4,2]!", input: "f32[1,2,3,2,2]", bias: "f32[4]!" },
    { output_shape: [1, 3, 5, 3, 4] },
  ),
  row("cumsum", { input: "f32[2,3]" }, { axis: 1, exclusive: true }),
  row("gather", { params: "f32[2,5,3]", indices: "i32[2,4]" }, { axis: 1, batch_dims: 1 }),
  row("gatherNd", { params: "f32[2,5,3]", indices: "i32[4,2]" }),
  row("scatterNd", { indices: "i32[4,1]", updates: "f32[4,3]" }, { shape: [6, 3] }),
  row("embeddingLookup", { ids: "i32[4]", values: "f32[6,3]!" }),
  row("oneHot", { indices: "i32[4]", on_value: "f32[]!", off_value: "f32[]" }, { depth: 3, axis: 0 }),
  row("sparseToDense", { indices: "i32[2,2]", value: "f32[2]", default_value: "f32[]!" }, { output_shape: [3, 4] }),
  row(
    "nonMaxSuppressionV4",
    { boxes: "f32[6,4]", scores: "f32[6]" },
    { max_output_size: 3, iou_threshold: 0.5, score_threshold: 0.25 },
  ),
  row(
    "nonMaxSuppressionV5",
    { boxes: "f32[6,4]", scores: "f32[6]" },
    { max_output_size: 3, iou_threshold: 0.5, score_threshold: 0.25, soft_nms_sigma: 0.125 },
  ),
  row("concatenation", { values: ["f32[2,3]", "f32[2,1]", "f32[2,2]!"] }, { axis: -1 }),
  row("pack", { values: ["f32[2,3]", "f32[2,3]"] }, { axis: 1 }),
  row("unpack", { value: "f32[2,3]" }, { axis: 1 }),
  row("split", { value: "f32[2,6]" }, { axis: 1, num_splits: 3 }),
  row("splitV", { value: "f32[2,6]" }, { size_splits: [1, 2, 3], axis: -1 }),
  row("transpose", { input: "f32[2,3,4]" }, { perm: [2, 0, 1] }),
  row("reshape", { input: "f32[2,3,4]" }, { shape: [4, 6] }),
  row("reshape", { input: "i32[2,3,4]", shape: "i32[2]" }, { shape: [4, 6] }),
  row("expandDims", { input: "f32[2,3]" }, { axis: -2 }),
  row("squeeze", { input: "f32[1,3,1]" }, { squeeze_dims: [2] }),
  row("fullyConnected", { input: "f32[2,4]", filter: "f32[3,4]!" }),
  row(
    "fullyConnected",
    { input: "f32[2,5,4]", filter: "f32[3,4]!", bias: "f32[3]!" },
    { keep_num_dims: true, fused_activation_function: "RELU_N1_TO_1" },
  ),
  row(
    "fullyConnected",
    { input: "f32[2,4]", filter: "i8[3,4]<{0.5:0,0.25:0,0.125:0}@0>!", bias: "f32[3]!" },
    { asymmetric_quantize_inputs: true },
  ),
  row("batchMatmul", { x: "f32[2,3,4]", y: "f32[2,5,4]" }, { adj_y: true }),
  row("matrixDiag", { diagonal: "f32[2,3]" }),
  row("matrixSetDiag", { input: "f32[2,3,3]", diagonal: "f32[2,3]" }),
  row("l2Normalization", { input: "f32[2,3]" }),
  row("localResponseNormalization", { input: "f32[1,2,2,5]" }, { radius: 2, bias: 1, alpha: 0.5, beta: 0.75 }),
  row("pad", { input: "f32[2,3]" }, { paddings: [1, 0, 0, 2] }),
  row("padV2", { input: "f32[2,3]", constant_values: "f32[]!" }, { paddings: [1, 0, 0, 2] }),
  row("mirrorPad", { input: "f32[2,3]" }, { paddings: [1, 0, 0, 2], mode: "SYMMETRIC" }),
  ...rows(
    ["averagePool2d", "maxPool2d", "l2Pool2d"],
    { input: "f32[1,5,6,2]" },
    { padding: "SAME", stride_w: 2, stride_h: 1, filter_width: 3, filter_height: 2 },
  ),
  row("quantize", { input: "f32[4]" }, {}, "i8[4]<0.5:-3>"),
  row("dequantize", { input: "i8[4]<0.5:-3>" }),
  ...rows(["randomUniform", "randomStandardNormal"], {}, { shape: [2, 3], seed: 7, seed2: 9 }),
  row("multinomial", { logits: "f32[2,5]" }, { num_samples: 4, seed: 1 }, "i64[2,4]"),
  row("stablehloRngBitGenerator", { initial_state: "u64[2]" }, { algorithm: "PHILOX" }, "u64[2]", "u32[5]"),
  row(
    "rnn",
    {
      input: "f32[2,3]",
      input_weights: "f32[4,3]!",
      recurrent_weights: "f32[4,4]!",
      bias: "f32[4]!",
      hidden_state: "f32[2,4]0!",
    },
    { fused_activation_function: "TANH" },
  ),
  row("unidirectionalSequenceRnn", {
    input: "f32[2,5,3]",
    input_weights: "f32[4,3]!",
    recurrent_weights: "f32[4,4]!",
    bias: "f32[4]!",
    hidden_state: "f32[2,4]0!",
  }),
  row(
    "unidirectionalSequenceLstm",
    { input: "f32[2,5,3]", ...lstm(3, 4), output_state: "f32[2,4]0!", cell_state: "f32[2,4]0!" },
    { fused_activation_function: "TANH", time_major: false },
  ),
  row(
    "svdf",
    {
      input: "f32[2,3]",
      weights_feature: "f32[4,3]!",
      weights_time: "f32[4,5]!",
      bias: "f32[2]!",
      state: "f32[2,20]0!",
    },
    { rank: 2 },
  ),
  ...rows(
    ["mean", "sum", "reduceProd", "reduceMax", "reduceMin"],
    { input: "f32[2,3,4]" },
    { axes: [0, 2], keep_dims: true },
  ),
  ...rows(["reduceAny", "reduceAll"], { input: "bool[2,3]" }, { axes: [1], keep_dims: false }),
  row("tile", { input: "f32[2,3]" }, { multiples: [2, 1] }),
  row("broadcastTo", { input: "f32[2,1]" }, { shape: [4, 2, 3] }),
  row("reverseV2", { input: "f32[2,3]" }, { axes: [1] }),
  row("reverseSequence", { input: "f32[2,3]", seq_lengths: "i32[2]" }, { seq_dim: 1, batch_dim: 0 }),
  ...rows(
    ["resizeBilinear", "resizeNearestNeighbor"],
    { input: "f32[1,3,4,2]" },
    { size: [6, 5], half_pixel_centers: true },
  ),
  row("segmentSum", { data: "f32[4,3]", segment_ids: "i32[4]!" }, {}, "f32[2,3]"),
  ...rows(
    ["unsortedSegmentSum", "unsortedSegmentProd", "unsortedSegmentMax", "unsortedSegmentMin"],
    { data: "f32[4,3]", segment_ids: "i32[4]" },
    { num_segments: 2 },
  ),
  row("select", { condition: "bool[2,3]", x: "f32[2,3]", y: "f32[2,3]" }),
  row("selectV2", { condition: "bool[2,1]", x: "f32[2,3]", y: "f32[]!" }),
  row("where", { condition: "bool[2,3]" }, {}, "i64[n,2]"),
  row("fill", { value: "f32[]!" }, { dims: [2, 3] }),
  row("range", {}, { start: 2, limit: 9, delta: 3 }),
  row("broadcastArgs", { s0: "i32[3]", s1: "i32[2]" }),
  row("slice", { input: "f32[4,5]" }, { begin: [1, 2], size: [2, -1] }),
  row("slice", { input: "f32[4,5]", begin: "i32[2]" }, { begin: ["b0", "b1"], size: [2, 3] }),
  row(
    "stridedSlice",
    { input: "f32[4,5]" },
    { begin: [-3, 0], end: [4, 5], strides: [1, 2], begin_mask: 2, shrink_axis_mask: 0 },
  ),
  row("dynamicUpdateSlice", { operand: "f32[4,5]", update: "f32[2,2]", start_indices: "i32[2]" }),
  row("topkV2", { input: "f32[2,5]" }, { k: 3 }),
  row("unique", { input: "i32[5]" }, { idx_out_type: "i64" }, "i32[n]", "i64[5]"),
  row("rfft2d", { input: "f32[2,4,8]" }, { fft_length: [4, 8] }),
  ...rows(["real", "imag", "complexAbs"], { input: "c64[3]" }),
  ...rows(["stablehloAdd", "stablehloMultiply", "stablehloMaximum", "stablehloMinimum"], {
    lhs: "f32[2,3]",
    rhs: "f32[2,3]",
  }),
  row("stablehloAnd", { lhs: "i32[3]", rhs: "i32[3]" }),
  row("stablehloShiftLeft", { lhs: "i32[3]", rhs: "i32[3]" }),
  row(
    "stablehloGather",
    { operand: "f32[4,5]", start_indices: "i32[3,1]" },
    { offset_dims: [1], collapsed_slice_dims: [0], start_index_map: [0], index_vector_dim: 1, slice_sizes: [1, 5] },
  ),
  row(
    "stablehloPad",
    { input: "f32[2,3]", padding_value: "f32[]!" },
    { edge_padding_low: [1, -1], edge_padding_high: [0, 1], interior_padding: [1, 0] },
  ),
  row("dilate", { input: "f32[2,2]", padding_value: "f32[]!" }, { dilations: [2, 3] }),
  row(
    "reduceWindow",
    { input: "f32[3,4]", init_value: "f32[]!" },
    { window_dimensions: [2, 2], window_strides: [1, 1], window_dilations: [1, 2], reduce_function: "MUL" },
  ),
  row("varHandle", {}, { container: "c", shared_name: "cache.k" }),
];

/** Ops that hold names of graphs or handles, which the tests of programs in text form use. */
export const inPrograms: readonly (keyof typeof tfl)[] = [
  "ifOp",
  "whileOp",
  "stablehloCase",
  "stablehloComposite",
  "stablehloScatter",
  "stablehloReduceWindow",
  "readVariable",
  "assignVariable",
  "callOnce",
];

/** A module of one node. */
export function moduleOf(e: OpExample): Module {
  const module = new Module();
  const graph = module.graph("main");
  module.signatures.push({ key: "serving_default", graph: "main" });
  const rewriter = new Rewriter(graph);
  let constants = 0;
  const value = (text: string | undefined, name: string): Value | undefined => {
    if (text === undefined) return undefined;
    const [, spelled, kind] = /^(.*?[\]>])(0?!)?$/.exec(text)!;
    const type: TensorType = parseType(spelled!);
    if (!kind) return graph.input(type, name);
    const shape = type.shape as readonly number[];
    const count = countOf(shape) * (isComplex(type.dtype) ? 2 : 1);
    const data = tensorData(
      type.dtype,
      shape,
      Array.from({ length: count }, (_, i) => (kind === "0!" ? 0 : (i % 3) + constants)),
    );
    constants++;
    return rewriter.constant({ ...data, type: type as typeof data.type }, `${name}_value`);
  };
  const operands = Object.fromEntries(
    Object.entries(e.operands).map(([k, v]) => [
      k,
      Array.isArray(v) ? v.map((x, i) => value(x, `${k}_${i}`)) : value(v as string, k),
    ]),
  );
  const attrs = Object.fromEntries(
    Object.entries(e.attrs ?? {}).map(([k, v]) => [
      k,
      Array.isArray(v) && v.some((d) => typeof d === "string") ? v.map((d) => parseType(`f32[${d}]`).shape[0]!) : v,
    ]),
  );
  const op = ops[e.op]!;
  const node = rewriter.create(op, operands as never, attrs, e.results ? { types: e.results.map(parseType) } : {});
  graph.outputs = node.results;
  return module;
}
