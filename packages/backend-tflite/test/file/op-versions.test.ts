import { describe, expect, it } from "vitest";
import type { OpDescription, OperandDescription } from "../../src/file/op-description.ts";
import { opVersion } from "../../src/file/op-versions.ts";
import type { FileDType } from "../../src/file/tflite-file.ts";
import type { BuiltinName } from "../../src/schema/fields.ts";

/** `f32[1,2]`, `i8[4]q` for one scale, `i8[4]qq` for two. */
function tensor(text: string): OperandDescription {
  const [, dtype, extents, quantized] = /^(\w+)\[([\d,]*)\](q*)$/.exec(text)!;
  const shape = extents === "" ? [] : extents!.split(",").map(Number);
  const scale = Array.from({ length: quantized!.length }, () => 0.5);
  return { dtype: dtype as FileDType, shape, ...(quantized && { quantization: { scale } }) };
}
function describeOp(builtin: BuiltinName, text: string, options: Record<string, unknown> = {}): OpDescription {
  const [operands, results] = text
    .split(" -> ")
    .map((side) => side.split(" ").map((t) => (t === "-" ? undefined : tensor(t))));
  return { builtin, operands: operands!, results: results as OperandDescription[], options };
}

/** The versions that the runtime's own converter writes for these. */
const cases: readonly [version: number, builtin: BuiltinName, types: string, options?: Record<string, unknown>][] = [
  [1, "CONV_2D", "f32[1,4,4,2] f32[8,3,3,2] f32[8] -> f32[1,4,4,8]"],
  [6, "CONV_2D", "f32[1,4,4,4] f32[8,3,3,2] f32[8] -> f32[1,4,4,8]"],
  [3, "CONV_2D", "i8[1,4,4,2]q i8[8,3,3,2]qq i32[8] -> i8[1,4,4,8]q"],
  [7, "CONV_2D", "i8[1,4,4,2]q i4[8,3,3,2]qq i32[8] -> i8[1,4,4,8]q"],
  [5, "CONV_2D", "f32[1,4,4,2] i8[8,3,3,2]qq f32[8] -> f32[1,4,4,8]"],
  [2, "CONV_2D", "f32[1,4,4,2] i8[8,3,3,2]q f32[8] -> f32[1,4,4,8]"],
  [8, "CONV_2D", "i16[1,4,4,2]q i8[8,3,3,2]q i32[8] -> i16[1,4,4,8]q", { quantized_bias_type: "INT32" }],
  [1, "CONV_2D", "i16[1,4,4,2]q i8[8,3,3,2]q i64[8] -> i16[1,4,4,8]q", { quantized_bias_type: "FLOAT32" }],
  [
    2,
    "DEPTHWISE_CONV_2D",
    "f32[1,4,4,2] f32[1,3,3,2] f32[2] -> f32[1,4,4,2]",
    { dilation_w_factor: 2, dilation_h_factor: 1 },
  ],
  [
    1,
    "DEPTHWISE_CONV_2D",
    "f32[1,4,4,2] f32[1,3,3,2] f32[2] -> f32[1,4,4,2]",
    { dilation_w_factor: 1, dilation_h_factor: 1 },
  ],
  [
    3,
    "TRANSPOSE_CONV",
    "i32[4] f32[8,3,3,2] f32[1,4,4,2] f32[8] -> f32[1,4,4,8]",
    { fused_activation_function: "NONE" },
  ],
  [1, "TRANSPOSE_CONV", "i32[4] f32[8,3,3,2] f32[1,4,4,2] -> f32[1,4,4,8]"],
  [4, "TRANSPOSE_CONV", "i32[4] f32[8,3,3,2] f32[1,4,4,2] -> f32[1,4,4,8]", { fused_activation_function: "RELU" }],
  [1, "FULLY_CONNECTED", "f32[2,4] f32[3,4] f32[3] -> f32[2,3]"],
  [1, "FULLY_CONNECTED", "f32[2,4] f32[3,4] - -> f32[2,3]"],
  [6, "FULLY_CONNECTED", "f32[2,4] f32[3,4] -> f32[2,3]", { keep_num_dims: true }],
  [5, "FULLY_CONNECTED", "f32[2,4] f32[3,4] f32[3] -> f32[2,3]", { keep_num_dims: true }],
  [12, "FULLY_CONNECTED", "f32[2,4] i8[3,4]qq f32[3] -> f32[2,3]"],
  [9, "FULLY_CONNECTED", "f32[2,4] i8[3,4]q f32[3] -> f32[2,3]", { asymmetric_quantize_inputs: true }],
  [10, "FULLY_CONNECTED", "i8[2,4]q i4[3,4]q i32[3] -> i8[2,3]q"],
  [3, "SUB", "f32[1,2,1,1,1] f32[2,2,1,1,1] -> f32[2,2,1,1,1]"],
  [1, "SUB", "f32[1,2,1,1,1] f32[1,2,1,1,1] -> f32[1,2,1,1,1]"],
  [4, "ADD", "i64[2] i64[2] -> i64[2]"],
  [5, "ADD", "i16[2] i16[2] -> i16[2]"],
  [3, "ADD", "i16[2]q i16[2]q -> i16[2]q", { pot_scale_int16: false }],
  [8, "TRANSPOSE", "f32[1,1,1,1,1,1,1] i32[7] -> f32[1,1,1,1,1,1,1]"],
  [6, "TRANSPOSE", "f32[1,1,1,1,1,1] i32[6] -> f32[1,1,1,1,1,1]"],
  [3, "TRANSPOSE", "bool[1,1] i32[2] -> bool[1,1]"],
  [2, "BROADCAST_TO", "f32[1] i32[1] -> f32[3]"],
  [3, "BROADCAST_TO", "i8[1] i32[1] -> i8[3]"],
  [1, "WHERE", "bool[3] -> i64[1,1]"],
  [2, "WHERE", "f32[3] -> i64[1,1]"],
  [5, "CAST", "f32[3] -> f16[3]"],
  [7, "CAST", "f32[3] -> bf16[3]"],
  [3, "RESIZE_BILINEAR", "i8[1,2,2,1]q i32[2] -> i8[1,4,4,1]q", { half_pixel_centers: true }],
  [6, "STRIDED_SLICE", "f32[2,2] i32[2] i32[2] i32[2] -> f32[2,2]", { new_axis_mask: 1 }],
  [1, "STRIDED_SLICE", "f32[2,2] i32[2] i32[2] i32[2] -> f32[2,2]", { new_axis_mask: 0, offset: false }],
  [2, "DYNAMIC_UPDATE_SLICE", "f32[4] f32[1] i64[1] -> f32[4]"],
  [3, "SELECT", "bool[1,1,1,1,1] f32[1,1,1,1,1] f32[1,1,1,1,1] -> f32[1,1,1,1,1]"],
  [1, "RESHAPE", "f32[1,1,1,1,1,1,1] i32[1] -> f32[1]"],
];

describe("opVersion", () => {
  it.each(cases)("%i: %s %s", (version, builtin, types, options) => {
    expect(opVersion(describeOp(builtin, types, options))).toBe(version);
  });

  it("takes a newer product from a rescale of 1 on", () => {
    const mul = (result: number): OpDescription => ({
      builtin: "MUL",
      operands: [0.5, 0.5].map((scale) => ({ dtype: "i8", shape: [2], quantization: { scale: [scale] } })),
      results: [{ dtype: "i8", shape: [2], quantization: { scale: [result] } }],
    });
    expect([opVersion(mul(0.25)), opVersion(mul(0.26))]).toEqual([3, 2]);
  });
});
