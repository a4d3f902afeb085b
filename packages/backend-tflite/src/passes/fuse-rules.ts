import {
  type Dim,
  defineRule,
  isStaticShape,
  type Node,
  type OpDef,
  type Rewriter,
  type Rule,
  type Value,
} from "@tflower/core";
import { conv2d, conv3d, depthwiseConv2d, transposeConv } from "../dialect/convolution.ts";
import { type FusedActivation, fusedActivation } from "../dialect/define-tfl.ts";
import { add, mul, sub } from "../dialect/elementwise-binary.ts";
import { neg, relu, relu6, reluN1To1 } from "../dialect/elementwise-unary.ts";
import { reshape } from "../dialect/layout.ts";
import { fullyConnected } from "../dialect/matmul.ts";
import { constantOf } from "./constant-of.ts";

const activations: readonly (readonly [OpDef, FusedActivation])[] = [
  [relu, "RELU"],
  [relu6, "RELU6"],
  [reluN1To1, "RELU_N1_TO_1"],
];

/** `relu(op(x)) = op{RELU}(x)` for every op that has the attribute. */
const fuseActivation: readonly Rule<any>[] = activations.map(([op, activation]) =>
  defineRule({
    name: `fuse-${activation.toLowerCase().replaceAll("_", "-")}`,
    summary: `${activation.toLowerCase()}(op(x)) = op{${activation}}(x)`,
    op,
    rewrite(node, rewriter) {
      const input = node.operands_["input"] as Value;
      const inner = input.producer;
      // recurrent layers have an attribute of that name, too: what they feed back goes through it
      if (
        !inner ||
        inner.results.length !== 1 ||
        inner.op.attrs["fused_activation_function"] !== fusedActivation ||
        !rewriter.graph.hasOneUse(input)
      )
        return false;
      const attrs = inner.attrs as Readonly<Record<string, unknown>>;
      if (attrs["fused_activation_function"] !== "NONE") return false;
      // kernels of integer types do not all apply activations
      if (input.type.dtype !== "f32") return false;
      const fused = rewriter.create(
        inner.op,
        inner.operands_ as never,
        { ...attrs, fused_activation_function: activation },
        { before: node, locations: [...inner.locations, ...node.locations] },
      );
      rewriter.replace(node, fused.results);
      rewriter.erase(inner);
      return true;
    },
  }),
);

/** What a convolution or a fully connected layer is made of. */
interface Linear {
  readonly node: Node;
  readonly filter: Value;
  readonly bias: Value | undefined;
  /** Axis of the filter that runs over output channels. */
  readonly channelAxis: number;
}

const channelAxes: ReadonlyMap<OpDef, number> = new Map<OpDef, number>([
  [conv2d, 0],
  [depthwiseConv2d, 3],
  [transposeConv, 0],
  [conv3d, 4],
  [fullyConnected, 0],
]);

function linearOf(v: Value, rewriter: Rewriter): Linear | undefined {
  const node = v.producer;
  if (!node || !rewriter.graph.hasOneUse(v) || v.type.dtype !== "f32") return undefined;
  const channelAxis = channelAxes.get(node.op) ?? -1;
  if (channelAxis < 0) return undefined;
  const operands = node.operands_ as Readonly<Record<string, Value | undefined>>;
  const filter = operands["filter"] ?? operands["weights"];
  const bias = operands["bias"];
  if (
    !filter?.constant ||
    (bias && !bias.constant) ||
    (node.attrs as { fused_activation_function: string }).fused_activation_function !== "NONE"
  )
    return undefined;
  return { node, filter, bias, channelAxis };
}

/** A constant that varies only along the last axis, of `channels` elements, as a vector; one element is spread. */
export function perChannel(rewriter: Rewriter, v: Value, channels: Dim): Value | undefined {
  if (!v.constant || v.type.dtype !== "f32" || !isStaticShape(v.type.shape)) return undefined;
  const { shape } = v.type;
  const wide = shape.findIndex((d) => d !== 1);
  if (wide < 0) return constantOf(rewriter, reshape, { input: v }, { shape: [1] });
  return wide === shape.length - 1 && shape[wide] === channels
    ? constantOf(rewriter, reshape, { input: v }, { shape: [channels] })
    : undefined;
}

