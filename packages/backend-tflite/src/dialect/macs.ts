import { type AnyOperands, countOf, staticShape, type TensorType } from "@tflower/core";
import type { NodeTypes } from "./define-tfl.ts";

type Factors = (
  operands: Readonly<Record<string, TensorType | undefined>>,
  attrs: Readonly<Record<string, unknown>>,
) => readonly number[];
const one = (operands: AnyOperands<TensorType>): Readonly<Record<string, TensorType | undefined>> =>
  operands as Readonly<Record<string, TensorType | undefined>>;
const sizeOf = (t: TensorType | undefined): number => (t ? countOf(staticShape(t.shape)) : 0);

/** An extent of a type; negative axes count from the end. */
export const extent = (t: TensorType | undefined, axis: number): number => Number(t?.shape.at(axis) ?? 0);

/** Every element of the first result takes the product of `factors`. */
export const macsPerResult =
  (factors: Factors) =>
  ({ operands, attrs, results }: NodeTypes): number =>
    sizeOf(results[0]) * countOf(factors(one(operands), attrs));

/** Every element of an operand takes part in the product of `factors`. */
export const macsPerElement =
  (operand: string, factors: Factors) =>
  ({ operands, attrs }: NodeTypes): number =>
    sizeOf(one(operands)[operand]) * countOf(factors(one(operands), attrs));
