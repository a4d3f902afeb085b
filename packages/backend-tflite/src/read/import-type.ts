import {
  type DimExpr,
  type DType,
  decode,
  dtypes,
  isFloat,
  numbersOf,
  type Quantization,
  symbol,
  type TensorType,
  tensor,
} from "@tflower/core";
import type { Tensor, TensorQuantization } from "../file/tflite-file.ts";
import { FileProblem } from "./file-problem.ts";

/** Makes symbols that nothing else in the module is called. */
export class FreshSymbols {
  private count = 0;
  next(): DimExpr {
    return symbol(`d${this.count++}`);
  }
}

/** The type of a tensor: every dynamic extent is a symbol of its own. */
export function importType(t: Tensor, tensors: readonly Tensor[], symbols: FreshSymbols): TensorType {
  if (!Object.hasOwn(dtypes, t.dtype))
    throw new FileProblem("TFL0032", `elements of type ${t.dtype} have no counterpart in tflower`);
  if (t.shape === undefined) throw new FileProblem("TFL0032", "not even its rank is known");
  if (t.sparsity) throw new FileProblem("TFL0032", "its elements are stored sparsely", "densify the model first");
  const shape = (t.shapeSignature ?? t.shape).map((d) => (d < 0 ? symbols.next() : d));
  const dtype = t.dtype as DType;
  // converters leave ranges they measured on float tensors: notes, not quantization
  const quant = t.quantization && !isFloat(dtype) ? importQuantization(t, t.quantization, tensors) : undefined;
  return tensor(dtype, shape, quant);
}

function importQuantization(t: Tensor, q: TensorQuantization, tensors: readonly Tensor[]): Quantization | undefined {
  if (q.details) return importBlocks(t, q.details, tensors);
  if (q.scale.length === 0) return undefined;
  const zeroPoints = q.zeroPoint.length ? q.zeroPoint.map(Number) : q.scale.map(() => 0);
  const perChannel = q.scale.length > 1 || q.axis !== undefined;
  return { scales: q.scale, zeroPoints, ...(perChannel && { axis: q.axis ?? 0 }) };
}

function importBlocks(
  t: Tensor,
  { table, fields }: NonNullable<TensorQuantization["details"]>,
  tensors: readonly Tensor[],
): Quantization {
  const {
    scales: at,
    zero_points: zeros = -1,
    block_size: block,
    block_shape: shape,
  } = fields as { scales?: number; zero_points?: number; block_size?: number; block_shape?: readonly number[] };
  const scales = tensors[at ?? -1];
  if (
    table !== "BlockwiseQuantization" ||
    !block ||
    shape?.length ||
    zeros > 0 ||
    !(scales?.buffer instanceof Uint8Array) ||
    !scales.shape ||
    !t.shape
  )
    throw new FileProblem(
      "TFL0032",
      `it is quantized by ${table} in a way that tflower does not hold`,
      "scales per tensor, per channel, or per block of the last axis with zero points of 0 can be held",
    );
  const expected = [...t.shape.slice(0, -1), t.shape.at(-1)! / block];
  if (scales.shape.join() !== expected.join())
    throw new FileProblem(
      "TFL0032",
      `it is quantized in blocks of ${block}, whose scales are [${expected}], but they come as [${scales.shape}]`,
    );
  const values = Array.from(numbersOf(decode(tensor(scales.dtype as DType, scales.shape), scales.buffer)));
  return { scales: values, zeroPoints: values.map(() => 0), block };
}
