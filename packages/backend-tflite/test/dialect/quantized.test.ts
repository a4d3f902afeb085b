import { type Quantization, type TensorData, tensor, tensorData } from "@tflower/core";
import { describe, test } from "vitest";
import * as tfl from "../../src/dialect/index.ts";
import { expectClose, iota, valuesOf } from "./run-op.ts";

const quantized = (x: TensorData, scale: number, zeroPoint: number): TensorData => {
  const quant: Quantization = { scales: [scale], zeroPoints: [zeroPoint] };
  return { type: tensor(x.type.dtype, x.type.shape, quant) as TensorData["type"], data: x.data };
};

// expected values are those of the LiteRT kernels
describe("reference semantics", () => {
  test("quantize: ties to even", () => {
    expectClose(
      valuesOf(tfl.quantize, { input: tensorData("f32", [7], [0.25, 0.75, -0.25, -0.75, 1.25, 99, -99]) }, undefined, [
        tensor("i8", [7], { scales: [0.5], zeroPoints: [1] }),
      ]),
      [1, 3, 1, -1, 3, 127, -128],
    );
  });
  test("quantize: at other scales", () => {
    expectClose(
      valuesOf(tfl.quantize, { input: quantized(iota("i8", [5], -100, 50), 0.05, 3) }, undefined, [
        tensor("i8", [5], { scales: [0.03], zeroPoints: [5] }),
      ]),
      [-128, -83, 0, 83, 127],
    );
  });
  test("dequantize: to real numbers", () => {
    expectClose(
      valuesOf(tfl.dequantize, { input: quantized(iota("i8", [3], -100, 50), 0.05, 3) }),
      [-5.15, -2.65, -0.15],
    );
  });
  test("dequantize: from half precision", () => {
    expectClose(valuesOf(tfl.dequantize, { input: tensorData("f16", [2], [0.1, 2]) }), [0.09997559, 2]);
  });
  test("add: on real numbers", () => {
    expectClose(
      valuesOf(
        tfl.add,
        { lhs: quantized(iota("i8", [4], -100, 50), 0.05, 3), rhs: quantized(iota("i8", [4], 90, -40), 0.02, -3) },
        undefined,
        [tensor("i8", [4], { scales: [0.07], zeroPoints: [1] })],
      ),
      [-46, -22, 3, 27],
    );
  });
  test("averagePool2d: on real numbers", () => {
    expectClose(
      valuesOf(
        tfl.averagePool2d,
        { input: quantized(iota("i8", [1, 2, 2, 1], -100, 50), 0.05, 3) },
        { filter_width: 2, filter_height: 2 },
        [tensor("i8", [1, 1, 1, 1], { scales: [0.05], zeroPoints: [3] })],
      ),
      [-25],
    );
  });
  test("pad: zero is the zero point", () => {
    expectClose(
      valuesOf(tfl.pad, { input: quantized(iota("i8", [2], -100, 50), 0.05, 3) }, { paddings: [1, 1] }, [
        tensor("i8", [4], { scales: [0.05], zeroPoints: [3] }),
      ]),
      [3, -100, -50, 3],
    );
  });
  test("spaceToBatchNd: zero is the zero point", () => {
    expectClose(
      valuesOf(
        tfl.spaceToBatchNd,
        { input: quantized(iota("i8", [1, 1, 1, 1], 9), 0.05, 3) },
        { block_shape: [2, 1], paddings: [1, 0, 0, 0] },
        [tensor("i8", [2, 1, 1, 1], { scales: [0.05], zeroPoints: [3] })],
      ),
      [3, 9],
    );
  });
  test("transpose: moves stored elements", () => {
    expectClose(
      valuesOf(tfl.transpose, { input: quantized(iota("i8", [2, 2], 125), 0.05, 3) }, { perm: [1, 0] }, [
        tensor("i8", [2, 2], { scales: [0.05], zeroPoints: [3] }),
      ]),
      [125, 127, 126, -128],
    );
  });
});
