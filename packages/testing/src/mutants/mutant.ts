import type { OpDef, TensorType, Value } from "@tflower/core";

/** A small mistake in what a lowering emits. */
export interface Mutant {
  /** What is wrong then, as `strides of H and W change places`. */
  readonly name: string;
  /** The attributes with the mistake in them; `undefined` where there is nothing to get wrong. */
  readonly mutate?: (
    attrs: Readonly<Record<string, unknown>>,
    op: OpDef,
  ) => Readonly<Record<string, unknown>> | undefined;
  /** The operands with the mistake in them; `undefined` where there is nothing to get wrong. */
  readonly mutateOperands?: (
    operands: Readonly<Record<string, Value | undefined | readonly (Value | undefined)[]>>,
    op: OpDef,
  ) => Readonly<Record<string, unknown>> | undefined;
  /** The elements of a constant with the mistake in them; `undefined` where there is nothing to get wrong. */
  readonly mutateConstant?: (elements: readonly number[], type: TensorType) => readonly number[] | undefined;
}
