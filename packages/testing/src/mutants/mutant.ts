import type { OpDef } from "@tflower/core";

/** A small mistake in what a lowering emits. */
export interface Mutant {
  /** What is wrong then, as `strides of H and W change places`. */
  readonly name: string;
  /** The attributes with the mistake in them; `undefined` where there is nothing to get wrong. */
  readonly mutate: (
    attrs: Readonly<Record<string, unknown>>,
    op: OpDef,
  ) => Readonly<Record<string, unknown>> | undefined;
}
