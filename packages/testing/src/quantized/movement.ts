import { tfl } from "@tflower/backend-tflite";
import { broadcastShapes, type DType, i32Data, type Quantization, tensor } from "@tflower/core";
import { slot } from "../application/sample.ts";
import { drawBroadcastable, drawShape } from "../arbitrary/shapes.ts";
import type { Choose } from "../choose/choose.ts";
import { codeSlot, drawQuantization } from "./draw-quantization.ts";
import type { QuantizedSample } from "./quantized-sample.ts";

/** Draws an op that moves codes of one grid, from a shape and the slot of its operand. */
type Draw = (choose: Choose, dtype: DType) => unknown;

interface Image {
  readonly shape: readonly number[];
  readonly quant: Quantization;
  readonly input: ReturnType<typeof codeSlot>;
}
function drawInput(choose: Choose, dtype: DType, shape: readonly number[]): Image {
  const quant = drawQuantization(choose, dtype);
  return { shape, quant, input: codeSlot(dtype, shape, quant, { constant: false }) };
}
const anyShape = (choose: Choose): number[] => drawShape(choose, { minRank: 1 });

const joining =
  (stacks: boolean): Draw =>
  (choose, dtype) => {
    const shape = anyShape(choose);
    const axis = choose.below(shape.length);
    const quant = drawQuantization(choose, dtype);
    const one = () =>
      codeSlot(dtype, stacks ? shape : shape.with(axis, choose.between(1, 4)), quant, { constant: false });
    return { operands: { values: Array.from({ length: choose.between(1, 3) }, one) }, attrs: { axis } };
  };
const padding =
  (mirror: boolean): Draw =>
  (choose, dtype) => {
    const { shape, input } = drawInput(choose, dtype, anyShape(choose));
    const paddings = shape.flatMap((d) => [0, 0].map(() => choose.below(mirror ? d : 3)));
    return { operands: { input }, attrs: { paddings, ...(mirror && { mode: "REFLECT" }) } };
  };
const transposing: Draw = (choose, dtype) => {
  const { shape, input } = drawInput(choose, dtype, anyShape(choose));
  return { operands: { input }, attrs: { perm: choose.permutation(shape.length) } };
};
const reshaping: Draw = (choose, dtype) => {
  const { shape, input } = drawInput(choose, dtype, anyShape(choose));
  const split = choose.below(shape.length + 1);
  const size = (dims: readonly number[]) => dims.reduce((a, b) => a * b, 1);
  return { operands: { input }, attrs: { shape: [size(shape.slice(0, split)), size(shape.slice(split))] } };
};
const slicing: Draw = (choose, dtype) => {
  const { shape, input } = drawInput(choose, dtype, anyShape(choose));
  const begin = shape.map((d) => choose.below(d));
  return { operands: { input }, attrs: { begin, size: shape.map((d, i) => choose.between(1, d - begin[i]!)) } };
};
const gathering: Draw = (choose, dtype) => {
  const { shape, input } = drawInput(choose, dtype, anyShape(choose));
  const axis = choose.below(shape.length);
  const indices = i32Data(Array.from({ length: choose.between(1, 4) }, () => choose.below(shape[axis]!)));
  return {
    operands: { params: input, indices: { type: indices.type, data: indices, constant: true } },
    attrs: { axis },
  };
};
const extreme: Draw = (choose, dtype) => {
  const shape = drawShape(choose);
  const quant = drawQuantization(choose, dtype);
  const other = drawBroadcastable(choose, shape);
  return {
    operands: { lhs: codeSlot(dtype, shape, quant, { constant: false }), rhs: codeSlot(dtype, other, quant) },
    types: [tensor(dtype, broadcastShapes(shape, other), quant)],
  };
};
const reducing: Draw = (choose, dtype) => {
  const { shape, input } = drawInput(choose, dtype, anyShape(choose));
  const axes = choose.permutation(shape.length).slice(0, choose.between(1, shape.length));
  return { operands: { input }, attrs: { axes, keep_dims: choose.maybe(0.5) } };
};
const blocks: Draw = (choose, dtype) => {
  const size = choose.between(2, 3);
  const shape = [1, size * choose.between(1, 3), size * choose.between(1, 3), choose.between(1, 3)];
  const { input } = drawInput(choose, dtype, shape);
  return { operands: { input }, attrs: { block_size: size } };
};
const selecting: Draw = (choose, dtype) => {
  const shape = anyShape(choose);
  const quant = drawQuantization(choose, dtype);
  return {
    operands: {
      condition: slot("bool", shape, { constant: false }),
      x: codeSlot(dtype, shape, quant, { constant: false }),
      y: codeSlot(dtype, shape, quant),
    },
  };
};

const moved = (op: unknown, dtypes: readonly DType[], draw: Draw): readonly QuantizedSample[] =>
  dtypes.map((dtype) => ({ op, form: dtype, draw: (choose: Choose) => draw(choose, dtype) }) as QuantizedSample);

const all = ["i8", "u8", "i16"] as const;
const signed = ["i8", "i16"] as const;

/** Ops whose results are codes of their operands, or the zero point: all of one grid. */
export const movementForms: readonly QuantizedSample[] = [
  ...moved(tfl.concatenation, all, joining(false)),
  ...moved(tfl.pack, all, joining(true)),
  ...moved(tfl.pad, signed, padding(false)),
  ...moved(tfl.mirrorPad, signed, padding(true)),
  ...moved(tfl.transpose, signed, transposing),
  ...moved(tfl.reshape, signed, reshaping),
  ...moved(tfl.slice, signed, slicing),
  ...moved(tfl.gather, signed, gathering),
  ...moved(tfl.maximum, all, extreme),
  ...moved(tfl.minimum, all, extreme),
  ...moved(tfl.reduceMax, signed, reducing),
  ...moved(tfl.reduceMin, signed, reducing),
  ...moved(tfl.spaceToDepth, ["i8"], blocks),
  ...moved(tfl.selectV2, signed, selecting),
];
