import {
  addDim,
  attr,
  type Dim,
  InvalidOp,
  i32Data,
  mulDim,
  operand,
  showType,
  symbol,
  type TensorType,
  tensor,
} from "@tflower/core";
import { describe, expect, test } from "vitest";
import { defineTflCustom } from "../../src/dialect/define-tfl.ts";
import * as tfl from "../../src/dialect/index.ts";
import { inferOp, iota, runOp, valuesOf } from "./run-op.ts";

const s = symbol("s");
const f32 = (...shape: Dim[]): TensorType => tensor("f32", shape);
const show = (types: readonly TensorType[]): string => types.map(showType).join(" ");

describe("symbolic extents", () => {
  test("of layout ops", () => {
    expect(show(inferOp(tfl.pad, { input: f32(s, 2) }, { paddings: [1, 2, 0, s] }))).toBe("f32[s+3,s+2]");
    expect(show(inferOp(tfl.slice, { input: f32(s, 4) }, { begin: [1, 0], size: [-1, 2] }))).toBe("f32[s-1,2]");
    expect(show(inferOp(tfl.tile, { input: f32(s, 4) }, { multiples: [3, s] }))).toBe("f32[3*s,4*s]");
    expect(show(inferOp(tfl.concatenation, { values: [f32(s, 4), f32(2, 4)] }, { axis: 0 }))).toBe("f32[s+2,4]");
    expect(show(inferOp(tfl.splitV, { value: f32(s) }, { axis: 0, size_splits: [2, -1] }))).toBe("f32[2] f32[s-2]");
    expect(show(inferOp(tfl.range, {}, { start: 1, limit: mulDim(s, 4), delta: 2 }))).toBe("i32[2*s]");
    expect(show(inferOp(tfl.broadcastTo, { input: f32(1, 4) }, { shape: [s, 4] }))).toBe("f32[s,4]");
    expect(show(inferOp(tfl.fullyConnected, { input: f32(s, 3, 8), filter: f32(5, 8) }))).toBe("f32[3*s,5]");
  });

  test("of strided slices, whose indices lie inside", () => {
    const cut = (begin: Dim, end: Dim, step: number, masks = {}): string =>
      show(inferOp(tfl.stridedSlice, { input: f32(s) }, { begin: [begin], end: [end], strides: [step], ...masks }));
    expect(cut(1, 0, 1, { end_mask: 1 })).toBe("f32[s-1]");
    expect(cut(0, -1, 1)).toBe("f32[s-1]");
    expect(cut(-3, 0, 1, { end_mask: 1 })).toBe("f32[3]");
    expect(cut(0, 0, -1, { begin_mask: 1, end_mask: 1 })).toBe("f32[s]");
    expect(cut(0, 0, 2, { begin_mask: 1, end_mask: 1 })).toBe("f32[floordiv(s+1,2)]");
    expect(cut(-1, 0, 1, { shrink_axis_mask: 1 })).toBe("f32[]");
  });

  test("of windows", () => {
    const types = { input: f32(1, s, s, 3), filter: f32(8, 3, 3, 3) };
    const a = { stride_w: 2, dilation_h_factor: 2 } as const;
    expect(show(inferOp(tfl.conv2d, types, { ...a, padding: "SAME" }))).toBe("f32[1,s,floordiv(s+1,2),8]");
    const valid = inferOp(tfl.conv2d, types, { ...a, padding: "VALID" })[0]!;
    expect(show([valid])).toBe(show([f32(1, addDim(s, -4), valid.shape[2]!, 8)]));
    // by numbers, since one expression has many forms
    expect(inferOp(tfl.conv2d, { ...types, input: f32(1, 9, 10, 3) }, a)[0]!.shape).toEqual([1, 5, 4, 8]);
  });
});

