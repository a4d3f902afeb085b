import { type DType, type TensorType, tensor, type Value } from "@tflower/core";
import { drawBroadcastable, type GraphBuilder, type GraphStep, isFloatOfRank, StepEnds } from "@tflower/testing";
import * as tfl from "../../src/dialect/index.ts";

type Step = (b: GraphBuilder, x: Value, shape: readonly number[]) => unknown;

/** A step on a float value of some rank. */
const on = (name: string, low: number, high: number, grow: Step, weight?: number): GraphStep => ({
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

/** The perms that models are full of, and any other. */
function drawPerm(b: GraphBuilder, rank: number): number[] {
  const common: Record<number, readonly number[][]> = {
    3: [[0, 2, 1]],
    4: [
      [0, 3, 1, 2],
      [0, 2, 3, 1],
      [0, 2, 1, 3],
    ],
    5: [
      [0, 2, 3, 4, 1],
      [0, 4, 1, 2, 3],
    ],
  };
  const known = common[rank];
  return known && b.choose.maybe(0.6) ? [...b.choose.pick(known)] : b.choose.permutation(rank);
}

/** Another shape of as many elements. */
function drawShapeOf(b: GraphBuilder, shape: readonly number[]): number[] {
  const out: number[] = [];
  for (const d of shape) {
    const how = b.choose.below(4);
    if (how === 1 && out.length) out[out.length - 1]! *= d;
    else if (how === 2 && d > 1) {
      const k = b.choose.pick(Array.from({ length: d }, (_, i) => i + 1).filter((n) => d % n === 0));
      out.push(k, d / k);
    } else if (how === 3) out.push(d, ...(b.choose.maybe(0.5) ? [1] : []));
    else out.push(d);
  }
  // the kernel takes eight axes
  return b.choose.maybe(0.3) || out.length > 8 ? out.filter((d) => d !== 1) : out;
}

/** A second operand: a constant that broadcasts in some way, or another value. */
function drawOther(b: GraphBuilder, shape: readonly number[], dtype: DType = "f32"): Value {
  if (b.choose.maybe(0.35)) {
    const v = b.value(
      (t) =>
        t.dtype === dtype &&
        t.shape.length === shape.length &&
        t.shape.every((d, i) => d === shape[i] || d === 1 || shape[i] === 1),
    );
    if (v) return v;
  }
  const how = b.choose.below(3);
  // one per channel, wherever the channels are
  if (how === 1 && shape.length) {
    const axis = b.choose.below(shape.length);
    return b.constant(
      tensor(
        dtype,
        shape.map((d, i) => (i === axis ? d : 1)),
      ),
    );
  }
  if (how === 2 && shape.length) return b.constant(tensor(dtype, [shape.at(-1)!]));
  return b.constant(tensor(dtype, drawBroadcastable(b.choose, shape)));
}

const unary = [tfl.relu, tfl.relu6, tfl.neg, tfl.abs, tfl.tanh, tfl.logistic] as const;
const binary = [tfl.add, tfl.mul, tfl.sub, tfl.maximum, tfl.minimum, tfl.squaredDifference] as const;
const reductions = [tfl.sum, tfl.mean, tfl.reduceMax, tfl.reduceMin] as const;

/** Extents of a window for an image of `[N, H, W, C]`, each axis by itself. */
function drawWindow(b: GraphBuilder, [, h, w]: readonly number[]) {
  const { choose } = b;
  const padding = choose.pick(["VALID", "SAME"] as const);
  const [kh, kw] = [choose.between(1, Math.min(3, h!)), choose.between(1, Math.min(3, w!))] as const;
  return { kh, kw, strides: { padding, stride_h: choose.between(1, 2), stride_w: choose.between(1, 2) } };
}
const dilations = (b: GraphBuilder) =>
  b.choose.maybe(0.2) ? { dilation_h_factor: b.choose.between(1, 2), dilation_w_factor: b.choose.between(1, 2) } : {};
const bias = (b: GraphBuilder, channels: number): Value | undefined =>
  b.choose.maybe(0.6) ? b.constant(f32([channels])) : undefined;

/** How random graphs of tfl ops grow: what lowerings emit, and what layout and fusion rules look at. */
export const tflSteps: readonly GraphStep[] = [
  on("transpose", 1, 5, (b, x, s) => b.emit(tfl.transpose, { input: x }, { perm: drawPerm(b, s.length) }), 5),
  on("reshape", 0, 5, (b, x, s) => b.emit(tfl.reshape, { input: x }, { shape: drawShapeOf(b, s) }), 3),
  on("unary", 0, 5, (b, x) => b.emit(b.choose.pick(unary), { input: x }), 2),
  on(
    "binary",
    0,
    5,
    (b, x, s) => {
      const other = drawOther(b, s);
      const [lhs, rhs] = b.choose.maybe(0.3) ? [other, x] : [x, other];
      const op = b.choose.pick(binary);
      return b.emit(op as typeof tfl.add, { lhs, rhs });
    },
    5,
  ),
  on("select", 0, 4, (b, x, s) => {
    const condition = b.emit(tfl.less, { lhs: x, rhs: drawOther(b, s) });
    return b.emit(tfl.selectV2, { condition, x, y: drawOther(b, condition.type.shape as readonly number[]) });
  }),
  on("cast", 0, 4, (b, x, s) =>
    b.emit(tfl.cast, { input: b.emit(tfl.greater, { lhs: x, rhs: drawOther(b, s) }) }, { out_data_type: "f32" }),
  ),
  on(
    "reduce",
    1,
    5,
    (b, x, s) => {
      const axes = b.choose
        .permutation(s.length)
        .slice(0, b.choose.between(1, s.length))
        .map((a) => (b.choose.maybe(0.3) ? a - s.length : a));
      return b.emit(
        b.choose.pick(reductions) as typeof tfl.sum,
        { input: x },
        { axes, keep_dims: b.choose.maybe(0.5) },
      );
    },
    2,
  ),
  on(
    "concatenation",
    1,
    4,
    (b, x, s) => {
      const axis = b.choose.below(s.length);
      const alike = (t: TensorType): boolean =>
        t.dtype === "f32" && t.shape.length === s.length && t.shape.every((d, i) => i === axis || d === s[i]);
      const rest = Array.from({ length: b.choose.between(1, 2) }, () =>
        b.choose.maybe(0.7) ? b.value(alike)! : b.constant(f32(s.with(axis, b.choose.between(1, 3)))),
      );
      return b.emit(
        tfl.concatenation,
        { values: [x, ...rest] },
        { axis: b.choose.maybe(0.3) ? axis - s.length : axis },
      );
    },
    2,
  ),
  on("pack", 0, 3, (b, x, s) =>
    b.emit(tfl.pack, { values: [x, b.constant(f32(s))] }, { axis: b.choose.between(-s.length - 1, s.length) }),
  ),
  on("unpack", 1, 4, (b, x, s) => {
    const axis = axisOf(b, s.length);
    return b.emitAll(
      tfl.unpack,
      { value: x },
      { axis },
      Array.from({ length: s.at(axis)! }, () => f32(s.toSpliced(axis < 0 ? axis + s.length : axis, 1))),
    );
  }),
  on("split", 1, 4, (b, x, s) => {
    const axis = axisOf(b, s.length);
    const n = b.choose.pick([1, 2, 3].filter((k) => s.at(axis)! % k === 0));
    return b.emitAll(tfl.split, { value: x }, { axis, num_splits: n });
  }),
  on(
    "pad",
    1,
    4,
    (b, x, s) =>
      b.emit(
        tfl.pad,
        { input: x },
        { paddings: s.flatMap(() => (b.choose.maybe(0.5) ? [b.choose.below(3), b.choose.below(3)] : [0, 0])) },
      ),
    2,
  ),
  on("padV2", 1, 4, (b, x, s) =>
    b.emit(
      tfl.padV2,
      { input: x, constant_values: b.constant(f32([])) },
      { paddings: s.flatMap(() => [b.choose.below(2), b.choose.below(3)]) },
    ),
  ),
  on("mirrorPad", 1, 4, (b, x, s) =>
    b.emit(
      tfl.mirrorPad,
      { input: x },
      {
        paddings: s.flatMap((d) => [b.choose.below(Math.min(2, d)), b.choose.below(Math.min(3, d))]),
        mode: b.choose.pick(["REFLECT", "SYMMETRIC"]),
      },
    ),
  ),
  on(
    "slice",
    1,
    5,
    (b, x, s) => {
      const begin = s.map((d) => (b.choose.maybe(0.5) ? b.choose.below(d) : 0));
      const size = s.map((d, i) => (b.choose.maybe(0.5) ? b.choose.between(1, d - begin[i]!) : -1));
      return b.emit(tfl.slice, { input: x }, { begin, size });
    },
    2,
  ),
  on("stridedSlice", 1, 4, (b, x, s) => {
    const begin = s.map((d) => b.choose.below(d));
    const end = s.map((d, i) => b.choose.between(begin[i]! + 1, d));
    const shrink_axis_mask = b.choose.maybe(0.3) ? b.choose.below(2 ** s.length) : 0;
    // an axis that goes has a beginning of its own
    const mask = (): number => b.choose.below(2 ** s.length) & ~shrink_axis_mask;
    const strides = s.map((_, i) => (shrink_axis_mask & (1 << i) ? 1 : b.choose.between(1, 2)));
    return b.emit(
      tfl.stridedSlice,
      { input: x },
      { begin, end, strides, begin_mask: mask(), end_mask: mask(), shrink_axis_mask },
    );
  }),
  on("reverse", 1, 4, (b, x, s) => b.emit(tfl.reverseV2, { input: x }, { axes: [axisOf(b, s.length)] })),
  on("tile", 1, 3, (b, x, s) => b.emit(tfl.tile, { input: x }, { multiples: s.map(() => b.choose.between(1, 2)) })),
  on("broadcast", 1, 4, (b, x, s) =>
    b.emit(
      tfl.broadcastTo,
      { input: x },
      { shape: [...(b.choose.maybe(0.3) ? [2] : []), ...s.map((d) => (d === 1 ? b.choose.between(1, 3) : d))] },
    ),
  ),
  on("expandDims", 0, 4, (b, x, s) =>
    b.emit(tfl.expandDims, { input: x }, { axis: b.choose.between(-s.length - 1, s.length) }),
  ),
  on("squeeze", 1, 5, (b, x) => b.emit(tfl.squeeze, { input: x })),
  on("softmax", 1, 4, (b, x) => b.emit(tfl.softmax, { input: x })),
  on("gather", 1, 4, (b, x, s) => {
    const axis = b.choose.below(s.length);
    const indices = b.constant(tensor("i32", b.choose.maybe(0.5) ? [b.choose.between(1, 3)] : []), {
      min: 0,
      max: s[axis]! - 1,
    });
    return b.emit(tfl.gather, { params: x, indices }, { axis });
  }),
  on("cumsum", 1, 4, (b, x, s) => b.emit(tfl.cumsum, { input: x }, { axis: axisOf(b, s.length) })),
  on("batchMatmul", 2, 4, (b, x, s) => {
    const adj_y = b.choose.maybe(0.5);
    const [k, n] = [s.at(-1)!, b.choose.between(1, 4)];
    return b.emit(tfl.batchMatmul, { x, y: b.constant(f32(adj_y ? [n, k] : [k, n])) }, { adj_y });
  }),
  on(
    "fullyConnected",
    1,
    4,
    (b, x, s) => {
      const outs = b.choose.between(1, 4);
      return b.emit(
        tfl.fullyConnected,
        { input: x, filter: b.constant(f32([outs, s.at(-1)!])), bias: bias(b, outs) },
        { keep_num_dims: b.choose.maybe(0.7) },
      );
    },
    2,
  ),
  on(
    "conv2d",
    4,
    4,
    (b, x, s) => {
      const { kh, kw, strides } = drawWindow(b, s);
      const outs = b.choose.between(1, 4);
      return b.emit(
        tfl.conv2d,
        { input: x, filter: b.constant(f32([outs, kh, kw, s[3]!])), bias: bias(b, outs) },
        { ...strides, ...dilations(b) },
      );
    },
    3,
  ),
  on("depthwiseConv2d", 4, 4, (b, x, s) => {
    const { kh, kw, strides } = drawWindow(b, s);
    const depth_multiplier = b.choose.between(1, 2);
    const outs = s[3]! * depth_multiplier;
    return b.emit(
      tfl.depthwiseConv2d,
      { input: x, filter: b.constant(f32([1, kh, kw, outs])), bias: bias(b, outs) },
      { ...strides, depth_multiplier },
    );
  }),
  on("pool", 4, 4, (b, x, s) => {
    const { kh, kw, strides } = drawWindow(b, s);
    return b.emit(
      b.choose.pick([tfl.maxPool2d, tfl.averagePool2d]) as typeof tfl.maxPool2d,
      { input: x },
      { ...strides, filter_height: kh, filter_width: kw },
    );
  }),
  // what lowerings make of PyTorch's forms
  on(
    "convolution with channels first",
    4,
    4,
    (b, x, [, channels]) => {
      const image = b.emit(tfl.transpose, { input: x }, { perm: [0, 2, 3, 1] });
      const { kh, kw, strides } = drawWindow(b, image.type.shape as readonly number[]);
      const outs = b.choose.between(1, 4);
      const y = b.emit(
        tfl.conv2d,
        { input: image, filter: b.constant(f32([outs, kh, kw, channels!])), bias: bias(b, outs) },
        strides,
      );
      const back = b.emit(tfl.transpose, { input: y }, { perm: [0, 3, 1, 2] });
      const scaled = b.choose.maybe(0.5) ? b.emit(tfl.mul, { lhs: back, rhs: b.constant(f32([outs, 1, 1])) }) : back;
      const shifted = b.choose.maybe(0.5)
        ? b.emit(tfl.add, { lhs: scaled, rhs: b.constant(f32([1, outs, 1, 1])) })
        : scaled;
      return b.choose.maybe(0.5)
        ? b.emit(b.choose.pick([tfl.relu, tfl.relu6]) as typeof tfl.relu, { input: shifted })
        : shifted;
    },
    2,
  ),
  on(
    "heads",
    3,
    3,
    (b, x, [n, t, c]) => {
      const heads = b.choose.pick([1, 2, 3, 4].filter((k) => c! % k === 0));
      const split = b.emit(tfl.reshape, { input: x }, { shape: [n!, t!, heads, c! / heads] });
      const front = b.emit(tfl.transpose, { input: split }, { perm: [0, 2, 1, 3] });
      const y = b.choose.maybe(0.5) ? b.emit(tfl.softmax, { input: front }) : front;
      return b.emit(
        tfl.reshape,
        { input: b.emit(tfl.transpose, { input: y }, { perm: [0, 2, 1, 3] }) },
        { shape: [n!, t!, c!] },
      );
    },
    2,
  ),
  on(
    "shuffle",
    4,
    4,
    (b, x, [n, c, h, w]) => {
      const groups = b.choose.pick([1, 2, 3].filter((k) => c! % k === 0));
      const split = b.emit(tfl.reshape, { input: x }, { shape: [n!, groups, c! / groups, h!, w!] });
      return b.emit(
        tfl.reshape,
        { input: b.emit(tfl.transpose, { input: split }, { perm: [0, 2, 1, 3, 4] }) },
        { shape: [n!, c!, h!, w!] },
      );
    },
    2,
  ),
  on(
    "per channel after linear",
    1,
    4,
    (b, x, s) => {
      const outs = b.choose.between(1, 4);
      const y = b.emit(
        tfl.fullyConnected,
        { input: x, filter: b.constant(f32([outs, s.at(-1)!])), bias: bias(b, outs) },
        { keep_num_dims: true },
      );
      return b.emit(
        b.choose.pick([tfl.add, tfl.mul, tfl.sub]) as typeof tfl.add,
        { lhs: y, rhs: drawOther(b, y.type.shape as readonly number[]) },
        { fused_activation_function: b.choose.pick(["NONE", "RELU"]) },
      );
    },
    2,
  ),
  on("spread by hand", 1, 4, (b, x, s) => {
    const one = b.emit(tfl.sum, { input: x }, { axes: [b.choose.below(s.length)], keep_dims: true });
    const wide = b.emit(tfl.broadcastTo, { input: one }, { shape: s });
    return b.emit(
      b.choose.pick([tfl.add, tfl.mul, tfl.sub, tfl.maximum]) as typeof tfl.add,
      b.choose.maybe(0.5) ? { lhs: wide, rhs: x } : { lhs: x, rhs: wide },
    );
  }),
  on("padded max pool", 4, 4, (b, x, s) => {
    const { kh, kw, strides } = drawWindow(b, s);
    const fill = b.constant({ type: { dtype: "f32", shape: [] }, data: Float32Array.of(-3.4028234663852886e38) });
    const [top, bottom, left, right] = [kh, kh, kw, kw].map((k) => b.choose.below(k)) as [
      number,
      number,
      number,
      number,
    ];
    // nothing else can read the filling without an overflow
    return b.together(() => {
      const padded = b.emit(
        tfl.padV2,
        { input: x, constant_values: fill },
        { paddings: [0, 0, top, bottom, left, right, 0, 0] },
      );
      return b.emit(
        tfl.maxPool2d,
        { input: padded },
        { ...strides, padding: "VALID", filter_height: kh, filter_width: kw },
      );
    });
  }),
];
