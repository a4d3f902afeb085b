import {
  defineLowering,
  type Emit,
  type Graph,
  type Node,
  Rejection,
  reject,
  tensorData,
  type Value,
} from "@tflower/core";
import * as aten from "../dialect/batch-norm.ts";
import { affine, centre, rsqrtPlus } from "../emit/normalize.ts";
import { add, mul, sub, times } from "../emit/pointwise.ts";
import { reshapeTo } from "../emit/rearrange.ts";
import { meanOver } from "../emit/reduce.ts";
import { channelShape, nonChannelAxes } from "../semantics/normalization.ts";

interface Inputs {
  readonly input: Value;
  readonly weight?: Value | undefined;
  readonly bias?: Value | undefined;
  readonly running_mean?: Value | undefined;
  readonly running_var?: Value | undefined;
}
const perChannel = (emit: Emit, v: Value, rank: number): Value =>
  reshapeTo(emit, v, channelShape(v.type.shape[0]!, rank));
const nothing = (emit: Emit): Value => emit.constant(tensorData("f32", [0], []));

/** One factor and one summand per channel, made of constants where the statistics are: convolutions take them in. */
function byRunning(emit: Emit, { input, weight, bias, running_mean, running_var }: Inputs, eps: number): Value {
  const reciprocal = rsqrtPlus(emit, running_var!, eps);
  const scale = weight ? mul(emit, weight, reciprocal) : reciprocal;
  const moved = mul(emit, running_mean!, scale);
  const shift = bias ? sub(emit, bias, moved) : times(emit, moved, -1);
  const rank = input.type.shape.length;
  return add(emit, mul(emit, input, perChannel(emit, scale, rank)), perChannel(emit, shift, rank));
}
interface ByBatch {
  readonly out: Value;
  readonly mean: Value;
  readonly reciprocal: Value;
}
function byBatch(emit: Emit, { input, weight, bias }: Inputs, axes: readonly number[], eps: number): ByBatch {
  const { centred, mean, reciprocal } = centre(emit, input, axes, eps);
  const rank = input.type.shape.length;
  const scale = weight ? mul(emit, perChannel(emit, weight, rank), reciprocal) : reciprocal;
  return { out: affine(emit, centred, scale, bias && perChannel(emit, bias, rank)), mean, reciprocal };
}

/** In training the running statistics move, which this form has no result for. That shows only to another reader of them. */
function seen(
  node: Node,
  { running_mean, running_var }: Inputs,
  training: boolean,
  momentum: number,
): Rejection | undefined {
  if (!training || momentum === 0) return undefined;
  const graph = (node as { graph?: Graph }).graph;
  const read = [running_mean, running_var].some((v) => v && (v.users.size > 1 || graph?.isOutput(v)));
  return read
    ? reject("updates running statistics that something else reads: call model.eval() before the export")
    : undefined;
}
function normalize(
  emit: Emit,
  node: Node,
  inputs: Inputs,
  { training, momentum, eps }: { readonly training: boolean; readonly momentum: number; readonly eps: number },
): Value[] | Rejection {
  const observed = seen(node, inputs, training, momentum);
  if (observed) return observed;
  if (!training) return [byRunning(emit, inputs, eps), nothing(emit), nothing(emit)];
  const { out, mean, reciprocal } = byBatch(emit, inputs, nonChannelAxes(inputs.input.type.shape.length), eps);
  const channels = [inputs.input.type.shape[1]!];
  return [out, reshapeTo(emit, mean, channels), reshapeTo(emit, reciprocal, channels)];
}

export const batchNorm = defineLowering(aten.batchNorm, (t, a, emit, node) => {
  const out = normalize(emit, node, t, a);
  return out instanceof Rejection ? out : out[0]!;
});
export const nativeBatchNorm = defineLowering(aten.nativeBatchNorm, (t, a, emit, node) => normalize(emit, node, t, a));
export const nativeBatchNormLegit = defineLowering(aten.nativeBatchNormLegit, (t, a, emit, node) =>
  normalize(emit, node, t, a),
);
export const nativeBatchNormLegitNoStats = defineLowering(aten.nativeBatchNormLegitNoStats, (t, a, emit, node) =>
  a.training
    ? normalize(emit, node, t, a)
    : reject("has no statistics to normalize by: it is neither in training nor has it running ones"),
);
export const nativeBatchNormLegitNoTraining = defineLowering(
  aten.nativeBatchNormLegitNoTraining,
  (t, { eps }, emit) => [byRunning(emit, t, eps), nothing(emit), nothing(emit)],
);
export const batchNormNoUpdate = defineLowering(aten.batchNormNoUpdate, (t, { eps }, emit) => [
  byRunning(emit, t, eps),
  nothing(emit),
  nothing(emit),
  emit.constant(tensorData("u8", [0], [])),
]);
export const nativeBatchNormLegitFunctional = defineLowering(
  aten.nativeBatchNormLegitFunctional,
  (t, a, emit, node) => {
    if (!a.training) return [...(normalize(emit, node, t, a) as Value[]), t.running_mean, t.running_var];
    const { shape } = t.input.type;
    const axes = nonChannelAxes(shape.length);
    const count = axes.reduce<number>((n, i) => n * (typeof shape[i] === "number" ? shape[i] : NaN), 1);
    if (Number.isNaN(count))
      return reject("needs a static number of elements per channel to update the running variance");
    const [out, mean, reciprocal] = normalize(emit, node, t, { ...a, momentum: 0 }) as [Value, Value, Value];
    // the variance is computed anew: 1 / reciprocal^2 - eps would lose digits
    const { centred } = centre(emit, t.input, axes, a.eps);
    const variance = reshapeTo(emit, meanOver(emit, mul(emit, centred, centred), axes, false), [shape[1]!]);
    const move = (old: Value, now: Value, factor: number): Value =>
      add(emit, times(emit, old, 1 - a.momentum), times(emit, now, a.momentum * factor));
    return [out, mean, reciprocal, move(t.running_mean, mean, 1), move(t.running_var, variance, count / (count - 1))];
  },
);

export const instanceNorm = defineLowering(aten.instanceNorm, (t, { use_input_stats, momentum, eps }, emit, node) => {
  const observed = seen(node, t, use_input_stats, momentum);
  if (observed) return observed;
  if (!use_input_stats) return byRunning(emit, t, eps);
  return byBatch(emit, t, nonChannelAxes(t.input.type.shape.length).slice(1), eps).out;
});
