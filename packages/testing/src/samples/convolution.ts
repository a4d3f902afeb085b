import { aten } from "@tflower/ops-aten";
import { defineSample, type Sample, slot } from "../application/sample.ts";
import type { Choose } from "../choose/choose.ts";

/** A window for each axis: sizes, strides, dilations and paddings that know nothing of one another. */
export function drawWindows(
  choose: Choose,
  rank: number,
): { readonly kernel: number[]; readonly stride: number[]; readonly dilation: number[]; readonly padding: number[] } {
  const each = (low: number, high: number, plain: number): number[] =>
    Array.from({ length: rank }, () => (choose.maybe(plain) ? choose.between(low, high) : low));
  const kernel = each(1, rank > 2 ? 3 : 4, 0.8);
  const stride = each(1, 3, 0.5);
  const dilation = each(1, 3, 0.4);
  const padding = each(0, 3, 0.5);
  return { kernel, stride, dilation, padding };
}

/** Extents under the windows: large enough for one, and odd as they come. */
const drawSpace = (
  choose: Choose,
  kernel: readonly number[],
  dilation: readonly number[],
  padding: readonly number[],
): number[] =>
  kernel.map((k, i) =>
    choose.between(
      Math.max(1, dilation[i]! * (k - 1) + 1 - 2 * padding[i]!),
      dilation[i]! * (k - 1) + 1 + (kernel.length > 2 ? 2 : 5),
    ),
  );

/** PyTorch takes one number for all axes, too. */
const shorten = (choose: Choose, values: number[]): number[] =>
  values.every((v) => v === values[0]) && choose.maybe(0.2) ? [values[0]!] : values;

function drawChannels(choose: Choose): { readonly ins: number; readonly outs: number; readonly groups: number } {
  const groups = choose.maybe(0.4) ? choose.between(2, 4) : 1;
  return { groups, ins: choose.between(1, 3), outs: choose.between(1, 3) };
}

function drawConvolution(choose: Choose, rank: number) {
  const { kernel, stride, dilation, padding } = drawWindows(choose, rank);
  const { ins, outs, groups } = drawChannels(choose);
  const batch = choose.maybe(0.85) ? [choose.between(1, 2)] : [];
  const operands = {
    input: slot("f32", [...batch, ins * groups, ...drawSpace(choose, kernel, dilation, padding)], { constant: false }),
    weight: slot("f32", [outs * groups, ins, ...kernel], { values: "finite", constant: choose.maybe(0.9) }),
    bias: choose.maybe(0.6) ? slot("f32", [outs * groups], { constant: choose.maybe(0.9) }) : undefined,
  };
  return { operands, stride, dilation, padding, groups, shorten: (v: number[]) => shorten(choose, v) };
}

const convolving = (rank: number) => (choose: Choose) => {
  const c = drawConvolution(choose, rank);
  return {
    operands: c.operands,
    attrs: {
      stride: c.shorten(c.stride),
      padding: c.shorten(c.padding),
      dilation: c.shorten(c.dilation),
      groups: c.groups,
    },
  };
};
const named = (rank: number) => (choose: Choose) => {
  const c = drawConvolution(choose, rank);
  const same = choose.maybe(0.7);
  const stride = same ? c.stride.map(() => 1) : c.stride;
  return {
    operands: c.operands,
    attrs: { stride, padding: same ? ("same" as const) : ("valid" as const), dilation: c.dilation, groups: c.groups },
  };
};
/** Without NaN: kernels that put zeros between the weights spread it to where PyTorch's have no weight at all. */
const transposing = (rank: number) => (choose: Choose) => {
  const { kernel, stride, dilation, padding } = drawWindows(choose, rank);
  const { ins, outs, groups } = drawChannels(choose);
  const batch = choose.maybe(0.85) ? [choose.between(1, 2)] : [];
  const output_padding = stride.map((s, i) => (choose.maybe(0.4) ? choose.below(Math.max(s, dilation[i]!)) : 0));
  return {
    operands: {
      input: slot("f32", [...batch, ins * groups, ...kernel.map(() => choose.between(1, rank > 2 ? 3 : 5))], {
        values: "finite",
        constant: false,
      }),
      weight: slot("f32", [ins * groups, outs, ...kernel], { values: "finite", constant: choose.maybe(0.9) }),
      bias: choose.maybe(0.6) ? slot("f32", [outs * groups], { constant: choose.maybe(0.9) }) : undefined,
    },
    attrs: { stride, padding, output_padding, groups, dilation },
  };
};

/** The convolutions. */
export const convolutionSamples: readonly Sample[] = [
  defineSample(aten.conv1d, convolving(1)),
  defineSample(aten.conv2d, convolving(2)),
  defineSample(aten.conv3d, convolving(3)),
  defineSample(aten.conv1dPadding, named(1)),
  defineSample(aten.conv2dPadding, named(2)),
  defineSample(aten.conv3dPadding, named(3)),
  defineSample(aten.convTranspose1d, transposing(1)),
  defineSample(aten.convTranspose2dInput, transposing(2)),
  defineSample(aten.convTranspose3dInput, transposing(3)),
  defineSample(aten.convolution, (choose) => {
    const rank = choose.between(1, 3);
    const transposed = choose.maybe(0.4);
    if (transposed) {
      const { operands, attrs } = transposing(rank)(choose);
      return { operands, attrs: { ...attrs, transposed } };
    }
    const { operands, attrs } = convolving(rank)(choose);
    return { operands, attrs: { ...attrs, transposed, output_padding: attrs.stride.map(() => 0) } };
  }),
  defineSample(aten.convTbc, (choose) => {
    const [ins, outs, kernel, pad] = [
      choose.between(1, 3),
      choose.between(1, 3),
      choose.between(1, 4),
      choose.below(3),
    ];
    return {
      operands: {
        self: slot("f32", [choose.between(Math.max(1, kernel - 2 * pad), 7), choose.between(1, 3), ins], {
          constant: false,
        }),
        weight: slot("f32", [kernel, ins, outs], { values: "finite", constant: true }),
        bias: slot("f32", [outs], { constant: true }),
      },
      attrs: { pad },
    };
  }),
];
