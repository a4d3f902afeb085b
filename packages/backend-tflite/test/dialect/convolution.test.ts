import { tensorData } from "@tflower/core";
import { describe, test } from "vitest";
import * as tfl from "../../src/dialect/index.ts";
import { expectClose, iota, valuesOf } from "./run-op.ts";

// expected values are those of the LiteRT kernels
describe("reference semantics", () => {
  test("conv2d: SAME, uneven, dilated, grouped", () => {
    expectClose(
      valuesOf(
        tfl.conv2d,
        {
          input: iota("f32", [1, 4, 5, 2], -2, 0.1),
          filter: iota("f32", [2, 2, 3, 1], -0.6, 0.13),
          bias: tensorData("f32", [2], [0.5, -0.5]),
        },
        { padding: "SAME", dilation_h_factor: 2, fused_activation_function: "RELU" },
      ),
      [
        0.54, 0, 0.744, 0, 0.696, 0, 0.648, 0, 0.6, 0, 2.062, 0, 3.094, 0, 2.764, 0, 2.434, 0, 1.714, 0, 1.222, 0.762,
        1.444, 1.683, 1.114, 2.289, 0.784, 2.895, 0.354, 1.714, 0.432, 0, 0.27, 0, 0, 0.01699998, 0, 0.203, 0, 0,
      ],
    );
  });
  test("conv2d: VALID, strides", () => {
    expectClose(
      valuesOf(
        tfl.conv2d,
        {
          input: iota("f32", [1, 5, 6, 1], -2, 0.1),
          filter: iota("f32", [2, 2, 2, 1], -0.6, 0.13),
          bias: iota("f32", [2]),
        },
        { stride_h: 2, stride_w: 3 },
      ),
      [2.842, 0.4099999, 2.356, 0.548, 0.8980001, 0.962, 0.412, 1.1],
    );
  });
  test("conv2d: SAME, strides over an even size", () => {
    expectClose(
      valuesOf(
        tfl.conv2d,
        {
          input: iota("f32", [1, 4, 4, 1], -2, 0.1),
          filter: iota("f32", [1, 3, 3, 1], -0.6, 0.13),
          bias: iota("f32", [1]),
        },
        { padding: "SAME", stride_h: 2, stride_w: 2 },
      ),
      [2.094, 1.818, 1.771, 1.189],
    );
  });
  test("depthwiseConv2d: multiplier", () => {
    expectClose(
      valuesOf(
        tfl.depthwiseConv2d,
        {
          input: iota("f32", [1, 3, 3, 2], -2, 0.1),
          filter: iota("f32", [1, 2, 2, 4], -0.6, 0.13),
          bias: iota("f32", [4], -3, 0.7),
        },
        { padding: "SAME", depth_multiplier: 2 },
      ),
      [
        -3.424, -3.556, -3.512, -3.592, -3.28, -3.308, -3.16, -3.136, -2.48, -2.118, -1.72, -1.332, -2.992, -2.812,
        -2.456, -2.224, -2.848, -2.564, -2.104, -1.768, -2.576, -2.058, -1.504, -0.96, -2.472, -1.954, -1.452, -0.908,
        -2.608, -2.038, -1.484, -0.888, -2.76, -2.112, -1.498, -0.837,
      ],
    );
  });
  test("transposeConv: SAME", () => {
    expectClose(
      valuesOf(
        tfl.transposeConv,
        {
          weights: iota("f32", [1, 3, 3, 2], -0.6, 0.13),
          input: iota("f32", [1, 2, 2, 2], -2, 0.4),
          bias: tensorData("f32", [1], [1]),
        },
        { output_shape: [1, 3, 4, 1], padding: "SAME", stride_h: 2, stride_w: 2 },
      ),
      [0.144, -0.792, -2.192, 0.01599997, -2.424, -3.464, -7.144001, -1.848, 0.928, 0.824, 1.04, 1.632],
    );
  });
  test("transposeConv: VALID", () => {
    expectClose(
      valuesOf(
        tfl.transposeConv,
        { weights: iota("f32", [1, 2, 2, 1], -0.6, 0.13), input: iota("f32", [1, 2, 2, 1], -2, 0.4) },
        { output_shape: [1, 5, 3, 1], stride_h: 2 },
      ),
      [1.2, 1.9, 0.752, 0.68, 0.964, 0.336, 0.72, 1.044, 0.376, 0.408, 0.524, 0.168, 0, 0, 0],
    );
  });
  test("conv3d: volumes", () => {
    expectClose(
      valuesOf(
        tfl.conv3d,
        {
          input: iota("f32", [1, 2, 3, 2, 2], -2, 0.1),
          filter: iota("f32", [2, 2, 1, 2, 2], -0.6, 0.13),
          bias: iota("f32", [2], -3, 0.7),
        },
        { padding: "SAME", stride_h: 2 },
      ),
      [
        -2.888, -3.384, -2.392, -2.68, -1.836, -1.422, -1.796, -1.278, -2.304, -1.89, -2.472, -1.954, -3.034, -2.321,
        -3.222, -2.457,
      ],
    );
  });
  test("conv3dTranspose: volumes", () => {
    expectClose(
      valuesOf(
        tfl.conv3dTranspose,
        { filter: iota("f32", [2, 2, 1, 1, 2], -0.6, 0.13), input: iota("f32", [1, 1, 2, 2, 2], -2, 0.4) },
        { output_shape: [1, 2, 3, 2, 1] },
      ),
      [1.952, 1.096, 1.256, -0.04000002, 0.136, -0.304, 0.07999999, 0.056, -0.8240001, -0.456, -0.072, 0.32],
    );
  });
});
