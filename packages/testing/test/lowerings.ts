import { tfl } from "@tflower/backend-tflite";
import {
  attr,
  defineLowering,
  defineOp,
  type Lowering,
  operand,
  type Plugin,
  reject,
  tensorData,
  wrap,
} from "@tflower/core";
import { aten } from "@tflower/ops-aten";

/** `x * x + by`, declared on a day that the kit knows nothing of. */
export const squarePlus = defineOp("mine.square_plus", {
  summary: "`x * x + by`.",
  operands: { x: operand.both(operand.float, operand.ranks(1, 3)) },
  attrs: { by: attr.float.default_(1) },
  traits: { elementwise: true },
  infer: ({ x }) => x,
  evaluate: ({ x }, { by }, [type]) =>
    wrap(
      type!,
      (x.data as Float32Array).map((v) => Math.fround(Math.fround(v * v) + by)),
    ),
});
export const lowerSquarePlus = defineLowering(squarePlus, ({ x }, { by }, emit) =>
  emit(tfl.add, { lhs: emit(tfl.mul, { lhs: x, rhs: x }), rhs: emit.constant(tensorData("f32", [], [by])) }),
);
export const mine: Plugin = {
  name: "mine",
  apply: (compiler) => void compiler.ops({ squarePlus }).lower(lowerSquarePlus),
};

/** Lowerings with the mistakes that lowerings have: each is caught, or the kit is no good. */
export const wrong: readonly (readonly [string, Lowering<any>])[] = [
  [
    "another op",
    defineLowering(aten.relu, ({ self }, _, emit) =>
      self.type.dtype === "f32" ? emit(tfl.relu6, { input: self }) : reject("floats only"),
    ),
  ],
  [
    "negative numbers",
    defineLowering(aten.relu, ({ self }, _, emit) =>
      self.type.dtype === "f32" ? emit(tfl.abs, { input: self }) : reject("floats only"),
    ),
  ],
  [
    "operands change places",
    defineLowering(aten.divTensor, ({ self, other }, _, emit) =>
      self.type.dtype === "f32" && other.type.dtype === "f32"
        ? emit(tfl.div, { lhs: other, rhs: self })
        : reject("floats only"),
    ),
  ],
  [
    "alpha is forgotten",
    defineLowering(aten.subTensor, ({ self, other }, _, emit) =>
      self.type.dtype === "f32" && other.type.dtype === "f32"
        ? emit(tfl.sub, { lhs: self, rhs: other })
        : reject("floats only"),
    ),
  ],
  [
    "rounding of halves",
    defineLowering(aten.round, ({ self }, _, emit) =>
      emit(tfl.floor, { input: emit(tfl.add, { lhs: self, rhs: emit.constant(tensorData("f32", [], [0.5])) }) }),
    ),
  ],
  [
    "negative axes",
    defineLowering(aten.flip, ({ self }, { dims }, emit) =>
      dims.length === 1 ? emit(tfl.reverseV2, { input: self }, { axes: [Math.abs(dims[0]!)] }) : reject("one axis"),
    ),
  ],
  [
    "the last axis instead of the one asked for",
    defineLowering(aten.softmaxInt, ({ self }, _, emit) =>
      self.type.dtype === "f32" && self.type.shape.length ? emit(tfl.softmax, { input: self }) : reject("floats"),
    ),
  ],
  [
    "keepdim is forgotten",
    defineLowering(aten.sumDimIntList, ({ self }, { dim }, emit) =>
      self.type.dtype === "f32" && dim?.length ? emit(tfl.sum, { input: self }, { axes: dim }) : reject("floats"),
    ),
  ],
  [
    "the order of a perm",
    defineLowering(aten.permute, ({ self }, { dims }, emit) =>
      emit(
        tfl.transpose,
        { input: self },
        { perm: dims.map((_, i) => dims.findIndex((d) => (d + dims.length) % dims.length === i)) },
      ),
    ),
  ],
  [
    "paddings of H and W change places",
    defineLowering(aten.avgPool2d, ({ self }, a, emit) => {
      const [kh, kw] = a.kernel_size as [number, number];
      const [ph, pw] = a.padding as [number, number];
      const [sh, sw] = (a.stride.length ? a.stride : a.kernel_size) as [number, number];
      if (
        a.ceil_mode ||
        !a.count_include_pad ||
        a.divisor_override !== undefined ||
        self.type.shape.length !== 4 ||
        pw === undefined ||
        sw === undefined ||
        kw === undefined
      )
        return reject("plain");
      const image = emit(tfl.transpose, { input: self }, { perm: [0, 2, 3, 1] });
      const padded = emit(tfl.pad, { input: image }, { paddings: [0, 0, pw, pw, ph, ph, 0, 0] });
      const pooled = emit(
        tfl.averagePool2d,
        { input: padded },
        { filter_height: kh, filter_width: kw, stride_h: sh, stride_w: sw },
      );
      return emit(tfl.transpose, { input: pooled }, { perm: [0, 3, 1, 2] });
    }),
  ],
  [
    "an end that is one too far",
    defineLowering(aten.narrow, ({ self }, { dim, start, length }, emit) => {
      const rank = self.type.shape.length;
      const axis = dim < 0 ? dim + rank : dim;
      const extent = self.type.shape[axis] as number;
      const from = (start as number) < 0 ? (start as number) + extent : (start as number);
      const begin = self.type.shape.map((_, i) => (i === axis ? Math.min(from + 1, extent - (length as number)) : 0));
      return emit(tfl.slice, { input: self }, { begin, size: self.type.shape.with(axis, length) });
    }),
  ],
  [
    "a broadcast that is missing",
    defineLowering(aten.mulTensor, ({ self }, _, emit) =>
      self.type.dtype === "f32" ? emit(tfl.mul, { lhs: self, rhs: self }) : reject("floats"),
    ),
  ],
];
