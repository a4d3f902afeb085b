import {
  attr,
  broadcastShapes,
  type Dim,
  invalid,
  mulDim,
  operand,
  rowMajorStrides,
  withShape,
  wrap,
} from "@tflower/core";
import { axesOf, axisOf, showShape, unpermute } from "../semantics/axes.ts";
import { broadcastStrides } from "../semantics/broadcast.ts";
import { strided } from "../semantics/movement.ts";
import { reverseRows } from "../semantics/sequence.ts";
import { defineTfl, runtimeParameter } from "./define-tfl.ts";

export const tile = defineTfl("TILE", {
  summary: "Repeats the whole tensor `multiples[i]` times along each axis.",
  options: "TileOptions",
  operands: { input: operand.tensor, multiples: runtimeParameter },
  attrs: { multiples: attr.dims },
  parameters: { multiples: "list" },
  movesElements: true,
  traits: {
    permuted: ({ multiples }, perm) => ({ attrs: { multiples: unpermute(multiples as readonly Dim[], perm) }, perm }),
  },
  infer: ({ input }, { multiples }) =>
    multiples.length === input.shape.length
      ? withShape(
          input,
          input.shape.map((d, i) => mulDim(d, multiples[i]!)),
        )
      : invalid(`multiples has ${multiples.length} numbers for ${input.shape.length} axes`),
  evaluate({ input }, { multiples }, [type]) {
    const own = rowMajorStrides(input.type.shape);
    const shape = multiples.flatMap((m, i) => [m, input.type.shape[i]!]);
    return wrap(
      type!,
      strided(
        { ...type!, shape },
        input,
        own.flatMap((s) => [0, s]),
      ).data,
    );
  },
});

export const broadcastTo = defineTfl("BROADCAST_TO", {
  summary: "Repeats axes of extent 1 up to `shape`, as in NumPy.",
  options: "BroadcastToOptions",
  operands: { input: operand.tensor, shape: runtimeParameter },
  attrs: { shape: attr.dims },
  parameters: { shape: "list" },
  movesElements: true,
  traits: {
    permuted: ({ shape }, perm) =>
      (shape as readonly Dim[]).length === perm.length
        ? { attrs: { shape: unpermute(shape as readonly Dim[], perm) }, perm }
        : undefined,
  },
  infer({ input }, { shape }) {
    const out = broadcastShapes(input.shape, shape);
    if (
      out.length !== shape.length ||
      out.some((d, i) => typeof shape[i] === "number" && d !== shape[i] && typeof d === "number")
    )
      invalid(`cannot broadcast ${showShape(input.shape)} to ${showShape(shape)}`);
    return withShape(input, shape);
  },
  evaluate: ({ input }, _, [type]) =>
    strided(type!, input, broadcastStrides(input.type.shape, type!.shape as readonly number[])),
});

export const reverseV2 = defineTfl("REVERSE_V2", {
  summary: "Reverses the order along `axes`.",
  options: "ReverseV2Options",
  operands: { input: operand.tensor },
  attrs: { axes: attr.ints },
  parameters: { axes: "list" },
  movesElements: true,
  traits: {
    permuted: ({ axes }, perm) => ({
      attrs: {
        axes: axesOf(axes as readonly number[], perm.length)
          .map((a) => perm[a]!)
          .sort((a, b) => a - b),
      },
      perm,
    }),
  },
  infer({ input }, { axes }) {
    axesOf(axes, input.shape.length);
    return input;
  },
  evaluate({ input }, { axes }, [type]) {
    const strides = rowMajorStrides(input.type.shape);
    let offset = 0;
    for (const a of axesOf(axes, strides.length)) {
      offset += (input.type.shape[a]! - 1) * strides[a]!;
      strides[a] = -strides[a]!;
    }
    return strided(type!, input, strides, offset);
  },
});

export const reverseSequence = defineTfl("REVERSE_SEQUENCE", {
  summary: "Reverses the first `seq_lengths[b]` elements along `seq_dim` in row `b` of `batch_dim`.",
  options: "ReverseSequenceOptions",
  operands: { input: operand.tensor, seq_lengths: operand.both(operand.dtype("i32", "i64"), operand.rank(1)) },
  attrs: { seq_dim: attr.int, batch_dim: attr.int.default_(0) },
  movesElements: true,
  traits: {
    permutedOperands: ["input"],
    permuted: ({ seq_dim, batch_dim }, perm) => ({
      attrs: { seq_dim: perm[seq_dim as number], batch_dim: perm[batch_dim as number] },
      perm,
    }),
  },
  infer({ input }, { seq_dim, batch_dim }) {
    if (axisOf(seq_dim, input.shape.length) === axisOf(batch_dim, input.shape.length))
      invalid(`reverses along its batch axis ${batch_dim}`);
    return input;
  },
  evaluate: ({ input, seq_lengths }, { seq_dim, batch_dim }, [type]) =>
    reverseRows(type!, input, Array.from(seq_lengths.data, Number), seq_dim, batch_dim),
});
