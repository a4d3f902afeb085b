import { invalid, isFloat, showType, type TensorData, type TensorType } from "@tflower/core";
import { castData, mapIntegers, mapNumbers } from "./pointwise.ts";
import { boolType, floatType, isIntegral, selfType } from "./result-types.ts";

type Self<T> = { readonly self: T };

/** What ops of one operand have in common when they are declared. */
export interface UnarySpec {
  readonly summary: string;
  readonly traits: { readonly elementwise: true };
  readonly infer: (types: Self<TensorType>) => TensorType;
  readonly evaluate: (inputs: Self<TensorData>, attrs: unknown, types: readonly TensorType[]) => TensorData;
}
const traits = { elementwise: true } as const;

/** A function of real numbers; integers and bools become floats first. */
export const floatFunction = (summary: string, f: (x: number) => number): UnarySpec => ({
  summary,
  traits,
  infer: floatType,
  evaluate: ({ self }, _, [type]) => mapNumbers(type!, [castData(self, type!.dtype)], f),
});

/** A function of floats only, as most activations are. */
export const activation = (summary: string, f: (x: number) => number): UnarySpec => ({
  summary,
  traits,
  infer: ({ self }) =>
    isFloat(self.dtype) ? selfType({ self }) : invalid(`takes float elements, got ${showType(self)}`),
  evaluate: ({ self }, _, [type]) => mapNumbers(type!, [self], f),
});

/** A function that keeps the dtype, integers exactly. */
export const sameKindFunction = (summary: string, f: (x: number) => number, g: (x: bigint) => bigint): UnarySpec => ({
  summary,
  traits,
  infer: selfType,
  evaluate: ({ self }, _, [type]) =>
    isIntegral(type!.dtype) ? mapIntegers(type!, [self], g) : mapNumbers(type!, [self], f),
});

/** A question about each element. */
export const predicate = (summary: string, f: (x: number) => boolean): UnarySpec => ({
  summary,
  traits,
  infer: boolType,
  evaluate: ({ self }, _, [type]) => mapNumbers(type!, [self], (x) => (f(x) ? 1 : 0)),
});
