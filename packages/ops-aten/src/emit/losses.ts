import type { Emit, Value } from "@tflower/core";
import { mean, sum } from "../dialect/reduce-sum.ts";
import { reductions } from "../semantics/losses.ts";

/** Losses by element put together as asked. */
export function reduceLoss(emit: Emit, elements: Value, reduction: number): Value {
  if (reduction === reductions.none) return elements;
  return reduction === reductions.sum ? emit(sum, { self: elements }) : emit(mean, { self: elements });
}
