import { type OpDef, type TensorType, tensor, type Value } from "@tflower/core";
import { aten } from "@tflower/ops-aten";
import { drawBroadcastable } from "../arbitrary/shapes.ts";
import { drawRegrouped } from "../samples/views.ts";
import { derivedStep } from "./derived-step.ts";
import { type GraphBuilder, StepEnds } from "./graph-builder.ts";
import { integerSteps } from "./integer-steps.ts";
import { type GraphStep, isFloatOfRank } from "./programs.ts";

type Grow = (b: GraphBuilder, x: Value, shape: readonly number[]) => Value;

/** A step on a float value of some rank. */
const on = (name: string, low: number, high: number, grow: Grow, weight?: number): GraphStep => ({
  name,
  ...(weight !== undefined && { weight }),
  grow(b) {
    const x = b.value(isFloatOfRank(low, high));
    if (!x) throw new StepEnds();
    return grow(b, x, x.type.shape as readonly number[]);
  },
});
const f32 = (shape: readonly number[]): TensorType => tensor("f32", shape);
const axisOf = (b: GraphBuilder, rank: number): number => b.choose.below(rank) - (b.choose.maybe(0.3) ? rank : 0);

/** A second operand: another value that broadcasts with the first one, or a constant. */
function other(b: GraphBuilder, shape: readonly number[]): Value {
  const fits = (t: TensorType): boolean =>
    t.dtype === "f32" &&
    t.shape.length <= shape.length &&
    t.shape.every((d, i) => d === 1 || d === shape[shape.length - t.shape.length + i]);
  return (b.choose.maybe(0.5) ? b.value(fits) : undefined) ?? b.constant(f32(drawBroadcastable(b.choose, shape)));
}

function convolve(b: GraphBuilder, x: Value, shape: readonly number[]): Value {
  const channels = shape[1]!;
  const depthwise = b.choose.maybe(0.4);
  const groups = depthwise ? channels : 1;
  const outs = depthwise ? channels : b.choose.between(1, 4);
  const kernel = [b.choose.between(1, 3), b.choose.between(1, 3)];
  const stride = [b.choose.between(1, 2), b.choose.between(1, 2)];
  const padding = kernel.map((k) => b.choose.between(0, k - 1));
  const weight = b.constant(f32([outs, depthwise ? 1 : channels, ...kernel]));
  const bias = b.choose.maybe(0.5) ? b.constant(f32([outs])) : undefined;
  return b.emit(aten.conv2d, { input: x, weight, bias }, { stride, padding, groups });
}
function normalize(b: GraphBuilder, x: Value, shape: readonly number[]): Value {
  const channel = f32([shape[1]!]);
  return b.emit(
    aten.batchNorm,
    {
      input: x,
      weight: b.constant(channel),
      bias: b.constant(channel),
      running_mean: b.constant(channel),
      running_var: b.constant(channel, { min: 0.5, max: 2 }),
    },
    { training: false, momentum: 0.1, eps: 1e-5, cudnn_enabled: true },
  );
}
function attend(b: GraphBuilder, query: Value, shape: readonly number[]): Value {
  const like = f32(shape);
  const [key, value] = [0, 1].map(() => b.value((t) => t.dtype === "f32" && sameShape(t, shape)) ?? b.constant(like));
  return b.emit(
    aten.scaledDotProductAttention,
    { query, key: key!, value: value!, attn_mask: undefined },
    { is_causal: b.choose.maybe(0.3) },
  );
}
const sameShape = (t: TensorType, shape: readonly number[]): boolean =>
  t.shape.length === shape.length && t.shape.every((d, i) => d === shape[i]);

/** Bounded results, so that errors do not grow from step to step. */
const bounded = (op: OpDef, weight?: number): GraphStep =>
  on(op.name, 0, 5, (b, self) => b.emitAll(op, { self }, {})[0]!, weight);

/**
 * Steps that make programs such as models are: products, convolutions, norms, attention, pooling, views and joins, elementwise ops in
 * between, and {@link integerSteps} beside. Results stay moderate: what overflows proves little.
 */
