import { attr, invalid, type TensorData, type TensorType } from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";
import { type ConvAttrs, convSlides, convTransposeType, convType } from "../semantics/conv-types.ts";
import { convolved, convolvedTransposed } from "../semantics/convolution.ts";
import { permuted, reshaped } from "../semantics/views.ts";

interface Of<T> {
  readonly input: T;
  readonly weight: T;
  readonly bias: T | undefined;
}
/** A tensor with a batch axis, made up where there is none. */
const batched = (x: TensorData, rank: number): TensorData =>
  x.type.shape.length === rank + 1 ? reshaped(x, [1, ...x.type.shape]) : x;
function withoutBatch(x: TensorData, like: TensorData): TensorData {
  const shape: readonly number[] = x.type.shape;
  return reshaped(x, shape.slice(-like.type.shape.length));
}
const typesOf = ({ input, weight, bias }: Of<TensorData>): Of<TensorType> => ({
  input: input.type,
  weight: weight.type,
  bias: bias?.type,
});

function convolve(operands: Of<TensorData>, a: ConvAttrs, rank: number): TensorData {
  const x = batched(operands.input, rank);
  const full = convType({ ...typesOf(operands), input: x.type }, a, rank);
  const out = convolved(full, x, operands.weight, operands.bias, convSlides(operands.weight.type, a), a.groups);
  return withoutBatch(out, operands.input);
}
function convolveTransposed(
  operands: Of<TensorData>,
  a: ConvAttrs,
  outputPadding: readonly number[],
  rank: number,
): TensorData {
  const x = batched(operands.input, rank);
  const full = convTransposeType({ ...typesOf(operands), input: x.type }, a, outputPadding, rank);
  const out = convolvedTransposed(
    full,
    x,
    operands.weight,
    operands.bias,
    convSlides(operands.weight.type, a),
    a.groups,
  );
  return withoutBatch(out, operands.input);
}

const convolving = (rank: number) => ({
  infer: (operands: Of<TensorType>, attrs: ConvAttrs): TensorType => convType(operands, attrs, rank),
  evaluate: (operands: Of<TensorData>, attrs: ConvAttrs): TensorData => convolve(operands, attrs, rank),
});
const ints = (value: number) => attr.ints.default_([value]);
const listed = { stride: ints(1), padding: ints(0), dilation: ints(1), groups: attr.int.default_(1) };
const named = { ...listed, padding: attr.oneOf("valid", "same").default_("valid") };

export const conv1d = defineAten(
  "conv1d(Tensor input, Tensor weight, Tensor? bias=None, SymInt[1] stride=[1], SymInt[1] padding=[0], SymInt[1] dilation=[1], SymInt groups=1) -> Tensor",
  { summary: "Convolution over the last axis.", attrs: listed, ...convolving(1) },
);
export const conv1dPadding = defineAten(
  'conv1d.padding(Tensor input, Tensor weight, Tensor? bias=None, SymInt[1] stride=[1], str padding="valid", SymInt[1] dilation=[1], SymInt groups=1) -> Tensor',
  {
    summary: "Convolution over the last axis, without padding or with as much as keeps the extent.",
    attrs: named,
    ...convolving(1),
  },
);
export const conv2d = defineAten(
  "conv2d(Tensor input, Tensor weight, Tensor? bias=None, SymInt[2] stride=[1, 1], SymInt[2] padding=[0, 0], SymInt[2] dilation=[1, 1], SymInt groups=1) -> Tensor",
  { summary: "Convolution over the last two axes.", attrs: listed, ...convolving(2) },
);
export const conv2dPadding = defineAten(
  'conv2d.padding(Tensor input, Tensor weight, Tensor? bias=None, SymInt[2] stride=[1, 1], str padding="valid", SymInt[2] dilation=[1, 1], SymInt groups=1) -> Tensor',
  {
    summary: "Convolution over the last two axes, without padding or with as much as keeps the extents.",
    attrs: named,
    ...convolving(2),
  },
);
export const conv3d = defineAten(
  "conv3d(Tensor input, Tensor weight, Tensor? bias=None, SymInt[3] stride=[1, 1, 1], SymInt[3] padding=[0, 0, 0], SymInt[3] dilation=[1, 1, 1], SymInt groups=1) -> Tensor",
  { summary: "Convolution over the last three axes.", attrs: listed, ...convolving(3) },
);
export const conv3dPadding = defineAten(
  'conv3d.padding(Tensor input, Tensor weight, Tensor? bias=None, SymInt[3] stride=[1, 1, 1], str padding="valid", SymInt[3] dilation=[1, 1, 1], SymInt groups=1) -> Tensor',
  {
    summary: "Convolution over the last three axes, without padding or with as much as keeps the extents.",
    attrs: named,
    ...convolving(3),
  },
);

