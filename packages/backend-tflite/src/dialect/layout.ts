import {
  attr,
  countOf,
  type Dim,
  invalid,
  operand,
  type Quantization,
  rowMajorStrides,
  sameDim,
  showDim,
  sizeOf,
  staticShape,
  type TensorType,
  tensor,
  withShape,
  wrap,
} from "@tflower/core";
import { axesOf, showShape } from "../semantics/axes.ts";
import { strided } from "../semantics/movement.ts";
import { defineTfl, runtimeI32 } from "./define-tfl.ts";

/** The type with `shape`, the axis of its scales moved along. */
function moved(t: TensorType, shape: readonly Dim[], axis: (from: number) => number): TensorType {
  const q: Quantization | undefined = t.quant?.axis === undefined ? t.quant : { ...t.quant, axis: axis(t.quant.axis) };
  return tensor(t.dtype, shape, q);
}

export const transpose = defineTfl("TRANSPOSE", {
  summary: "Permutes axes: axis `i` of the result is axis `perm[i]` of the input.",
  options: "TransposeOptions",
  operands: { input: operand.tensor },
  attrs: { perm: attr.ints },
  parameters: { perm: "list" },
  movesElements: true,
  infer: ({ input }, { perm }) =>
    perm.length === input.shape.length && [...perm].sort((a, b) => a - b).every((p, i) => p === i)
      ? moved(
          input,
          perm.map((p) => input.shape[p]!),
          (a) => perm.indexOf(a),
        )
      : invalid(`perm [${perm.join(",")}] is not a permutation of ${input.shape.length} axes`),
  evaluate({ input }, { perm }, [type]) {
    const strides = rowMajorStrides(input.type.shape);
    return strided(
      type!,
      input,
      perm.map((p) => strides[p]!),
    );
  },
});

/** `shape` for `total` elements, with one symbolic extent computed as the runtime does. */
function closed(shape: readonly Dim[], total: number): readonly number[] {
  if (shape.filter((d) => typeof d !== "number").length !== 1) return staticShape(shape);
  const known = shape.reduce<number>((n, d) => (typeof d === "number" ? n * d : n), 1);
  return shape.map((d) => (typeof d === "number" ? d : total / known));
}

export const reshape = defineTfl("RESHAPE", {
  summary: "The same elements in another shape.",
  options: "ReshapeOptions",
  operands: { input: operand.tensor, shape: runtimeI32 },
  attrs: { shape: attr.dims },
  parameters: { shape: "list" },
  // the operand holds, but some readers of files look here
  derived: ({ results }) => ({ new_shape: results[0]!.shape.map((d) => (typeof d === "number" ? d : -1)) }),
  movesElements: true,
  infer: ({ input }, { shape }) =>
    sameDim(sizeOf(input.shape), sizeOf(shape)) ||
    typeof sizeOf(input.shape) !== "number" ||
    typeof sizeOf(shape) !== "number"
      ? withShape(input, shape)
      : invalid(
          `cannot reshape ${showShape(input.shape)} to ${showShape(shape)}: ${showDim(sizeOf(input.shape))} and ${showDim(sizeOf(shape))} elements`,
        ),
  evaluate: ({ input }, _, [type]) =>
    wrap({ ...type!, shape: closed(type!.shape, countOf(input.type.shape)) }, input.data),
});

export const expandDims = defineTfl("EXPAND_DIMS", {
  summary: "Inserts an axis of extent 1 before `axis`; -1 is after the last.",
  options: "ExpandDimsOptions",
  operands: { input: operand.tensor },
  attrs: { axis: attr.int },
  parameters: { axis: "scalar" },
  movesElements: true,
  infer({ input }, { axis }) {
    const rank = input.shape.length;
    const at = axis < 0 ? axis + rank + 1 : axis;
    if (at < 0 || at > rank) invalid(`cannot insert axis ${axis} among ${rank}`);
    return moved(input, input.shape.toSpliced(at, 0, 1), (a) => (a < at ? a : a + 1));
  },
  evaluate: ({ input }, _, [type]) => wrap(type!, input.data),
});

export const squeeze = defineTfl("SQUEEZE", {
  summary: "Drops axes of extent 1: those in `squeeze_dims`, or all of them when it is empty.",
  options: "SqueezeOptions",
  operands: { input: operand.tensor },
  attrs: { squeeze_dims: attr.ints.default_([]) },
  movesElements: true,
  infer({ input }, { squeeze_dims }) {
    const drop =
      squeeze_dims.length > 0
        ? axesOf(squeeze_dims, input.shape.length)
        : [...input.shape.keys()].filter((i) => input.shape[i] === 1);
    for (const i of drop)
      if (typeof input.shape[i] === "number" && input.shape[i] !== 1)
        invalid(`cannot drop axis ${i} of ${showShape(input.shape)}: its extent is not 1`);
    return moved(
      input,
      input.shape.filter((_, i) => !drop.includes(i)),
      (a) => a - drop.filter((d) => d < a).length,
    );
  },
  evaluate: ({ input }, _, [type]) => wrap(type!, input.data),
});
