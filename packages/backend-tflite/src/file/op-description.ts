import type { AnyFields, BuiltinName } from "../schema/fields.ts";
import type { FileDType } from "./tflite-file.ts";

/** One use of a builtin, as far as versions and kernels depend on it. */
export interface OpDescription {
  readonly builtin: BuiltinName;
  /** In the order of the file; `undefined` where an optional operand is absent. */
  readonly operands: readonly (OperandDescription | undefined)[];
  readonly results: readonly OperandDescription[];
  /** Fields of the options table by the schema's names; those at their default may be missing. */
  readonly options?: AnyFields;
}

export interface OperandDescription {
  readonly dtype: FileDType;
  /** -1 for a dynamic extent. */
  readonly shape: readonly number[];
  /** Empty scales (blockwise) count as quantized. */
  readonly quantization?: {
    readonly scale: readonly number[];
    readonly zeroPoint?: readonly (number | bigint)[];
    readonly axis?: number;
    readonly blockwise?: boolean;
  };
  readonly sparse?: boolean;
  /** Whether the file holds its value. */
  readonly constant?: boolean;
  /** The value of a small constant, such as axes. */
  readonly values?: readonly number[];
}
