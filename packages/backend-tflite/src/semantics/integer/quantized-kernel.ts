import type { AnyOperands, TensorData, TensorType } from "@tflower/core";

/** Reference semantics of an op, seen without the types of its operands and attributes. */
export type AnyEvaluate = (
  operands: AnyOperands<TensorData>,
  attrs: Readonly<Record<string, unknown>>,
  types: readonly TensorType[],
) => TensorData | readonly TensorData[];

/**
 * What the runtime's built-in kernel computes on quantized elements, bit for bit; `undefined` where it does not compute on integers, or
 * not in a way known here. `evaluate` are the op's semantics on plain elements.
 */
export type EvaluateQuantized = (
  operands: AnyOperands<TensorData>,
  attrs: Readonly<Record<string, unknown>>,
  types: readonly TensorType[],
  evaluate: AnyEvaluate,
) => TensorData | readonly TensorData[] | undefined;
