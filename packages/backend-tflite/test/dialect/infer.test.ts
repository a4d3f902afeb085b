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
import { iota } from "./run-op.ts";

const s = symbol("s");
const f32 = (...shape: Dim[]): TensorType => tensor("f32", shape);
const show = (t: TensorType | readonly TensorType[]): string => ([t].flat() as TensorType[]).map(showType).join(" ");

describe("symbolic extents", () => {
  test("of layout ops", () => {
    expect(show(tfl.pad.infer!({ input: f32(s, 2) }, { paddings: [1, 2, 0, s] }))).toBe("f32[s+3,s+2]");
    expect(show(tfl.slice.infer!({ input: f32(s, 4) }, { begin: [1, 0], size: [-1, 2] }))).toBe("f32[s-1,2]");
    expect(show(tfl.tile.infer!({ input: f32(s, 4) }, { multiples: [3, s] }))).toBe("f32[3*s,4*s]");
    expect(
      show(
        tfl.concatenation.infer!({ values: [f32(s, 4), f32(2, 4)] }, { axis: 0, fused_activation_function: "NONE" }),
      ),
    ).toBe("f32[s+2,4]");
    expect(show(tfl.splitV.infer!({ value: f32(s) }, { axis: 0, size_splits: [2, -1] }))).toBe("f32[2] f32[s-2]");
    expect(show(tfl.range.infer!({}, { start: 1, limit: mulDim(s, 4), delta: 2 }))).toBe("i32[2*s]");
    expect(show(tfl.broadcastTo.infer!({ input: f32(1, 4) }, { shape: [s, 4] }))).toBe("f32[s,4]");
    expect(
      show(
        tfl.fullyConnected.infer!(
          { input: f32(s, 3, 8), filter: f32(5, 8), bias: undefined },
          {
            keep_num_dims: false,
            fused_activation_function: "NONE",
            weights_format: "DEFAULT",
            asymmetric_quantize_inputs: false,
          },
        ),
      ),
    ).toBe("f32[3*s,5]");
  });

  test("of strided slices, whose indices lie inside", () => {
    const all = { begin_mask: 0, end_mask: 0, ellipsis_mask: 0, new_axis_mask: 0, shrink_axis_mask: 0, offset: false };
    const cut = (begin: Dim, end: Dim, step: number, masks = {}): string =>
      show(
        tfl.stridedSlice.infer!({ input: f32(s) }, { ...all, begin: [begin], end: [end], strides: [step], ...masks }),
      );
    expect(cut(1, 0, 1, { end_mask: 1 })).toBe("f32[s-1]");
    expect(cut(0, -1, 1)).toBe("f32[s-1]");
    expect(cut(-3, 0, 1, { end_mask: 1 })).toBe("f32[3]");
    expect(cut(0, 0, -1, { begin_mask: 1, end_mask: 1 })).toBe("f32[s]");
    expect(cut(0, 0, 2, { begin_mask: 1, end_mask: 1 })).toBe("f32[floordiv(s+1,2)]");
    expect(cut(-1, 0, 1, { shrink_axis_mask: 1 })).toBe("f32[]");
  });

  test("of windows", () => {
    const a = {
      padding: "SAME",
      stride_w: 2,
      stride_h: 1,
      dilation_w_factor: 1,
      dilation_h_factor: 2,
      fused_activation_function: "NONE",
    } as const;
    const types = { input: f32(1, s, s, 3), filter: f32(8, 3, 3, 3), bias: undefined };
    expect(show(tfl.conv2d.infer!(types, a))).toBe("f32[1,s,floordiv(s+1,2),8]");
    expect(show(tfl.conv2d.infer!(types, { ...a, padding: "VALID" }))).toBe("f32[1,s-4,floordiv(s-1,2),8]");
  });
});