/** `l` with another filter and bias in the place of `at`, whose activation it takes over. */
function rebuild(rewriter: Rewriter, l: Linear, at: Node, filter: Value, bias: Value | undefined): void {
  const slot = "filter" in l.node.operands_ ? "filter" : "weights";
  const attrs = { ...(l.node.attrs as object), fused_activation_function: activationOf(at) };
  const made = rewriter.create(l.node.op, { ...l.node.operands_, [slot]: filter, bias } as never, attrs, {
    before: at,
    locations: [...l.node.locations, ...at.locations],
  });
  rewriter.replace(at, made.results);
  rewriter.erase(l.node);
}

const activationOf = (node: Node): unknown =>
  (node.attrs as { fused_activation_function?: unknown }).fused_activation_function;

/** The constant operand and the other one. */
function split(node: Node): readonly [Value, Value] | undefined {
  const { lhs, rhs } = node.operands_ as Readonly<Record<string, Value>>;
  if (rhs!.constant && !lhs!.constant) return [lhs!, rhs!];
  if (lhs!.constant && !rhs!.constant) return [rhs!, lhs!];
  return undefined;
}

/** `conv(x, w, b) + c = conv(x, w, b + c)` */
const fuseBias = defineRule({
  name: "fuse-bias",
  summary: "conv(x, w, b) + c = conv(x, w, b + c) for c per output channel",
  op: add,
  rewrite(node, rewriter) {
    const parts = split(node as never);
    const l = parts && linearOf(parts[0], rewriter);
    if (!l) return false;
    const channels = l.filter.type.shape[l.channelAxis]!;
    if (!sameDims(node.result.type.shape, parts[0].type.shape)) return false;
    const c = perChannel(rewriter, parts[1], channels);
    if (!c) return false;
    const full = l.bias
      ? constantOf(rewriter, add, { lhs: l.bias, rhs: c }, {}, l.bias.name)
      : spread(rewriter, c, channels);
    rebuild(rewriter, l, node as never, l.filter, full);
    return true;
  },
});

/** One element spread over `channels`. */
function spread(rewriter: Rewriter, c: Value, channels: Dim): Value {
  if (c.type.shape[0] === channels) return c;
  const zeros = rewriter.constant({
    type: { dtype: "f32", shape: [channels as number] },
    data: new Float32Array(channels as number),
  });
  return constantOf(rewriter, add, { lhs: zeros, rhs: c }, {});
}

const sameDims = (a: readonly Dim[], b: readonly Dim[]): boolean =>
  a.length === b.length &&
  a.every(
    (d, i) =>
      d === b[i] || (typeof d !== "number" && typeof b[i] !== "number" && d.key === (b[i] as { key: string }).key),
  );

/** `conv(x, w, b) * c = conv(x, w * c, b * c)` */
const fuseScale = defineRule({
  name: "fuse-scale",
  summary: "conv(x, w, b) * c = conv(x, w * c, b * c) for c per output channel",
  op: mul,
  rewrite(node, rewriter) {
    const parts = split(node as never);
    const l = parts && linearOf(parts[0], rewriter);
    if (!l || !sameDims(node.result.type.shape, parts[0].type.shape)) return false;
    const channels = l.filter.type.shape[l.channelAxis]!;
    const c = perChannel(rewriter, parts[1], channels);
    if (!c) return false;
    const rank = l.filter.type.shape.length;
    const shape: Dim[] = new Array(rank).fill(1);
    if (c.type.shape[0] === channels) shape[l.channelAxis] = channels;
    const filter = constantOf(
      rewriter,
      mul,
      { lhs: l.filter, rhs: constantOf(rewriter, reshape, { input: c }, { shape }) },
      {},
      l.filter.name,
    );
    const bias = l.bias && constantOf(rewriter, mul, { lhs: l.bias, rhs: c }, {}, l.bias.name);
    rebuild(rewriter, l, node as never, filter, bias);
    return true;
  },
});

/** `x - c = x + (-c)`: additions of constants fuse, subtractions need not be taught. */
const subtractionAsAddition = defineRule({
  name: "subtraction-as-addition",
  summary: "x - c = x + (-c) for constant c",
  op: sub,
  rewrite(node, rewriter) {
    const { lhs, rhs } = node.operands;
    if (!rhs.constant || lhs.constant || rhs.type.dtype !== "f32") return false;
    const v = rewriter.emit(
      add,
      { lhs, rhs: constantOf(rewriter, neg, { input: rhs }, {}) },
      { before: node as never, locations: node.locations },
      { fused_activation_function: node.attrs.fused_activation_function },
    );
    rewriter.replace(node as never, [v]);
    return true;
  },
});

/** Rules that put work into neighbouring ops or into weights. */
export const fuseRules: readonly Rule<any>[] = [...fuseActivation, fuseBias, fuseScale, subtractionAsAddition];