interface TransposedAttrs extends ConvAttrs {
  readonly output_padding: readonly number[];
}
const convolvingTransposed = (rank: number) => ({
  attrs: { ...listed, output_padding: ints(0) },
  infer: (operands: Of<TensorType>, attrs: TransposedAttrs): TensorType =>
    convTransposeType(operands, attrs, attrs.output_padding, rank),
  evaluate: (operands: Of<TensorData>, attrs: TransposedAttrs): TensorData =>
    convolveTransposed(operands, attrs, attrs.output_padding, rank),
});
export const convTranspose1d = defineAten(
  "conv_transpose1d(Tensor input, Tensor weight, Tensor? bias=None, SymInt[1] stride=[1], SymInt[1] padding=[0], SymInt[1] output_padding=[0], SymInt groups=1, SymInt[1] dilation=[1]) -> Tensor",
  { summary: "The transpose of a convolution over the last axis.", ...convolvingTransposed(1) },
);
export const convTranspose2dInput = defineAten(
  "conv_transpose2d.input(Tensor input, Tensor weight, Tensor? bias=None, SymInt[2] stride=[1, 1], SymInt[2] padding=[0, 0], SymInt[2] output_padding=[0, 0], SymInt groups=1, SymInt[2] dilation=[1, 1]) -> Tensor",
  { summary: "The transpose of a convolution over the last two axes.", ...convolvingTransposed(2) },
);
export const convTranspose3dInput = defineAten(
  "conv_transpose3d.input(Tensor input, Tensor weight, Tensor? bias=None, SymInt[3] stride=[1, 1, 1], SymInt[3] padding=[0, 0, 0], SymInt[3] output_padding=[0, 0, 0], SymInt groups=1, SymInt[3] dilation=[1, 1, 1]) -> Tensor",
  { summary: "The transpose of a convolution over the last three axes.", ...convolvingTransposed(3) },
);

interface AnyAttrs extends TransposedAttrs {
  readonly transposed: boolean;
}
const given = {
  stride: attr.ints,
  padding: attr.ints,
  dilation: attr.ints,
  output_padding: attr.ints,
  groups: attr.int,
};
export const convolution = defineAten(
  "convolution(Tensor input, Tensor weight, Tensor? bias, SymInt[] stride, SymInt[] padding, SymInt[] dilation, bool transposed, SymInt[] output_padding, SymInt groups) -> Tensor",
  {
    summary: "Convolution over one to three axes, or its transpose.",
    attrs: given,
    infer: (operands, a: AnyAttrs) =>
      a.transposed
        ? convTransposeType(operands, a, a.output_padding, operands.weight.shape.length - 2)
        : convType(operands, a, operands.weight.shape.length - 2),
    evaluate: (operands, a: AnyAttrs) =>
      a.transposed
        ? convolveTransposed(operands, a, a.output_padding, operands.weight.type.shape.length - 2)
        : convolve(operands, a, operands.weight.type.shape.length - 2),
  },
);

/** Time, batch, channels: the axes of the channels-last convolution as the channels-first one has them. */
const tbc = { input: [1, 2, 0], weight: [2, 1, 0], result: [2, 0, 1] } as const;
const permutedShape = (t: TensorType, perm: readonly number[]): TensorType => ({
  ...t,
  shape: perm.map((p) => t.shape[p]!),
});
export const convTbc = defineAten("conv_tbc(Tensor self, Tensor weight, Tensor bias, int pad=0) -> Tensor", {
  summary: "Convolution over the first axis of `[time, batch, channels]`, with weights `[kernel, inputs, outputs]`.",
  infer({ self, weight, bias }, { pad }) {
    if (self.shape.length !== 3 || weight.shape.length !== 3) return invalid("takes an input and a weight of rank 3");
    const types = { input: permutedShape(self, tbc.input), weight: permutedShape(weight, tbc.weight), bias };
    return permutedShape(convType(types, { stride: [1], padding: [pad], dilation: [1], groups: 1 }, 1), tbc.result);
  },
  evaluate({ self, weight, bias }, { pad }) {
    const operands = { input: permuted(self, tbc.input), weight: permuted(weight, tbc.weight), bias };
    return permuted(convolve(operands, { stride: [1], padding: [pad], dilation: [1], groups: 1 }, 1), tbc.result);
  },
});