describe("what does not fit is refused", () => {
  const refused = (why: RegExp, f: () => unknown): void => {
    expect(f).toThrow(InvalidOp);
    expect(f).toThrow(why);
  };
  test("with the reason", () => {
    refused(/one dtype, got f32\[2\] and i32\[2\]/, () => inferOp(tfl.add, { lhs: f32(2), rhs: tensor("i32", [2]) }));
    refused(/cannot broadcast \[2\] with \[3\]/, () => inferOp(tfl.add, { lhs: f32(2), rhs: f32(3) }));
    refused(/perm \[0,0\] is not/, () => inferOp(tfl.transpose, { input: f32(2, 3) }, { perm: [0, 0] }));
    refused(/\[2,3\] to \[4\]: 6 and 4 elements/, () => inferOp(tfl.reshape, { input: f32(2, 3) }, { shape: [4] }));
    refused(/cannot make \[1,4,4,1\]/, () =>
      inferOp(
        tfl.transposeConv,
        { weights: f32(1, 3, 3, 1), input: f32(1, 3, 3, 1) },
        { output_shape: [1, 4, 4, 1], padding: "SAME" },
      ),
    );
    refused(/takes 3 elements from 2/, () => inferOp(tfl.slice, { input: f32(4) }, { begin: [2], size: [3] }));
    refused(/axis 2 does not exist in 2/, () => inferOp(tfl.sum, { input: f32(2, 2) }, { axes: [2] }));
    refused(/multiply \[2,3\] by \[2,3\]/, () => inferOp(tfl.batchMatmul, { x: f32(2, 3), y: f32(2, 3) }));
    refused(/away from 1/, () => inferOp(tfl.range, {}, { start: 3, limit: 1 }));
    refused(/one shape/, () => inferOp(tfl.stablehloAdd, { lhs: f32(2), rhs: f32(1) }));
  });
  test("at run time, where kernels refuse", () => {
    expect(() => runOp(tfl.gather, { params: iota("f32", [3]), indices: i32Data([-1]) })).toThrow(/index -1 of 3/);
    expect(() => runOp(tfl.div, { lhs: i32Data([1]), rhs: i32Data([0]) })).toThrow(/divides by zero/);
  });
});

test("parameters that come at run time replace their attributes", () => {
  const n = addDim(s, 1);
  const [reshaped] = runOp(tfl.reshape, { input: iota("f32", [2, 3]), shape: i32Data([3, 2]) }, { shape: [s, 2] });
  expect(showType(reshaped!.type)).toBe("f32[3,2]");
  expect(valuesOf(tfl.range, { limit: iota("i32", [], 4) }, { limit: n })).toEqual([0, 1, 2, 3]);
  const paddings = { ...i32Data([0, 0, 1, 0]), type: tensor("i32", [2, 2]) as never };
  expect(valuesOf(tfl.pad, { input: iota("f32", [1, 2], 1), paddings }, { paddings: [0, 0, n, 0] })).toEqual([0, 1, 2]);
});

test("custom ops are declared alike", () => {
  const roll = defineTflCustom("Roll", {
    summary: "Rolls.",
    operands: { input: operand.tensor },
    attrs: { shift: attr.int, axis: attr.int.default_(0) },
    parameters: { shift: "scalar" },
    infer: ({ input }) => input,
  });
  expect(roll.name).toBe("tfl.custom.Roll");
  const parameters = { shift: "scalar" };
  expect(roll.traits.tfl).toEqual({ builtin: "CUSTOM", customCode: "Roll", file: ["input", "shift"], parameters });
});

test("fields of options follow from types", () => {
  const { derived } = tfl.cast.traits.tfl!;
  const results = [tensor("i32", [2])];
  expect(derived!({ operands: { input: f32(2) }, attrs: { out_data_type: "i32" }, results })).toEqual({
    in_data_type: "f32",
  });
  const values = { operands: { values: [f32(), f32()] }, attrs: {}, results: [f32(2)] };
  expect(tfl.pack.traits.tfl!.derived!(values)).toEqual({ values_count: 2 });
});
