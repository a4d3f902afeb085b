import type { BuiltinName } from "../schema/fields.ts";
import type { OpDescription } from "./op-description.ts";
import type { FileDType } from "./tflite-file.ts";

// One table of every builtin, so one file, long as it is: whoever looks for a version looks here.

type When = (op: OpDescription) => boolean;
/** The first rule that holds gives the version; without one it is 1. */
type Rules = readonly (readonly [version: number, when: When])[];

const dtype = (op: OpDescription, operand: number): FileDType | undefined => op.operands[operand]?.dtype;
const rank = (op: OpDescription, operand: number): number => op.operands[operand]?.shape.length ?? 0;

const always: When = () => true;
const all =
  (...parts: readonly When[]): When =>
  (op) =>
    parts.every((part) => part(op));
const any =
  (...parts: readonly When[]): When =>
  (op) =>
    parts.some((part) => part(op));
/** Operand `index` is of one of `types`. */
const operand =
  (index: number, ...types: readonly FileDType[]): When =>
  (op) => {
    const type = dtype(op, index);
    return type !== undefined && types.includes(type);
  };
const result =
  (index: number, ...types: readonly FileDType[]): When =>
  (op) => {
    const type = op.results[index]?.dtype;
    return type !== undefined && types.includes(type);
  };
const input = (...types: readonly FileDType[]): When => operand(0, ...types);
/** Element types of operand 0, operand 1 and the result. */
const product = (x: FileDType, weights: FileDType, y: FileDType): When =>
  all(operand(0, x), operand(1, weights), result(0, y));
const option =
  (field: string, off: unknown = false): When =>
  (op) => {
    const value = op.options?.[field];
    return value !== undefined && value !== off;
  };
const rankAbove =
  (limit: number): When =>
  (op) =>
    rank(op, 0) > limit;
const perChannel =
  (index: number): When =>
  (op) =>
    (op.operands[index]?.quantization?.scale.length ?? 0) > 1;
const quantized =
  (index: number): When =>
  (op) =>
    op.operands[index]?.quantization !== undefined;
const unquantized =
  (index: number): When =>
  (op) =>
    !quantized(index)(op);
/** Operands that differ in shape, one of them of more than 4 axes. */
const broadcastsAbove4: When = (op) => {
  const [a, b] = op.operands;
  if (!a || !b) return false;
  const alike = a.shape.length === b.shape.length && a.shape.every((extent, i) => extent === b.shape[i]);
  return !alike && Math.max(a.shape.length, b.shape.length) > 4;
};
const biasType = option("quantized_bias_type", "FLOAT32");
const grouped: When = (op) => {
  const [x, filter] = op.operands;
  return x !== undefined && filter !== undefined && x.shape[3] !== filter.shape[3];
};
const fullKernel: When = (op) => op.options?.["kernel_type"] !== "BASIC";
const FLOAT8 = ["f8e4m3", "f8e5m2"] as const;

const INT16_INT8: Rules = [
  [3, input("i16")],
  [2, input("i8")],
];
const INT8: Rules = [[2, input("i8")]];
const NARROW_2: Rules = [[2, input("i8", "i16")]];
const HALF_2: Rules = [[2, input("f16")]];
const PADDING: Rules = [[6, input(...FLOAT8)], [5, input("bool")], [4, rankAbove(4)], ...INT16_INT8];
const BLOCKS: Rules = [[4, input("i16")], [3, (op) => rank(op, 0) !== 4], ...INT8];
const EXTREMES: Rules = [[4, all(input("i16"), result(0, "i16"))], [3, broadcastsAbove4], ...INT8];
const RECTIFIER: Rules = [
  [3, input("i16")],
  [2, input("i8", "u8")],
];
const BOOL_3: Rules = [[3, input("bool")], ...INT8];
/** Recurrent kernels that quantize activations on the fly. */
const HYBRID: Rules = [
  [3, all(operand(1, "i8"), result(0, "f32"), option("asymmetric_quantize_inputs"))],
  [2, all(operand(1, "i8"), result(0, "f32"))],
];

