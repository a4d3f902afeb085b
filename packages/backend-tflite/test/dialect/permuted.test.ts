import { mapOperands, numbersOf, type OpDef, type TensorData, type TensorType } from "@tflower/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as tfl from "../../src/dialect/index.ts";
import { iota, valuesOf } from "./run-op.ts";

const transposed = (x: TensorData, perm: readonly number[]): TensorData => {
  const type = tfl.transpose.infer!({ input: x.type }, { perm }) as TensorType;
  return tfl.transpose.evaluate!({ input: x }, { perm }, [type]) as TensorData;
};

interface Case {
  readonly name: string;
  readonly op: OpDef;
  /** Operands and attributes of the op on a transposed tensor; `x` has four axes of different extents. */
  readonly at: (x: TensorData, axis: number) => { operands: Record<string, unknown>; attrs: Record<string, unknown> };
  /** Permutations that have a form. */
  readonly when?: (perm: readonly number[]) => boolean;
}
const lastStays = (perm: readonly number[]): boolean => perm[3] === 3;
const f32 = (value: number): TensorData => iota("f32", [], value);
const ids = iota("i32", [3], 0);
const one = (x: TensorData, attrs: Record<string, unknown>, name = "input") => ({ operands: { [name]: x }, attrs });

const cases: readonly Case[] = [
  ...[tfl.sum, tfl.mean, tfl.reduceMax, tfl.reduceMin, tfl.reduceProd].flatMap((op) =>
    [true, false].map((keep_dims) => ({
      name: `${op.name} keep_dims=${keep_dims}`,
      op,
      at: (x: TensorData, axis: number) => one(x, { axes: [axis, (axis + 1) % 4], keep_dims }),
    })),
  ),
  { name: "argMax", op: tfl.argMax, at: (x, axis) => one(x, { axis, output_type: "i32" }) },
  { name: "argMin", op: tfl.argMin, at: (x, axis) => one(x, { axis: axis - 4, output_type: "i32" }) },
  { name: "cumsum", op: tfl.cumsum, at: (x, axis) => one(x, { axis, exclusive: false, reverse: true }) },
  { name: "softmax", op: tfl.softmax, at: (x) => one(x, { beta: 1 }), when: lastStays },
  { name: "logSoftmax", op: tfl.logSoftmax, at: (x) => one(x, {}), when: lastStays },
  {
    name: "l2Normalization",
    op: tfl.l2Normalization,
    at: (x) => one(x, { fused_activation_function: "NONE" }),
    when: lastStays,
  },
  { name: "topkV2", op: tfl.topkV2, at: (x) => one(x, { k: 2 }), when: lastStays },
  { name: "pad", op: tfl.pad, at: (x) => one(x, { paddings: [1, 0, 0, 2, 3, 1, 0, 0] }) },
  {
    name: "padV2",
    op: tfl.padV2,
    at: (x) => ({ operands: { input: x, constant_values: f32(9) }, attrs: { paddings: [1, 0, 0, 2, 3, 1, 0, 0] } }),
  },
  { name: "mirrorPad", op: tfl.mirrorPad, at: (x) => one(x, { paddings: [1, 0, 0, 1, 1, 1, 0, 0], mode: "REFLECT" }) },
  { name: "slice", op: tfl.slice, at: (x) => one(x, { begin: [1, 0, 0, 1], size: [1, -1, 2, 1] }) },
  {
    name: "stridedSlice",
    op: tfl.stridedSlice,
    at: (x, axis) =>
      one(x, {
        begin: [1, 0, -1, 0],
        end: [0, 2, 0, 5],
        strides: [1, 1, -1, 2],
        begin_mask: 2,
        end_mask: 1,
        ellipsis_mask: 0,
        new_axis_mask: 0,
        shrink_axis_mask: axis % 2 ? 2 : 0,
        offset: false,
      }),
  },
  { name: "tile", op: tfl.tile, at: (x) => one(x, { multiples: [1, 2, 3, 1] }) },
  { name: "broadcastTo", op: tfl.broadcastTo, at: (x) => one(x, { shape: [...x.type.shape] }) },
  { name: "reverseV2", op: tfl.reverseV2, at: (x, axis) => one(x, { axes: [axis] }) },
  {
    name: "reverseSequence",
    op: tfl.reverseSequence,
    at: (x, axis) => ({
      operands: { input: x, seq_lengths: iota("i32", [x.type.shape[axis] as number], 1) },
      attrs: { seq_dim: x.type.shape.indexOf(5), batch_dim: axis },
    }),
  },
  {
    name: "gather with a list",
    op: tfl.gather,
    at: (x, axis) => ({ operands: { params: x, indices: iota("i32", [2], 1, -1) }, attrs: { axis, batch_dims: 0 } }),
  },
  {
    name: "gather with a scalar",
    op: tfl.gather,
    at: (x, axis) => ({ operands: { params: x, indices: iota("i32", [], 1) }, attrs: { axis, batch_dims: 0 } }),
  },
  {
    name: "gather with a table",
    op: tfl.gather,
    at: (x, axis) => ({
      operands: { params: x, indices: iota("i32", [3, 2], 0, 0) },
      attrs: { axis: axis - 4, batch_dims: 0 },
    }),
  },
  {
    name: "concatenation",
    op: tfl.concatenation,
    at: (x, axis) => ({ operands: { values: [x, x] }, attrs: { axis, fused_activation_function: "NONE" } }),
  },
  ...[0, 1].map((more) => ({
    name: `pack +${more}`,
    op: tfl.pack,
    at: (x: TensorData, axis: number) => ({ operands: { values: [x, x] }, attrs: { axis: axis + more } }),
  })),
  { name: "unpack", op: tfl.unpack, at: (x, axis) => one(x, { axis }, "value") },
  { name: "split", op: tfl.split, at: (x, axis) => one(x, { axis, num_splits: x.type.shape[axis] }, "value") },
  { name: "splitV", op: tfl.splitV, at: (x, axis) => one(x, { axis, size_splits: [1, -1] }, "value") },
];

