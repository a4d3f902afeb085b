import { describe, expect, test } from "vitest";
import { checkKernel } from "../../src/file/kernels.ts";
import type { OpDescription, OperandDescription } from "../../src/file/op-description.ts";
import type { FileDType } from "../../src/file/tflite-file.ts";

const floats = (...shape: number[]): OperandDescription => ({ dtype: "f32", shape });
const codes = (dtype: FileDType, scale: number, ...shape: number[]): OperandDescription => ({
  dtype,
  shape,
  quantization: { scale: [scale], zeroPoint: [0] },
});

// each of these loads, or fails to, and then computes something else: measured on native LiteRT
describe("quantized kernels that go wrong are refused", () => {
  const division: OpDescription = {
    builtin: "DIV",
    operands: [codes("i8", 0.1, 4), codes("i8", 0.1, 4)],
    results: [codes("i8", 0.1, 4)],
  };
  test("division of integers", () => expect(checkKernel(division)).toContain("divide floats"));

  const product = (...batch: number[]): OpDescription => ({
    builtin: "BATCH_MATMUL",
    operands: [floats(...batch, 3, 8), codes("i8", 0.1, ...batch.map(() => 1), 8, 5)],
    results: [floats(...batch, 3, 5)],
  });
  test("floats times int8 with two batch axes", () => expect(checkKernel(product(4, 2))).toContain("mixes up"));
  test("with one, they run", () => {
    expect(checkKernel(product(4))).toBeUndefined();
    expect(checkKernel(product(1, 4))).toBeUndefined();
  });

  const sum = (scale: number, pot?: boolean): OpDescription => ({
    builtin: "ADD",
    operands: [codes("i16", scale, 4), codes("i16", 2 * scale, 4)],
    results: [codes("i16", 4 * scale, 4)],
    ...(pot !== undefined && { options: { pot_scale_int16: pot } }),
  });
  test("16-bit sums at powers of two, unless any scales are asked for", () => {
    expect(checkKernel(sum(0.25))).toContain("pot_scale_int16");
    expect(checkKernel(sum(0.25, true))).toContain("pot_scale_int16");
    expect(checkKernel(sum(0.25, false))).toBeUndefined();
    expect(checkKernel(sum(0.3))).toBeUndefined();
  });
});
