import {
  dtypeInfo,
  isFloat,
  numbersOf,
  rowMajorStrides,
  type TensorData,
  type TensorType,
  tensor,
  wrap,
} from "@tflower/core";
import type { FusedActivation } from "../../dialect/define-tfl.ts";
import { extentsOf } from "../axes.ts";
import { strided } from "../movement.ts";
import { activate } from "../pointwise.ts";
import { bareCodes } from "./codes.ts";
import { asymmetricCodes, delegatedCodes, type Quantize, symmetricCodes } from "./dynamic-codes.ts";
import type { EvaluateQuantized } from "./quantized-kernel.ts";

const f = Math.fround;
const weightTypes: ReadonlySet<string> = new Set(["i8", "i4", "i2"]);

/** Elements that are quantized together, and how: those of a row that is summed up, of a pixel, or of an image. */
export interface Together {
  readonly of: "row" | "pixel" | "image";
  readonly quantize: Quantize;
}

/** Which operands of an op are what, where its activations are floats and its weights integers. */
export interface Hybrid {
  readonly input: string;
  readonly weights: string;
  readonly bias?: string;
  readonly together: (weights: TensorData, attrs: Readonly<Record<string, unknown>>) => Together;
}

/**
 * Rows of a matrix product: by the delegate, which leaves to the built-in kernel rows of packed weights that end inside a byte, and weights
 * of two bits with one scale for all.
 */
export const rowsTogether: Hybrid["together"] = ({ type: { dtype, shape, quant } }) => {
  const whole = ((shape.at(-1) as number) * dtypeInfo(dtype).bits) % 8 === 0;
  const delegated = whole && !(dtype === "i2" && quant!.axis === undefined);
  return { of: "row", quantize: delegated ? delegatedCodes : symmetricCodes };
};
/** Images of a convolution: by the delegate where weights are bytes, which takes one of single pixels for a matrix product, unless it is one product each. */
export const imagesTogether: Hybrid["together"] = ({ type }, attrs) => {
  if (type.dtype !== "i8") return builtInImages({ type } as TensorData, attrs);
  const [o, h, w, i] = type.shape as readonly number[];
  const pixels = h === 1 && w === 1 && (o !== 1 || i !== 1) && attrs["stride_h"] === 1 && attrs["stride_w"] === 1;
  return { of: pixels ? "pixel" : "image", quantize: delegatedCodes };
};
/** Images by built-in kernels: all codes beside weights with a scale for each channel. */
export const builtInImages: Hybrid["together"] = ({ type }) => ({
  of: "image",
  quantize: type.quant!.scales.length > 1 ? asymmetricCodes : symmetricCodes,
});
/** Images by a kernel that always uses all codes. */
export const wholeImages: Hybrid["together"] = () => ({ of: "image", quantize: asymmetricCodes });

/**
 * Floats times integer weights, as kernels compute it that quantize activations when they run: bytes for all that is quantized together,
 * sums of integers, and floats of these. Where the delegate and the built-in kernel differ, what a default interpreter runs counts; the
 * order of the last roundings is any kernel's own.
 */
export const hybridProducts =
  (h: Hybrid): EvaluateQuantized =>
  (operands, attrs, [type], evaluate) => {
    const x = rowsOf(operands[h.input] as TensorData, attrs);
    const w = operands[h.weights] as TensorData;
    const { quant, dtype } = w.type;
    if (!isFloat(x.type.dtype) || type!.quant || !quant || quant.block !== undefined || !weightTypes.has(dtype))
      return undefined;
    if (quant.zeroPoints.some((z) => z !== 0) || x.data.length === 0) return undefined;
    const bias = h.bias === undefined ? undefined : (operands[h.bias] as TensorData | undefined);
    const shape = extentsOf(x);
    const { of, quantize } = h.together(w, attrs);
    // FULLY_CONNECTED takes rows of any shape for ones as long as those of its weights
    const size = of === "image" ? x.data.length / shape[0]! : of === "row" && h.bias ? extentsOf(w)[1]! : shape.at(-1)!;
    const codes = new Int32Array(x.data.length);
    const from = numbersOf(x);
    const scales: number[] = [];
    for (let at = 0; at < codes.length; at += size) {
      const { scale, zero } = quantize(from, at, size, codes);
      for (let i = at; i < at + size; i++) codes[i]! -= zero;
      scales.push(scale);
    }
    const sums = evaluate(
      {
        ...operands,
        [h.input]: wrap(tensor("i32", x.type.shape), codes),
        [h.weights]: bareCodes(w),
        ...(h.bias !== undefined && { [h.bias]: undefined }),
      },
      { ...attrs, fused_activation_function: "NONE", ...(attrs["adj_x"] !== undefined && { adj_x: false }) },
      [tensor("f64", type!.shape)],
    ) as TensorData;
    const out = new Float32Array(sums.data.length);
    const add = bias && numbersOf(bias);
    const channels = extentsOf(sums).at(-1) ?? 1;
    const perGroup = out.length / scales.length;
    for (let i = 0; i < out.length; i++) {
      const c = i % channels;
      const scale = f(scales[Math.floor(i / perGroup)]! * f(quant.scales[quant.scales.length > 1 ? c : 0]!));
      const v = f(f(sums.data[i] as number) * scale);
      out[i] = add ? f(v + add[c]!) : v;
    }
    return activate(wrap(type as TensorType, out), (attrs["fused_activation_function"] ?? "NONE") as FusedActivation);
  };

/** The operand such that what is summed up lies in its last axis. */
function rowsOf(x: TensorData, attrs: Readonly<Record<string, unknown>>): TensorData {
  if (!attrs["adj_x"]) return x;
  const shape = extentsOf(x);
  const rank = shape.length;
  const [n, m] = [shape[rank - 2]!, shape[rank - 1]!];
  const strides = rowMajorStrides(shape);
  const type = tensor(x.type.dtype, [...shape.slice(0, -2), m, n]);
  return strided(type, x, [...strides.slice(0, -2), 1, m], 0);
}