const RULES: Partial<Record<BuiltinName, Rules>> = {
  CONV_2D: [
    [8, all(product("i16", "i8", "i16"), biasType)],
    [6, grouped],
    [4, product("i16", "i16", "i16")],
    [3, product("i8", "i8", "i8")],
    [7, product("i8", "i4", "i8")],
    [5, all(product("f32", "i8", "f32"), perChannel(1))],
    [2, product("f32", "i8", "f32")],
  ],
  DEPTHWISE_CONV_2D: [
    [5, product("i16", "i16", "i16")],
    [6, all(product("f32", "i8", "f32"), perChannel(1))],
    [4, product("f32", "i8", "f32")],
    [3, product("i8", "i8", "i8")],
    [7, product("i8", "i4", "i8")],
    [2, any(option("dilation_w_factor", 1), option("dilation_h_factor", 1))],
  ],
  TRANSPOSE_CONV: [
    [5, all(input("i16"), operand(1, "i8"), result(0, "i16"), biasType)],
    [4, option("fused_activation_function", "NONE")],
    [3, (op) => op.operands[3] !== undefined],
    [2, operand(1, "i8")],
  ],
  FULLY_CONNECTED: [
    [14, operand(1, "i2")],
    [13, product("i16", "i4", "i16")],
    [12, all(product("f32", "i8", "f32"), perChannel(1))],
    [11, all(product("i16", "i8", "i16"), biasType)],
    [8, (op) => op.operands[1]?.sparse === true],
    [7, product("i16", "i16", "i16")],
    // An absent bias in third place counts as one, as it does for the runtime.
    [6, (op) => op.operands.length === 2],
    [5, option("keep_num_dims")],
    [4, product("i8", "i8", "i8")],
    [10, product("i8", "i4", "i8")],
    [9, all(product("f32", "i8", "f32"), option("asymmetric_quantize_inputs"))],
    [3, product("f32", "i8", "f32")],
    [2, option("weights_format", "DEFAULT")],
  ],
  BATCH_MATMUL: [...INT16_INT8, [4, all(product("f32", "i8", "f32"), option("asymmetric_quantize_inputs"))]],
  EMBEDDING_LOOKUP: [
    [4, any(operand(1, "i4"), perChannel(1))],
    [5, operand(1, "i2")],
  ],
  FAKE_QUANT: [[2, option("narrow_range")]],
  GATHER: [
    [8, input(...FLOAT8)],
    [7, input("i4")],
    [6, operand(1, "i16")],
    [5, option("batch_dims", 0)],
    [4, input("i16")],
    [3, input("bool")],
    [2, input("i8")],
  ],
  GATHER_ND: [
    [6, input(...FLOAT8)],
    [5, input("bool")],
    [4, operand(1, "i16")],
    [3, input("i16")],
    [2, input("string")],
  ],
  ADD: [
    [6, input("f16")],
    [5, all(input("i16"), unquantized(0))],
    [4, input("i64")],
    [3, all(input("i16"), result(0, "i16"), (op) => op.options?.["pot_scale_int16"] === false)],
    [2, input("i8")],
  ],
  SUB: [
    [5, all(input("i16"), result(0, "i16"), (op) => op.options?.["pot_scale_int16"] === false)],
    [4, input("i64")],
    [3, broadcastsAbove4],
    [2, input("i8")],
  ],
  MUL: [
    [8, input("f16")],
    [7, any(all(input("i16"), unquantized(0), unquantized(1)), input("u32"))],
    [6, input("c64")],
    [5, input("i64")],
    [4, input("i16")],
    [3, (op) => rescale(op) >= 1],
    [2, input("i8")],
  ],
  DIV: [[2, broadcastsAbove4]],
  MAXIMUM: EXTREMES,
  MINIMUM: EXTREMES,
  FLOOR_DIV: [
    [3, input("i16", "i8")],
    [2, input("f32")],
  ],
  FLOOR_MOD: NARROW_2,
  SIN: HALF_2,
  COS: HALF_2,
  SIGN: [[2, input("i32")]],
  ABS: [
    [5, input("i32")],
    [3, all(input("i16"), quantized(0))],
    [4, input("i16")],
    [2, input("i8", "u8")],
  ],
  EXP: NARROW_2,
  LOG: NARROW_2,
  SQRT: NARROW_2,
  REDUCE_PROD: NARROW_2,
  RELU: RECTIFIER,
  RELU6: INT16_INT8,
  RSQRT: INT16_INT8,
  TANH: [[3, all(input("i16"), result(0, "i16"))], ...INT8],
  LOGISTIC: [[3, all(input("i16"), result(0, "i16"))], ...INT8],
  GELU: [
    [3, input("f16")],
    [2, input("i8", "u8")],
  ],
  LEAKY_RELU: [[2, input("i16")]],
  SOFTMAX: [[4, input("f16")], ...INT16_INT8],
  LOG_SOFTMAX: INT8,
  L2_NORMALIZATION: [[2, result(0, "i8")]],
  AVERAGE_POOL_2D: [[3, all(input("i16"), result(0, "i16"))], ...INT8],
  MAX_POOL_2D: [[3, all(input("i16"), result(0, "i16"))], ...INT8],
  MEAN: INT16_INT8,
  REDUCE_MAX: INT16_INT8,
  REDUCE_MIN: INT16_INT8,
  SUM: INT8,
  ARG_MAX: BOOL_3,
  ARG_MIN: BOOL_3,
  TOPK_V2: [[3, any(input("i16"), operand(1, "i16"), result(1, "i16"))], ...INT8],
  MIRROR_PAD: INT16_INT8,
  PAD: PADDING,
  PADV2: PADDING,
  TRANSPOSE: [
    [9, input("f16")],
    [8, any(rankAbove(6), input("bf16"))],
    [7, input("i4")],
    [6, rankAbove(5)],
    [5, input("i16")],
    [4, rankAbove(4)],
    ...BOOL_3,
  ],
  SLICE: [
    [8, input("f16")],
    [7, input("i4")],
    [6, input("u32")],
    [5, rankAbove(4)],
    [4, input("i16")],
    [3, input("string")],
    [2, input("i8")],
  ],
  STRIDED_SLICE: [
    [8, option("offset")],
    [7, input("u32")],
    [6, any(option("ellipsis_mask", 0), option("new_axis_mask", 0))],
    [5, input("string")],
    [4, rankAbove(4)],
    ...BOOL_3,
  ],
  CONCATENATION: [
    [7, input(...FLOAT8)],
    [6, input("f16")],
    [5, input("i4")],
    [4, input("u32")],
    [3, input("i16")],
    [2, input("i8")],
  ],
  SPLIT: [
    [5, operand(1, ...FLOAT8)],
    [4, operand(1, "i16")],
    [3, operand(1, "i32")],
    [2, operand(1, "i8")],
  ],
  SPLIT_V: [
    [3, input(...FLOAT8)],
    [2, input("i8")],
  ],
  PACK: [
    [5, input(...FLOAT8)],
    [2, input("i8")],
    [3, all(input("i16"), result(0, "i16"))],
    [4, input("u32")],
  ],
  UNPACK: [
    [6, input(...FLOAT8)],
    [2, input("i8", "u8")],
    [3, input("bool")],
    [4, all(input("i16"), result(0, "i16"))],
    [5, input("f16", "bf16")],
  ],
  TILE: [
    [3, input("i8")],
    [2, input("string")],
  ],
  SQUEEZE: [[2, input("string")]],
  REVERSE_V2: [
    [4, input(...FLOAT8)],
    [3, input("i8")],
    [2, input("bool")],
  ],
  SPACE_TO_BATCH_ND: BLOCKS,
  BATCH_TO_SPACE_ND: BLOCKS,
  SPACE_TO_DEPTH: INT8,
  DEPTH_TO_SPACE: INT8,
  RESIZE_BILINEAR: [[4, input("i16")], [3, option("half_pixel_centers")], ...INT8],
  RESIZE_NEAREST_NEIGHBOR: [
    [4, input("i16")],
    [3, any(option("half_pixel_centers"), option("align_corners"))],
    ...INT8,
  ],
  // Version 1 was withdrawn.
  BROADCAST_TO: [
    [4, input(...FLOAT8)],
    [3, input("i8", "i16")],
    [2, always],
  ],
  DYNAMIC_UPDATE_SLICE: [
    [6, input("bf16")],
    [5, input("i4")],
    [4, input("i16")],
    [3, input("f16")],
    [2, operand(2, "i64")],
  ],
  SPARSE_TO_DENSE: [
    [3, operand(2, "i8", "u8")],
    [2, operand(2, "i64")],
  ],
  FILL: [
    [5, operand(1, ...FLOAT8)],
    [4, operand(1, "f16")],
    [3, operand(1, "i8", "i16")],
    [2, operand(1, "bool", "string")],
  ],
  RANGE: [[2, input("i64")]],
  EQUAL: [
    [5, input("i16")],
    [3, input("string")],
    [2, input("i8")],
  ],
  NOT_EQUAL: [
    [4, input("i16")],
    [3, input("string")],
    [2, input("i8")],
  ],
  GREATER: INT8,
  LESS_EQUAL: INT8,
  LESS: INT16_INT8,
  GREATER_EQUAL: INT16_INT8,
  SQUARED_DIFFERENCE: INT8,
  SELECT: [[4, input("u32")], [3, (op) => op.operands.some((o) => o?.shape.length === 5)], ...INT8],
  SELECT_V2: [[2, input("u32")]],
  WHERE: [
    [1, input("bool")],
    [2, always],
  ],
  CAST: [
    [9, any(input(...FLOAT8), result(0, ...FLOAT8))],
    [8, any(input("i2", "u4"), result(0, "i2", "u4"))],
    [7, any(input("bf16"), result(0, "bf16"))],
    [6, all(input("i4"), result(0, "f32"))],
    [5, any(input("f64", "f16"), result(0, "f64", "f16"))],
    [4, any(input("u16"), result(0, "u16"))],
    [3, any(input("i8"), result(0, "i8"))],
    [2, any(input("u32"), result(0, "u32"))],
  ],
  QUANTIZE: [
    [5, any(input("u4"), result(0, "u4"))],
    [4, any(input("i4"), result(0, "i4"))],
    [3, (op) => (op.results[0]?.quantization?.scale.length ?? 0) > 1],
    [2, result(0, "i16")],
  ],
  DEQUANTIZE: [
    [9, input(...FLOAT8)],
    [8, input("u4")],
    [7, input("i2")],
    [6, input("i4")],
    [3, input("i16", "f16")],
    [5, all(input("i8"), perChannel(0))],
    [2, input("i8")],
  ],
  SVDF: [
    [3, input("i8")],
    [4, all(product("f32", "i8", "f32"), option("asymmetric_quantize_inputs"))],
    [2, product("f32", "i8", "f32")],
  ],
  RNN: HYBRID,
  UNIDIRECTIONAL_SEQUENCE_RNN: HYBRID,
  BIDIRECTIONAL_SEQUENCE_RNN: HYBRID,
  BIDIRECTIONAL_SEQUENCE_LSTM: HYBRID,
  LSTM: [
    [5, all(fullKernel, input("i16"), operand(2, "i8"), result(0, "i16"))],
    [4, all(fullKernel, input("f32"), operand(2, "i8"), result(0, "f32"), option("asymmetric_quantize_inputs"))],
    [3, all(fullKernel, input("f32"), operand(2, "i8"), result(0, "f32"))],
    [2, (op) => op.options?.["kernel_type"] === "BASIC"],
  ],
  UNIDIRECTIONAL_SEQUENCE_LSTM: [
    [5, all(input("i16"), operand(2, "i8"), result(0, "i16"))],
    [4, option("diagonal_recurrent_tensors")],
    [3, all(input("f32"), operand(2, "i8"), result(0, "f32"), option("asymmetric_quantize_inputs"))],
    [2, all(input("f32"), operand(2, "i8"), result(0, "f32"))],
  ],
};

/** What a quantized product is scaled by: from 1 on it takes a newer kernel. */
function rescale(op: OpDescription): number {
  const [a, b, y] = [op.operands[0], op.operands[1], op.results[0]].map((t) => t?.quantization?.scale[0]);
  return a && b && y ? (a * b) / y : 0;
}

/** The version that a use of a builtin asks for: the lowest one whose kernel knows its element types, ranks and options. */
export function opVersion(op: OpDescription): number {
  return RULES[op.builtin]?.find(([, when]) => when(op))?.[0] ?? 1;
}
