import { invalid, operand, type TensorData, type TensorType, tensor } from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";
import type { OpApplication } from "../schema/traits.ts";
import {
  type Moments,
  momentsOf,
  nonChannelAxes,
  normalized,
  normalizedByFactor,
  perChannel,
  reciprocalDeviation,
} from "../semantics/normalization.ts";
import { castData, mapNumbers } from "../semantics/pointwise.ts";
import { reshaped } from "../semantics/views.ts";

interface Inputs<T> {
  readonly input: T;
  readonly weight?: T | undefined;
  readonly bias?: T | undefined;
  readonly running_mean?: T | undefined;
  readonly running_var?: T | undefined;
}
const operands = { input: operand.float } as const;

function outType(
  { input, weight, bias, running_mean, running_var }: Inputs<TensorType>,
  training: boolean,
): TensorType {
  if (input.shape.length < 2) invalid(`needs a batch axis and a channel axis, got rank ${input.shape.length}`);
  if (!training && (!running_mean || !running_var))
    invalid("running_mean and running_var must be given in evaluation mode");
  for (const v of [weight, bias, running_mean, running_var])
    if (
      v &&
      (v.shape.length !== 1 ||
        (typeof v.shape[0] === "number" && typeof input.shape[1] === "number" && v.shape[0] !== input.shape[1]))
    )
      invalid(`takes vectors with one element for each of ${input.shape[1]} channels`);
  return input;
}
/** What the kernels save for a backward pass: the batch's statistics in training, nothing otherwise. */
const savedTypes = ({ input }: Inputs<TensorType>, training: boolean): TensorType[] => {
  const saved = tensor(input.dtype === "f64" ? "f64" : "f32", [training ? input.shape[1]! : 0]);
  return [saved, saved];
};
const statistics = ({ input, running_mean, running_var }: Inputs<TensorData>, training: boolean): Moments => {
  const rank = input.type.shape.length;
  return training
    ? momentsOf(input, nonChannelAxes(rank))
    : { mean: perChannel(running_mean!, rank), variance: perChannel(running_var!, rank) };
};
function outData(inputs: Inputs<TensorData>, training: boolean, eps: number, type: TensorType): TensorData {
  const rank = inputs.input.type.shape.length;
  const [weight, bias] = [inputs.weight, inputs.bias].map((v) => v && perChannel(v, rank));
  const moments = statistics(inputs, training);
  return (training ? normalized : normalizedByFactor)(type, inputs.input, moments, eps, weight, bias);
}
function savedData(
  inputs: Inputs<TensorData>,
  training: boolean,
  eps: number,
  [mean, deviation]: readonly TensorType[],
): TensorData[] {
  if (!training) return [mean!, deviation!].map((t) => ({ type: { ...t, shape: [0] }, data: new Float32Array(0) }));
  const m = statistics(inputs, true);
  const channels = [inputs.input.type.shape[1]!];
  return [
    castData(reshaped(m.mean, channels), mean!.dtype),
    castData(reshaped(reciprocalDeviation(m.variance, eps), channels), deviation!.dtype),
  ];
}
const normData = (
  inputs: Inputs<TensorData>,
  training: boolean,
  eps: number,
  types: readonly TensorType[],
): TensorData[] => [outData(inputs, training, eps, types[0]!), ...savedData(inputs, training, eps, types.slice(1))];

const args =
  "Tensor input, Tensor? weight, Tensor? bias, Tensor? running_mean, Tensor? running_var, bool training, float momentum, float eps";

/** In training the running statistics move. */
const moving = (training: string) => ({
  overwrites: ({ attrs, types }: OpApplication): readonly string[] =>
    attrs[training] === true && attrs["momentum"] !== 0
      ? ["running_mean", "running_var"].filter((k) => types[k] !== undefined)
      : [],
});

