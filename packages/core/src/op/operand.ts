import type { DType } from "../ir/dtype.ts";
import { isFloat, isInteger } from "../ir/dtype.ts";
import type { TensorType } from "../ir/type.ts";

export type OperandKind = "one" | "optional" | "variadic" | "variadicOptional";

/** What an op takes in one place. */
export interface Operand<K extends OperandKind = OperandKind> {
  readonly kind: K;
  /** What a type must be, for messages. */
  readonly expected: string;
  readonly accepts: (type: TensorType) => boolean;
  /** For generators: dtypes and ranks to draw from, where the constraint is that simple. */
  readonly dtypes?: readonly DType[];
  readonly rank?: number;
}

const of = (expected: string, accepts: (t: TensorType) => boolean, rest: Partial<Operand> = {}): Operand<"one"> => ({
  ...rest,
  kind: "one",
  expected,
  accepts,
});

/** The kinds of operands an op can declare. */
export const operand = {
  tensor: of("a tensor", () => true),
  float: of("a float tensor", (t) => isFloat(t.dtype), { dtypes: ["f32", "f16", "bf16", "f64"] }),
  integer: of("an integer tensor", (t) => isInteger(t.dtype), { dtypes: ["i64", "i32", "i16", "i8", "u8"] }),
  bool: of("a bool tensor", (t) => t.dtype === "bool", { dtypes: ["bool"] }),
  rank: (n: number): Operand<"one"> => of(`a tensor of rank ${n}`, (t) => t.shape.length === n, { rank: n }),
  ranks: (low: number, high: number): Operand<"one"> =>
    of(`a tensor of rank ${low} to ${high}`, (t) => t.shape.length >= low && t.shape.length <= high),
  /** A tensor of one of the given dtypes. */
  dtype: (...dtypes: readonly DType[]): Operand<"one"> =>
    of(`a tensor of ${dtypes.join(" or ")}`, (t) => dtypes.includes(t.dtype), { dtypes }),
  /** Both constraints at once. */
  both: (a: Operand<"one">, b: Operand<"one">): Operand<"one"> =>
    of(`${a.expected} and ${b.expected}`, (t) => a.accepts(t) && b.accepts(t), { ...a, ...b }),
  optional: (o: Operand<"one">): Operand<"optional"> => ({ ...o, kind: "optional" }),
  variadic: (o: Operand<"one">): Operand<"variadic"> => ({ ...o, kind: "variadic" }),
  variadicOptional: (o: Operand<"one">): Operand<"variadicOptional"> => ({ ...o, kind: "variadicOptional" }),
};