/** `op(x, attrs)`, every result. */
function apply(op: OpDef, operands: Record<string, unknown>, attrs: Record<string, unknown>): readonly TensorData[] {
  const inferred = op.infer!(
    mapOperands(operands as Record<string, TensorData>, (t) => t.type) as never,
    attrs as never,
  );
  const types = (Array.isArray(inferred) ? inferred : [inferred]) as readonly TensorType[];
  const out = op.evaluate!(operands as never, attrs as never, types);
  return (Array.isArray(out) ? out : [out]) as readonly TensorData[];
}

const permutation = fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 });
/** Extents differ, so that a mistaken axis cannot go unseen; values are no pattern along any axis. */
const base = iota("f32", [3, 2, 5, 4]);
const input: TensorData = { ...base, data: Float32Array.from(numbersOf(base), (v) => Math.sin(v) * 3) };

describe.each(cases)("$name", ({ op, at, when }) => {
  test("may come before or after a transposition", () => {
    fc.assert(
      fc.property(permutation, fc.integer({ min: 0, max: 3 }), (perm, axis) => {
        const x = transposed(input, perm);
        // the axis of extent 5 is the one that sequences are reversed along
        const { operands, attrs } = at(
          x,
          op === (tfl.reverseSequence as OpDef) && x.type.shape[axis] === 5 ? (axis + 1) % 4 : axis,
        );
        const p = op.traits.permuted!(
          attrs,
          perm,
          mapOperands(operands as Record<string, TensorData>, (t) => t.type),
        );
        expect(p !== undefined).toBe(when?.(perm) ?? true);
        if (!p) return;
        const before = mapOperands(operands as Record<string, TensorData>, (t) => (t === x ? input : t));
        const want = apply(op, operands, attrs);
        const have = apply(op, before as Record<string, unknown>, p.attrs as Record<string, unknown>);
        expect(have.length).toBe(want.length);
        want.forEach((w, i) => {
          const h = transposed(have[i]!, p.perm);
          expect(h.type.shape).toEqual(w.type.shape);
          // sums may be taken in another order
          const values = numbersOf(w);
          numbersOf(h).forEach((v, k) => {
            expect(Math.abs(v - values[k]!)).toBeLessThanOrEqual(1e-5 * Math.max(1, Math.abs(v)));
          });
        });
      }),
      { numRuns: 60 },
    );
  });
});

test("there is no form where axes are inserted, nor for batched gathering", () => {
  const attrs = { begin: [0], end: [0], strides: [1], ellipsis_mask: 0, new_axis_mask: 1, shrink_axis_mask: 0 };
  expect(tfl.stridedSlice.traits.permuted!(attrs, [0], {})).toBeUndefined();
  expect(tfl.gather.traits.permuted!({ axis: 1, batch_dims: 1 }, [1, 0], { indices: ids.type })).toBeUndefined();
});

test("scales of a channel move with it", () => {
  const quant = { scales: [1, 2, 3], zeroPoints: [0, 0, 0], axis: 0 };
  const type: TensorType = { dtype: "i8", shape: [3, 2], quant };
  expect((tfl.transpose.infer!({ input: type }, { perm: [1, 0] }) as TensorType).quant).toEqual({ ...quant, axis: 1 });
  expect(valuesOf(tfl.transpose, { input: { ...iota("i8", [3, 2]), type: type as never } }, { perm: [1, 0] })).toEqual([
    0, 2, 4, 1, 3, 5,
  ]);
});
