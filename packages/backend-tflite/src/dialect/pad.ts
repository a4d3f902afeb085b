import {
  addDim,
  allocate,
  attr,
  countOf,
  type Dim,
  invalid,
  operand,
  rowMajorStrides,
  staticShape,
  type TensorData,
  type TensorType,
  withShape,
  wrap,
} from "@tflower/core";
import { copyInto, iota, pickAlong } from "../semantics/movement.ts";
import { defineTfl, type Permuted, runtimeParameter } from "./define-tfl.ts";

/** Pairs by axis of a transposed tensor, for the axes of the tensor itself. */
function unpermutePairs(pairs: readonly Dim[], perm: readonly number[]): Dim[] {
  const out: Dim[] = [];
  perm.forEach((p, i) => {
    out[2 * p] = pairs[2 * i]!;
    out[2 * p + 1] = pairs[2 * i + 1]!;
  });
  return out;
}
const permuted = (attrs: Readonly<Record<string, unknown>>, perm: readonly number[]): Permuted => ({
  attrs: { ...attrs, paddings: unpermutePairs(attrs["paddings"] as readonly Dim[], perm) },
  perm,
});

function padded(input: TensorType, paddings: readonly Dim[]): TensorType {
  if (paddings.length !== 2 * input.shape.length)
    invalid(`paddings has ${paddings.length} numbers for ${input.shape.length} axes`);
  return withShape(
    input,
    input.shape.map((d, i) => addDim(d, addDim(paddings[2 * i]!, paddings[2 * i + 1]!))),
  );
}

function padWith(
  type: TensorType,
  input: TensorData,
  paddings: readonly Dim[],
  value: number | bigint | undefined,
): TensorData {
  const shape = staticShape(type.shape);
  const out = allocate(type.dtype, countOf(shape));
  if (value !== undefined) out.fill(value as never);
  const strides = rowMajorStrides(shape);
  copyInto(
    out,
    strides,
    strides.reduce((n, s, i) => n + s * (paddings[2 * i] as number), 0),
    input,
  );
  return wrap(type, out);
}

export const pad = defineTfl("PAD", {
  summary: "Pads with zeros: `paddings` holds before and after for each axis in turn.",
  options: "PadOptions",
  operands: { input: operand.tensor, paddings: runtimeParameter },
  attrs: { paddings: attr.dims },
  parameters: { paddings: "pairs" },
  // integers that stand for zero are padded with where it is quantized
  traits: { permuted, selects: true },
  infer: ({ input }, { paddings }) => padded(input, paddings),
  evaluate: ({ input }, { paddings }, [type]) => padWith(type!, input, paddings, undefined),
});

export const padV2 = defineTfl("PADV2", {
  summary: "Pads with the scalar `constant_values`: `paddings` holds before and after for each axis in turn.",
  options: "PadV2Options",
  operands: { input: operand.tensor, constant_values: operand.tensor, paddings: runtimeParameter },
  attrs: { paddings: attr.dims },
  parameters: { paddings: "pairs" },
  file: ["input", "paddings", "constant_values"],
  traits: { permuted },
  infer({ input, constant_values }, { paddings }) {
    if (constant_values.dtype !== input.dtype) invalid(`pads ${input.dtype} with a value of ${constant_values.dtype}`);
    return padded(input, paddings);
  },
  evaluate: ({ input, constant_values }, { paddings }, [type]) =>
    padWith(type!, input, paddings, constant_values.data[0]!),
});

export const mirrorPad = defineTfl("MIRROR_PAD", {
  summary: "Pads with elements mirrored at the edge, without (REFLECT) or with (SYMMETRIC) the edge itself.",
  options: "MirrorPadOptions",
  operands: { input: operand.tensor, paddings: runtimeParameter },
  attrs: { paddings: attr.dims, mode: attr.oneOf("REFLECT", "SYMMETRIC").default_("REFLECT") },
  parameters: { paddings: "pairs" },
  traits: { permuted },
  infer({ input }, { paddings, mode }) {
    const edge = mode === "REFLECT" ? 1 : 0;
    input.shape.forEach((d, i) => {
      const most = Math.max(...[paddings[2 * i], paddings[2 * i + 1]].map((p) => (typeof p === "number" ? p : 0)));
      if (typeof d === "number" && most > d - edge)
        invalid(`cannot mirror ${most} elements of axis ${i}, which has ${d}`);
    });
    return padded(input, paddings);
  },
  evaluate({ input }, { paddings, mode }, [type]) {
    const edge = mode === "REFLECT" ? 1 : 0;
    const maps = staticShape(type!.shape).map((extent, d) => {
      const n = input.type.shape[d]!;
      return iota(extent).map((o) => {
        const i = o - (paddings[2 * d] as number);
        return i < 0 ? -i - 1 + edge : i >= n ? 2 * n - 1 - edge - i : i;
      });
    });
    return pickAlong(type!, input, maps);
  },
});