describe("what does not fit is refused", () => {
  const refused = (why: RegExp, f: () => unknown): void => {
    expect(f).toThrow(InvalidOp);
    expect(f).toThrow(why);
  };
  test("with the reason", () => {
    const none = { fused_activation_function: "NONE" } as const;
    refused(/one dtype, got f32\[2\] and i32\[2\]/, () =>
      tfl.add.infer!({ lhs: f32(2), rhs: tensor("i32", [2]) }, none),
    );
    refused(/cannot broadcast \[2\] with \[3\]/, () => tfl.add.infer!({ lhs: f32(2), rhs: f32(3) }, none));
    refused(/perm \[0,0\] is not a permutation of 2 axes/, () =>
      tfl.transpose.infer!({ input: f32(2, 3) }, { perm: [0, 0] }),
    );
    refused(/cannot reshape \[2,3\] to \[4\]: 6 and 4 elements/, () =>
      tfl.reshape.infer!({ input: f32(2, 3), shape: undefined }, { shape: [4] }),
    );
    refused(/cannot make \[1,4,4,1\]/, () =>
      tfl.transposeConv.infer!(
        { weights: f32(1, 3, 3, 1), input: f32(1, 3, 3, 1), bias: undefined, output_shape: undefined },
        { ...none, output_shape: [1, 4, 4, 1], padding: "SAME", stride_h: 1, stride_w: 1 },
      ),
    );
    refused(/takes 3 elements from 2 on of axis 0/, () =>
      tfl.slice.infer!({ input: f32(4), begin: undefined, size: undefined }, { begin: [2], size: [3] }),
    );
    refused(/axis 2 does not exist in 2 axes/, () =>
      tfl.sum.infer!({ input: f32(2, 2) }, { axes: [2], keep_dims: false }),
    );
    refused(/multiply \[2,3\] by \[2,3\]/, () =>
      tfl.batchMatmul.infer!(
        { x: f32(2, 3), y: f32(2, 3) },
        { adj_x: false, adj_y: false, asymmetric_quantize_inputs: false },
      ),
    );
    refused(/away from 1/, () => tfl.range.infer!({}, { start: 3, limit: 1, delta: 1 }));
    refused(/one shape/, () => tfl.stablehloAdd.infer!({ lhs: f32(2), rhs: f32(1) }, {}));
  });
  test("at run time, where kernels refuse", () => {
    const type = tensor("f32", [1]);
    expect(() =>
      tfl.gather.evaluate!({ params: iota("f32", [3]), indices: i32Data([-1]) }, { axis: 0, batch_dims: 0 }, [type]),
    ).toThrow(/index -1 of 3/);
    expect(() =>
      tfl.div.evaluate!({ lhs: i32Data([1]), rhs: i32Data([0]) }, { fused_activation_function: "NONE" }, [
        tensor("i32", [1]),
      ]),
    ).toThrow(/divides by zero/);
  });
});

test("parameters that come at run time replace their attributes", () => {
  const n = addDim(s, 1);
  const type = tfl.reshape.infer!({ input: f32(2, s), shape: tensor("i32", [2]) }, { shape: [s, 2] }) as TensorType;
  const out = tfl.reshape.evaluate!({ input: iota("f32", [2, 3]), shape: i32Data([3, 2]) }, { shape: [s, 2] }, [type]);
  expect(show((out as { type: TensorType }).type)).toBe("f32[3,2]");
  const range = tfl.range.evaluate!(
    { start: undefined, limit: iota("i32", [], 4), delta: undefined },
    { start: 0, limit: n, delta: 1 },
    [tensor("i32", [n])],
  );
  expect((range as { data: unknown }).data).toEqual(Int32Array.of(0, 1, 2, 3));
  const padded = tfl.pad.evaluate!(
    { input: iota("f32", [1, 2], 1), paddings: i32Data([0, 0, 1, 0]) },
    { paddings: [0, 0, n, 0] },
    [f32(1, addDim(n, 2))],
  );
  expect((padded as { data: unknown }).data).toEqual(Float32Array.of(0, 1, 2));
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
  expect(roll.traits.tfl).toEqual({
    builtin: "CUSTOM",
    customCode: "Roll",
    file: ["input", "shift"],
    parameters: { shift: "scalar" },
  });
});

test("fields of options follow from types", () => {
  const derived = tfl.cast.traits.tfl!.derived!({
    operands: { input: f32(2) },
    attrs: { out_data_type: "i32" },
    results: [tensor("i32", [2])],
  });
  expect(derived).toEqual({ in_data_type: "f32" });
  expect(tfl.pack.traits.tfl!.derived!({ operands: { values: [f32(), f32()] }, attrs: {}, results: [f32(2)] })).toEqual(
    { values_count: 2 },
  );
});
