import { type DType, type OpDef, tensor, tensorData } from "@tflower/core";
import { aten } from "@tflower/ops-aten";
import { type Draft, defineSample, type Sample, type Slot, slot } from "../application/sample.ts";
import { drawShape } from "../arbitrary/shapes.ts";
import type { Choose } from "../choose/choose.ts";

const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
const integers = (choose: Choose, dtype: DType, shape: readonly number[], low: number, high: number): Slot => {
  const values = Array.from({ length: sizeOf(shape) }, () => choose.between(low, high));
  return slot(dtype, shape, { data: tensorData(dtype, shape, values), constant: false });
};
/** Powers of two make ties; others do not divide evenly. */
const scales = (choose: Choose, shape: readonly number[]): Slot => {
  const values = Array.from({ length: sizeOf(shape) }, () => choose.pick([0.5, 0.25, 0.1, 0.037]));
  return slot("f32", shape, { data: tensorData("f32", shape, values), constant: choose.maybe(0.5) });
};
/** Numbers among which are halves of the scales, and some far outside. */
const reals = (choose: Choose, shape: readonly number[]): Slot => {
  const values = Array.from({ length: sizeOf(shape) }, () => choose.between(-40, 40) / choose.pick([4, 8, 10, 0.5]));
  return slot("f32", shape, { data: tensorData("f32", shape, values), constant: false });
};

const ranges = [
  ["i8", -128, 127],
  ["i8", -127, 127],
  ["u8", 0, 255],
  ["i8", -8, 7],
  ["u8", 0, 127],
] as const;

/** How an op's scales lie: their shape for an input's, and the attributes that say so. */
interface Layout {
  readonly op: OpDef;
  readonly rank?: readonly [number, number];
  readonly lay?: (
    choose: Choose,
    shape: readonly number[],
  ) => { readonly scales: readonly number[]; readonly attrs: object };
}
const one = () => ({ scales: [1], attrs: {} });
const channels = (choose: Choose, shape: readonly number[]) => {
  const axis = choose.below(shape.length);
  return { scales: [shape[axis]!], attrs: { axis } };
};
const tokens = (_: Choose, shape: readonly number[]) => ({ scales: [...shape.slice(0, -1), 1], attrs: {} });
const divisor = (choose: Choose, d: number): number =>
  choose.pick(Array.from({ length: d }, (_, i) => d - i).filter((k) => d % k === 0));
const groups = (choose: Choose, shape: readonly number[]) => {
  const group_size = divisor(choose, shape[1]!);
  return { scales: [shape[0]!, shape[1]! / group_size], attrs: { group_size } };
};
const blocks = (choose: Choose, shape: readonly number[]) => {
  const block_size = shape.map((d) => divisor(choose, d));
  return { scales: shape.map((d, i) => d / block_size[i]!), attrs: { block_size } };
};

const operandsOf = (choose: Choose, op: OpDef, shape: readonly number[], zeros: readonly number[]) => {
  const [low, high] = zeros as readonly [number, number];
  const operands: Record<string, Slot> = {};
  for (const name of Object.keys(op.operands)) {
    if (name.startsWith("scale")) operands[name] = scales(choose, shape);
    if (name.startsWith("zero")) operands[name] = integers(choose, "i32", shape, low, high);
  }
  return operands;
};

const affine = ({ op, rank = [1, 3], lay = one }: Layout): Sample =>
  defineSample(op as OpDef<any, any, any>, (choose): Draft => {
    const quantizes = /\.quantize_/.test(op.name);
    const [dtype, low, high] = choose.pick(ranges);
    const shape = drawShape(choose, { minRank: rank[0], maxRank: rank[1], maxExtent: 6 });
    if (shape.includes(0)) choose.discard();
    const laid = lay(choose, shape);
    const attrs: Record<string, unknown> = { ...laid.attrs };
    for (const name of Object.keys(op.attrs)) {
      if (name === "dtype" || name === "input_dtype") attrs[name] = dtype;
      if (name === "output_dtype") attrs[name] = quantizes ? dtype : "f32";
      if (name === "quant_min") attrs[name] = op.attrs[name]!.read(BigInt(low));
      if (name === "quant_max") attrs[name] = op.attrs[name]!.read(BigInt(high));
      if (name === "scale") attrs[name] = choose.pick([0.5, 0.25, 0.1, 0.037]);
      if (name === "zero_point") attrs[name] = choose.between(low, high);
    }
    const input = quantizes ? reals(choose, shape) : integers(choose, dtype, shape, low, high);
    const bounds = op.operands["quant_min"] && {
      quant_min: slot("i64", [], { data: tensorData("i64", [], [BigInt(low)]) }),
      quant_max: slot("i64", [], { data: tensorData("i64", [], [BigInt(high)]) }),
    };
    return { operands: { input, ...operandsOf(choose, op, laid.scales, [low, high]), ...bounds }, attrs };
  });

const choosing = (op: OpDef, rows: boolean): Sample => ({
  ...defineSample(op as OpDef<any, any, any>, (choose): Draft => {
    const shape = drawShape(choose, { minRank: 1, maxRank: 3, maxExtent: 6 });
    if (shape.includes(0)) choose.discard();
    const found = rows ? [...shape.slice(0, -1), 1] : [1];
    const attrs = rows ? { dtype: "i8" } : { quant_min: -128, quant_max: 127, eps: 2 ** -20, dtype: "i8" };
    return { operands: { input: reals(choose, shape) }, attrs, types: [tensor("f32", found), tensor("i64", found)] };
  }),
});

/** Ops that lead from reals to integers and back. */
export const quantizingSamples: readonly Sample[] = [
  ...[aten.quantizePerTensor, aten.quantizePerTensorTensor, aten.quantizePerTensorTensor2].map((op) => affine({ op })),
  ...[aten.dequantizePerTensor, aten.dequantizePerTensorTensor, aten.dequantizePerTensorTensor2].map((op) =>
    affine({ op }),
  ),
  ...[aten.quantizePerChannel, aten.dequantizePerChannel].map((op) => affine({ op, lay: channels })),
  ...[aten.quantizePerToken, aten.dequantizePerToken].map((op) => affine({ op, lay: tokens })),
  ...[aten.quantizePerChannelGroup, aten.dequantizePerChannelGroup].map((op) =>
    affine({ op, rank: [2, 2], lay: groups }),
  ),
  ...[aten.quantizeAffine, aten.dequantizeAffine].map((op) => affine({ op, lay: blocks })),
  choosing(aten.chooseQparams, false),
  choosing(aten.chooseQparamsSymmetric, false),
  choosing(aten.chooseQparamsPerTokenAsymmetric, true),
  defineSample(aten.chooseQparamsAffine, (choose) => {
    const shape = drawShape(choose, { minRank: 1, maxRank: 3, maxExtent: 6 });
    if (shape.includes(0)) choose.discard();
    const { attrs } = blocks(choose, shape);
    return {
      operands: { input: reals(choose, shape) },
      attrs: {
        ...attrs,
        mapping_type: choose.pick(["SYMMETRIC", "ASYMMETRIC"]),
        target_dtype: "i8" as const,
        eps: 2 ** -20,
        keepdim: choose.maybe(0.5),
      },
    };
  }),
  defineSample(aten.intMm, (choose) => {
    const [rows, inner, columns] = [choose.between(1, 3), choose.pick([2, 3, 515]), choose.between(1, 3)];
    const self = integers(choose, choose.pick(["i8", "u8"]), [rows, inner], 0, 127);
    return { operands: { self, mat2: integers(choose, "i8", [inner, columns], -128, 127) } };
  }),
];
