import { tfl } from "@tflower/backend-tflite";
import { appliedConstant, type Constant, type DType, type Node, type TensorType, tensor } from "@tflower/core";
import { codesOf } from "../semantics/affine-quantization.ts";
import { codes } from "../semantics/quantized-codes.ts";
import { scalesFor } from "./quantized-types.ts";

interface Scales {
  readonly scales: readonly number[];
  readonly zeros: readonly number[];
}

/** The integers that hold what lies between two bounds, and the middle of these: kernels know signed ones only. */
function signedFor(low: number, high: number): { readonly dtype: DType; readonly shift: number } | undefined {
  for (const [dtype, half] of [
    ["i4", 8],
    ["i8", 128],
  ] as const) {
    if (low >= -half && high < half) return { dtype, shift: 0 };
    if (low >= 0 && high < 2 * half) return { dtype, shift: half };
  }
  return undefined;
}

/** Constants that are integers in a program. */
export const integersFor = {
  /** What a node gives of constants. */
  applied: (node: Node, operands: Readonly<Record<string, Constant>>): Constant =>
    appliedConstant(node.op, operands, node.attrs as Readonly<Record<string, unknown>>, node.results[0]!.type),

  /** The reals that `node` makes of the integers `c`, as a constant that still tells which integers they are. */
  reals(node: Node, c: Constant, { scales, zeros }: Scales): Constant | undefined {
    const [low, high] = codesOf(node.attrs as never, c.type.dtype);
    const signed = c.type.dtype === "i8" || c.type.dtype === "u8" ? signedFor(low, high) : undefined;
    const found = signed && scalesFor(node.op.traits.affine!.grouping, node, { scales, zeros });
    if (!signed || !found) return undefined;
    const zeroPoints = zeros.map((z) => z - signed.shift);
    const type: TensorType = tensor(signed.dtype, c.type.shape, { ...found.quant, zeroPoints });
    const held = appliedConstant(codes, { x: c }, { shift: signed.shift }, type);
    return appliedConstant(tfl.dequantize, { input: held }, {}, tensor("f32", c.type.shape));
  },
};
