import { countOf, invalid, numbersOf, type TensorData, type TensorType, tensor, tensorData } from "@tflower/core";
import { mapNumbers } from "./pointwise.ts";

/** How PyTorch numbers the ways of putting losses together. */
export const reductions = { none: 0, mean: 1, sum: 2 } as const;

/** The type of a loss whose elements have type `elements`. */
export function lossType(elements: TensorType, reduction: number): TensorType {
  if (reduction < 0 || reduction > 2) invalid(`reduction must be 0 (none), 1 (mean) or 2 (sum), got ${reduction}`);
  return reduction === reductions.none ? elements : tensor(elements.dtype, []);
}

/** Losses put together; the mean is over `count`, where that is not the number of elements. */
export function reduceLoss(elements: TensorData, reduction: number, count = countOf(elements.type.shape)): TensorData {
  if (reduction === reductions.none) return elements;
  const sum = Array.from(numbersOf(elements)).reduce((a, b) => a + b, 0);
  return tensorData(elements.type.dtype, [], [reduction === reductions.sum ? sum : sum / count]);
}

/** Loss by element of operands that broadcast, put together. `type` is that of the whole. */
export const pointwiseLoss = (
  type: TensorType,
  reduction: number,
  operands: readonly TensorData[],
  f: (...v: number[]) => number,
): TensorData => reduceLoss(mapNumbers(tensor(type.dtype, []), operands, f), reduction);
