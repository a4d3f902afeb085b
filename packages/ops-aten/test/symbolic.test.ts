import { addDim, type Dim, mulDim, type OpDef, showType, symbol, type TensorType, tensor } from "@tflower/core";
import { expect, test } from "vitest";
import { aten } from "../src/index.ts";

const s = symbol("s");
const infer = (op: OpDef, operands: Record<string, TensorType>, attrs: Record<string, unknown> = {}): string => {
  const full = Object.fromEntries(
    Object.entries(op.attrs as Record<string, { default: unknown }>).map(([k, a]) => [
      k,
      k in attrs ? attrs[k] : a.default,
    ]),
  );
  return showType(op.infer!(operands as never, full as never) as TensorType);
};
const f32 = (...shape: Dim[]): TensorType => tensor("f32", shape);

test("sequences have as many elements as sizes say", () => {
  expect(infer(aten.arange, {}, { end: s })).toBe("i64[s]");
  expect(infer(aten.arangeStart, {}, { start: 1n, end: addDim(s, 1) })).toBe("i64[s]");
  expect(infer(aten.arangeStartStep, {}, { start: 0n, end: mulDim(s, 2), step: 2n })).toBe("i64[s]");
  expect(infer(aten.arange, {}, { end: s, dtype: "f32" })).toBe("f32[s]");
});
test("sizes count as integers when dtypes are promoted", () => {
  expect(infer(aten.addScalar, { self: f32(2) }, { other: s })).toBe("f32[2]");
  expect(infer(aten.mulScalar, { self: tensor("i8", [2]) }, { other: s })).toBe("i8[2]");
  expect(infer(aten.full, {}, { size: [2], fill_value: s })).toBe("i64[2]");
  expect(infer(aten.divScalar, { self: tensor("i32", [s]) }, { other: s })).toBe("f32[s]");
});
test("shapes broadcast over symbols", () => {
  expect(infer(aten.addTensor, { self: f32(s, 1), other: f32(3) })).toBe("f32[s,3]");
  expect(infer(aten.whereSelf, { condition: tensor("bool", [s]), self: f32(1), other: f32() })).toBe("f32[s]");
  expect(infer(aten.eyeM, {}, { n: s, m: 3 })).toBe("f32[s,3]");
  expect(infer(aten.zeros, {}, { size: [s, 2] })).toBe("f32[s,2]");
  expect(infer(aten.glu, { self: f32(mulDim(s, 2), 4) }, { dim: 0 })).toBe("f32[s,4]");
});
test("what cannot be is said", () => {
  expect(() => infer(aten.subTensor, { self: tensor("bool", [2]), other: tensor("bool", [2]) })).toThrow(
    "bools are not subtracted",
  );
  expect(() => infer(aten.addTensor, { self: f32(2), other: f32(3) })).toThrow("cannot broadcast");
  expect(() => infer(aten.addTensor, { self: tensor("i64", [2]), other: tensor("i64", [2]) }, { alpha: 0.5 })).toThrow(
    "alpha must be an integer",
  );
  expect(() => infer(aten.bitwiseAndTensor, { self: f32(2), other: f32(2) })).toThrow("takes integers or bools");
  expect(() => infer(aten.glu, { self: f32(3) })).toThrow("even axis");
  expect(() => infer(aten.powTensorScalar, { self: tensor("i64", [2]) }, { exponent: -1n })).toThrow(
    "no integer power",
  );
  expect(() => infer(aten.arangeStartStep, {}, { start: 0n, end: 5n, step: -1n })).toThrow("do not fit a step");
});
