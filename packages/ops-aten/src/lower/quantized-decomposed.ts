import {
  defineLowering,
  type Emit,
  type Lowering,
  type Node,
  type OpDef,
  type Rejection,
  reject,
  type TensorType,
  type Value,
} from "@tflower/core";
import * as aten from "../dialect/quantized-decomposed.ts";
import { chooseParameters, dequantize, quantize, readParameters } from "../emit/affine-quantization.ts";
import { convertTo, float } from "../emit/convert.ts";
import { reshapeTo } from "../emit/rearrange.ts";
import { codesOf, type Grouping, ofRows, ofTensor, type ScaleRule } from "../semantics/affine-quantization.ts";

type Operands = Readonly<Record<string, Value | undefined>>;
type Attrs = Readonly<Record<string, unknown>>;

type Lower = (operands: Operands, attrs: Attrs, emit: Emit, node: Node) => Value | readonly Value[] | Rejection;
/** Ops of one kind have the same lowering, whatever their declarations say of operands that they do not share. */
const lowering = (op: OpDef<any, any, any>, lower: Lower): Lowering<any> => defineLowering(op, lower as never);

/** How the elements of an {@link Affine} op's operand belong to its scales. */
function groupingOf(node: Node<any>, operands: Operands, attrs: Attrs): Grouping {
  const scales = operands["scale"] ?? operands["scales"];
  return node.op.traits.affine!.grouping(operands["input"]!.type, attrs, scales?.type ?? { shape: [] });
}

/** Lowers an op to float arithmetic; pairs that stand for quantized tensors have become quantizers before. */
export const quantizing = (op: OpDef<any, any, any>): Lowering<any> =>
  lowering(op, (operands: Operands, attrs: Attrs, emit: Emit, node): Value | Rejection => {
    const input = operands["input"]!;
    if (input.type.dtype !== "f32") return reject(`quantizes float32, got ${input.type.dtype}`);
    const g = groupingOf(node, operands, attrs);
    const p = readParameters(emit, operands, attrs, g);
    if ("reason" in p) return p;
    const { dtype } = node.results[0]!.type;
    const given = ["quant_min", "quant_max"].map((k) => operands[k]);
    const [low, high] = given[0] ? [0, 0] : codesOf(attrs, dtype);
    const bound = (v: Value | undefined, n: number): Value =>
      v ? reshapeTo(emit, convertTo(emit, v, "f32"), []) : float(emit, n);
    const bounds = [bound(given[0], low), bound(given[1], high)] as const;
    return quantize(emit, input, g, p, bounds, dtype, node.op.traits.affine!.shiftsFirst ?? false);
  });

/** Lowers an op to float arithmetic. */
export const dequantizing = (op: OpDef<any, any, any>): Lowering<any> =>
  lowering(op, (operands: Operands, attrs: Attrs, emit: Emit, node): Value | Rejection => {
    const g = groupingOf(node, operands, attrs);
    const p = readParameters(emit, operands, attrs, g);
    if ("reason" in p) return p;
    return dequantize(emit, operands["input"]!, g, p, node.results[0]!.type.dtype);
  });

/** Finds scales by arithmetic of floats. */
export const choosing = (
  op: OpDef<any, any, any>,
  rule: (attrs: Attrs, input: TensorType) => ScaleRule,
  grouping: (input: TensorType, attrs: Attrs) => Grouping,
): Lowering<any> =>
  lowering(op, ({ input }: Operands, attrs: Attrs, emit: Emit, node): readonly Value[] | Rejection => {
    if (input!.type.dtype !== "f32") return reject(`finds scales of float32, got ${input!.type.dtype}`);
    const chosen = chooseParameters(emit, input!, grouping(input!.type, attrs), rule(attrs, input!.type));
    return chosen.map((v, i) => {
      const { dtype, shape } = node.results[i]!.type;
      return convertTo(emit, reshapeTo(emit, v, shape), dtype);
    });
  });

export const quantizePerTensor = quantizing(aten.quantizePerTensor);
export const quantizePerTensorTensor = quantizing(aten.quantizePerTensorTensor);
export const quantizePerTensorTensor2 = quantizing(aten.quantizePerTensorTensor2);
export const quantizePerChannel = quantizing(aten.quantizePerChannel);
export const quantizePerToken = quantizing(aten.quantizePerToken);
export const quantizePerChannelGroup = quantizing(aten.quantizePerChannelGroup);
export const dequantizePerTensor = dequantizing(aten.dequantizePerTensor);
export const dequantizePerTensorTensor = dequantizing(aten.dequantizePerTensorTensor);
export const dequantizePerTensorTensor2 = dequantizing(aten.dequantizePerTensorTensor2);
export const dequantizePerChannel = dequantizing(aten.dequantizePerChannel);
export const dequantizePerToken = dequantizing(aten.dequantizePerToken);
export const dequantizePerChannelGroup = dequantizing(aten.dequantizePerChannelGroup);

const ruleOf =
  (symmetric: boolean) =>
  (attrs: Attrs): ScaleRule => ({
    symmetric,
    codes: codesOf(attrs, attrs["dtype"] as "i8"),
    least: attrs["eps"] as number,
    middle: attrs["dtype"] === "u8" ? 128 : 0,
  });
export const chooseQparams = choosing(aten.chooseQparams, ruleOf(false), ofTensor);
export const chooseQparamsSymmetric = choosing(aten.chooseQparamsSymmetric, ruleOf(true), ofTensor);
export const chooseQparamsPerTokenAsymmetric = choosing(
  aten.chooseQparamsPerTokenAsymmetric,
  () => ({ symmetric: false, codes: [-128, 127], least: 2 ** -23, middle: 0, nearerEnd: true }),
  (input) => ofRows(input, {}, { shape: [...input.shape.slice(0, -1), 1] }),
);
export const convertElementTypeNoFuse = defineLowering(aten.convertElementTypeNoFuse, ({ input }, { dtype }, emit) =>
  convertTo(emit, input, dtype),
);
