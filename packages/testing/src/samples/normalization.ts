import { aten } from "@tflower/ops-aten";
import { defineSample, type Sample, type Slot, slot } from "../application/sample.ts";
import { drawShape } from "../arbitrary/shapes.ts";
import type { Choose } from "../choose/choose.ts";

const eps = (choose: Choose): number => choose.pick([1e-5, 1e-3, 0.5]);
const optional = (choose: Choose, shape: readonly number[]): Slot | undefined =>
  choose.maybe(0.6) ? slot("f32", shape, { values: "finite", constant: choose.maybe(0.9) }) : undefined;

/** A tensor, and some of its last axes. Finite: the statistics of a line with an infinity are NaN in ways that depend on the order of sums. */
function drawLines(choose: Choose, minLines = 1) {
  const normalized_shape = drawShape(choose, { minRank: 1, maxRank: 2, maxExtent: 6 });
  const lead = drawShape(choose, { minRank: minLines, maxRank: 2, maxExtent: 4 });
  return {
    input: slot("f32", [...lead, ...normalized_shape], { values: "finite", constant: false }),
    normalized_shape,
  };
}

/** An image, or anything else with channels at axis 1. */
function drawChannels(
  choose: Choose,
  channels = choose.between(1, 4),
): { readonly input: Slot; readonly channels: number } {
  const space = drawShape(choose, { minRank: 0, maxRank: 3, maxExtent: 4 });
  return {
    channels,
    input: slot("f32", [choose.between(1, 3), channels, ...space], { values: "finite", constant: false }),
  };
}
const statistics = (channels: number) => ({
  running_mean: slot("f32", [channels], { values: "finite", constant: true }),
  running_var: slot("f32", [channels], { values: { min: 0.25, max: 4 }, constant: true }),
});
const inference = (choose: Choose) => {
  const { input, channels } = drawChannels(choose);
  return {
    operands: {
      input,
      weight: optional(choose, [channels]),
      bias: optional(choose, [channels]),
      ...statistics(channels),
    },
    attrs: { momentum: 0.1, eps: eps(choose) },
  };
};
const training = (choose: Choose) => {
  const { operands, attrs } = inference(choose);
  return { operands, attrs: { ...attrs, training: false } };
};

/** Normalizations. */
export const normalizationSamples: readonly Sample[] = [
  defineSample(aten.layerNorm, (choose) => {
    const { input, normalized_shape } = drawLines(choose, 0);
    return {
      operands: { input, weight: optional(choose, normalized_shape), bias: optional(choose, normalized_shape) },
      attrs: { normalized_shape, eps: eps(choose) },
    };
  }),
  defineSample(aten.nativeLayerNorm, (choose) => {
    const { input, normalized_shape } = drawLines(choose, 0);
    return {
      operands: { input, weight: optional(choose, normalized_shape), bias: optional(choose, normalized_shape) },
      attrs: { normalized_shape, eps: eps(choose) },
    };
  }),
  ...[aten.rmsNorm, aten.fusedRmsNorm].map((op) =>
    defineSample(op as typeof aten.rmsNorm, (choose) => {
      const { input, normalized_shape } = drawLines(choose, 0);
      return {
        operands: { input, weight: optional(choose, normalized_shape) },
        attrs: { normalized_shape, eps: eps(choose) },
      };
    }),
  ),
  defineSample(aten.groupNorm, (choose) => {
    const num_groups = choose.between(1, 3);
    const { input, channels } = drawChannels(choose, num_groups * choose.between(1, 3));
    return {
      operands: { input, weight: optional(choose, [channels]), bias: optional(choose, [channels]) },
      attrs: { num_groups, eps: eps(choose) },
    };
  }),
  defineSample(aten.nativeGroupNorm, (choose) => {
    const group = choose.between(1, 3);
    const { input, channels } = drawChannels(choose, group * choose.between(1, 3));
    const [N, C, ...space] = input.type.shape as number[];
    const attrs = { N: N!, C: C!, HxW: space.reduce((a, b) => a * b, 1), group, eps: eps(choose) };
    return { operands: { input, weight: optional(choose, [channels]), bias: optional(choose, [channels]) }, attrs };
  }),
  defineSample(aten.instanceNorm, (choose) => {
    const { input, channels } = drawChannels(choose);
    const use_input_stats = choose.maybe(0.7);
    // statistics of a single element are none
    if (use_input_stats && (input.type.shape as number[]).slice(2).every((d) => d === 1)) choose.discard();
    return {
      operands: {
        input,
        weight: optional(choose, [channels]),
        bias: optional(choose, [channels]),
        ...(use_input_stats ? { running_mean: undefined, running_var: undefined } : statistics(channels)),
      },
      attrs: { use_input_stats, momentum: 0.1, eps: eps(choose), cudnn_enabled: true },
    };
  }),
  defineSample(aten.batchNorm, (choose) => {
    const { operands, attrs } = training(choose);
    return { operands, attrs: { ...attrs, cudnn_enabled: true } };
  }),
  ...[aten.nativeBatchNorm, aten.nativeBatchNormLegit, aten.nativeBatchNormLegitFunctional].map((op) =>
    defineSample(op as typeof aten.nativeBatchNorm, training),
  ),
  ...[aten.nativeBatchNormLegitNoTraining, aten.batchNormNoUpdate].map((op) =>
    defineSample(op as typeof aten.nativeBatchNormLegitNoTraining, inference),
  ),
];