export const batchNorm = defineAten(`batch_norm(${args}, bool cudnn_enabled) -> Tensor`, {
  summary: "Normalizes each channel by running statistics, or by the batch's own in training.",
  traits: moving("training"),
  operands,
  infer: (t, { training }) => outType(t, training),
  evaluate: (t, { training, eps }, [type]) => outData(t, training, eps, type!),
});
export const nativeBatchNorm = defineAten(`native_batch_norm(${args}) -> (Tensor, Tensor, Tensor)`, {
  summary: "`batch_norm` that also gives the batch's mean and reciprocal deviation in training.",
  traits: moving("training"),
  operands,
  infer: (t, { training }) => [outType(t, training), ...savedTypes(t, training)],
  evaluate: (t, { training, eps }, types) => normData(t, training, eps, types),
});
export const nativeBatchNormLegit = defineAten(
  "_native_batch_norm_legit(Tensor input, Tensor? weight, Tensor? bias, Tensor(a!) running_mean, Tensor(b!) running_var, bool training, float momentum, float eps) -> (Tensor, Tensor, Tensor)",
  {
    summary: "`native_batch_norm`; in training it would move the running statistics.",
    traits: moving("training"),
    operands,
    infer: (t, { training }) => [outType(t, training), ...savedTypes(t, training)],
    evaluate: (t, { training, eps }, types) => normData(t, training, eps, types),
  },
);
export const nativeBatchNormLegitNoStats = defineAten(
  "_native_batch_norm_legit.no_stats(Tensor input, Tensor? weight, Tensor? bias, bool training, float momentum, float eps) -> (Tensor, Tensor, Tensor)",
  {
    summary: "Normalizes each channel by the batch's statistics.",
    operands,
    infer: (t, { training }) => [outType(t, training), ...savedTypes(t, training)],
    evaluate: (t, { training, eps }, types) => normData(t, training, eps, types),
  },
);
export const nativeBatchNormLegitNoTraining = defineAten(
  "_native_batch_norm_legit_no_training(Tensor input, Tensor? weight, Tensor? bias, Tensor running_mean, Tensor running_var, float momentum, float eps) -> (Tensor, Tensor, Tensor)",
  {
    summary: "Normalizes each channel by running statistics.",
    operands,
    infer: (t) => [outType(t, false), ...savedTypes(t, false)],
    evaluate: (t, { eps }, types) => normData(t, false, eps, types),
  },
);
export const nativeBatchNormLegitFunctional = defineAten(
  "_native_batch_norm_legit_functional(Tensor input, Tensor? weight, Tensor? bias, Tensor running_mean, Tensor running_var, bool training, float momentum, float eps) -> (Tensor, Tensor, Tensor, Tensor running_mean_out, Tensor running_var_out)",
  {
    summary: "`native_batch_norm` that gives the running statistics as they are afterwards.",
    operands,
    infer: (t, { training }) => [outType(t, training), ...savedTypes(t, training), t.running_mean, t.running_var],
    evaluate(t, { training, eps, momentum }, types) {
      const out = normData(t, training, eps, types);
      if (!training) return [...out, t.running_mean, t.running_var];
      const shape: readonly number[] = t.input.type.shape;
      const m = momentsOf(t.input, nonChannelAxes(shape.length));
      const count = shape.reduce((a, b) => a * b, 1) / shape[1]!;
      const move = (old: TensorData, now: TensorData, factor: number): TensorData =>
        mapNumbers(old.type, [old, reshaped(now, [shape[1]!])], (a, b) => (1 - momentum) * a + momentum * b * factor);
      return [...out, move(t.running_mean, m.mean, 1), move(t.running_var, m.variance, count / (count - 1))];
    },
  },
);
export const batchNormNoUpdate = defineAten(
  "_batch_norm_no_update(Tensor input, Tensor? weight, Tensor? bias, Tensor? running_mean, Tensor? running_var, float momentum, float eps) -> (Tensor, Tensor, Tensor, Tensor)",
  {
    summary: "Normalizes each channel by running statistics.",
    operands,
    infer: (t) => [outType(t, false), ...savedTypes(t, false), tensor("u8", [0])],
    evaluate: (t, { eps }, types) => [
      ...normData(t, false, eps, types),
      { type: { dtype: "u8", shape: [0] }, data: new Uint8Array(0) },
    ],
  },
);

function instanceType(t: Inputs<TensorType>, useInputStats: boolean): TensorType {
  if (t.input.shape.length < 3) invalid(`needs axes behind batch and channels, got rank ${t.input.shape.length}`);
  return outType(t, useInputStats);
}
export const instanceNorm = defineAten(
  "instance_norm(Tensor input, Tensor? weight, Tensor? bias, Tensor? running_mean, Tensor? running_var, bool use_input_stats, float momentum, float eps, bool cudnn_enabled) -> Tensor",
  {
    summary: "Normalizes each channel of each sample by its own statistics, or by running ones.",
    traits: moving("use_input_stats"),
    operands,
    infer: (t, { use_input_stats }) => instanceType(t, use_input_stats),
    evaluate(t, { use_input_stats, eps }, [type]) {
      if (!use_input_stats) return outData(t, false, eps, type!);
      const rank = t.input.type.shape.length;
      const [weight, bias] = [t.weight, t.bias].map((v) => v && perChannel(v, rank));
      return normalized(type!, t.input, momentsOf(t.input, nonChannelAxes(rank).slice(1)), eps, weight, bias);
    },
  },
);