export const atenSteps: readonly GraphStep[] = [
  on("conv2d", 4, 4, convolve, 3),
  on("batch_norm", 4, 4, normalize, 2),
  on(
    "linear",
    1,
    4,
    (b, input, shape) => {
      const outs = b.choose.between(1, 6);
      const weight = b.constant(f32([outs, shape.at(-1)!]));
      return b.emit(aten.linear, { input, weight, bias: b.choose.maybe(0.5) ? b.constant(f32([outs])) : undefined });
    },
    2,
  ),
  on("matmul", 2, 4, (b, self, shape) =>
    b.emit(aten.matmul, {
      self,
      other: b.constant(
        f32([...(b.choose.maybe(0.3) ? shape.slice(0, -2) : []), shape.at(-1)!, b.choose.between(1, 5)]),
      ),
    }),
  ),
  on("scaled_dot_product_attention", 4, 4, attend),
  on("layer_norm", 2, 4, (b, input, shape) => {
    const last = [shape.at(-1)!];
    const scale = b.choose.maybe(0.6) ? b.constant(f32(last)) : undefined;
    return b.emit(
      aten.layerNorm,
      { input, weight: scale, bias: scale && b.constant(f32(last)) },
      { normalized_shape: last, eps: 1e-3 },
    );
  }),
  on("softmax", 1, 4, (b, self, shape) => b.emit(aten.softmaxInt, { self }, { dim: axisOf(b, shape.length) })),
  on("max_pool2d", 4, 4, (b, self) =>
    b.emit(
      aten.maxPool2d,
      { self },
      {
        kernel_size: [b.choose.between(1, 3), b.choose.between(1, 3)],
        stride: [b.choose.between(1, 2), b.choose.between(1, 2)],
      },
    ),
  ),
  on("avg_pool2d", 4, 4, (b, self) =>
    b.emit(
      aten.avgPool2d,
      { self },
      { kernel_size: [b.choose.between(1, 3), b.choose.between(1, 3)], ceil_mode: b.choose.maybe(0.3) },
    ),
  ),
  on("mean", 1, 4, (b, self, shape) =>
    b.emit(aten.meanDim, { self }, { dim: [axisOf(b, shape.length)], keepdim: b.choose.maybe(0.6) }),
  ),
  on("amax", 1, 4, (b, self, shape) =>
    b.emit(aten.amax, { self }, { dim: [axisOf(b, shape.length)], keepdim: b.choose.maybe(0.6) }),
  ),
  on("add", 0, 5, (b, self, shape) => b.emit(aten.addTensor, { self, other: other(b, shape) }), 3),
  on("sub", 0, 5, (b, self, shape) => b.emit(aten.subTensor, { self, other: other(b, shape) })),
  on("mul", 0, 5, (b, self, shape) => b.emit(aten.mulTensor, { self, other: other(b, shape) }), 2),
  on("div by a constant", 0, 5, (b, self, shape) =>
    b.emit(aten.divTensor, { self, other: b.constant(f32(drawBroadcastable(b.choose, shape)), { min: 1, max: 4 }) }),
  ),
  on(
    "permute",
    2,
    5,
    (b, self, shape) => b.emit(aten.permute, { self }, { dims: b.choose.permutation(shape.length) }),
    3,
  ),
  on(
    "reshape",
    1,
    5,
    (b, self, shape) => b.emit(aten.reshape, { self }, { shape: drawRegrouped(b.choose, shape).slice(0, 6) }),
    2,
  ),
  on("slice", 1, 5, (b, self, shape) => {
    const dim = b.choose.below(shape.length);
    const start = b.choose.below(shape[dim]!);
    return b.emit(
      aten.sliceTensor,
      { self },
      { dim, start, end: b.choose.between(start + 1, shape[dim]!), step: b.choose.between(1, 2) },
    );
  }),
  on(
    "cat",
    1,
    5,
    (b, x, shape) => {
      const dim = b.choose.below(shape.length);
      const fits = (t: TensorType): boolean =>
        t.dtype === "f32" && t.shape.length === shape.length && t.shape.every((d, i) => i === dim || d === shape[i]);
      const second = b.value(fits) ?? b.constant(f32(shape));
      return b.emit(aten.cat, { tensors: [x, second] }, { dim });
    },
    2,
  ),
  on("pad", 1, 5, (b, self, shape) => {
    const axes = b.choose.between(1, Math.min(shape.length, 2));
    return b.emit(
      aten.constantPadNd,
      { self },
      { pad: Array.from({ length: 2 * axes }, () => b.choose.between(0, 2)), value: b.choose.pick([0n, 1.5]) },
    );
  }),
  on("select", 2, 5, (b, self, shape) => {
    const dim = b.choose.below(shape.length);
    return b.emit(aten.selectInt, { self }, { dim, index: b.choose.below(shape[dim]!) });
  }),
  on("unsqueeze", 0, 4, (b, self, shape) =>
    b.emit(aten.unsqueeze, { self }, { dim: b.choose.below(shape.length + 1) }),
  ),
  on("flip", 1, 4, (b, self, shape) => b.emit(aten.flip, { self }, { dims: [b.choose.below(shape.length)] })),
  on("clamp", 0, 5, (b, self) =>
    b.emit(aten.clamp, { self }, { min: b.choose.pick([-1, 0, -0.5]), max: b.choose.pick([1, 6, 0.5]) }),
  ),
  bounded(aten.relu, 2),
  bounded(aten.sigmoid),
  bounded(aten.tanh),
  bounded(aten.silu),
  bounded(aten.hardswish),
  bounded(aten.abs),
  bounded(aten.neg),
  on("gelu", 0, 5, (b, self) => b.emit(aten.gelu, { self }, { approximate: b.choose.pick(["none", "tanh"]) })),
  derivedStep(aten.whereSelf as OpDef),
  derivedStep(aten.gtTensor as OpDef),
  derivedStep(aten.maximum as OpDef),
  ...integerSteps,
];
