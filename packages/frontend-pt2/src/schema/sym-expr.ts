/** Operators with any number of arguments, two or more. */
export type SymVariadic = "add" | "mul" | "max" | "min" | "and" | "or";

/** Operators and functions with a fixed number of arguments. */
export type SymFixed =
  /** `base ** exponent` */
  | "pow"
  /** Rounds towards negative infinity. */
  | "floordiv"
  /** `floordiv` that is known to leave no remainder. */
  | "cleandiv"
  | "ceildiv"
  /** Python's `%`: the result has the divisor's sign. (`Mod` promises non-negative arguments, so it is the same.) */
  | "mod"
  /** Real division of integers or floats. */
  | "truediv"
  | "lshift"
  | "rshift"
  | "eq"
  | "ne"
  | "lt"
  | "le"
  | "gt"
  | "ge"
  | "not"
  | "abs"
  | "floor"
  | "ceil"
  | "trunc"
  /** To the nearest integer, halves to the even one. */
  | "round"
  | "tofloat"
  /** `where(condition, then, otherwise)` */
  | "where"
  /** `modularindexing(base, divisor, modulus)` = `base // divisor % modulus` */
  | "modularindexing";

/**
 * A symbolic integer, float or boolean as `torch.export` writes it with sympy, as plain data.
 * `call` is an opaque function of floats (`sqrt`, `log`, `sin`, ...).
 */
export type SymNode =
  | { readonly kind: "int"; readonly value: number | bigint }
  | { readonly kind: "float"; readonly value: number }
  | { readonly kind: "rational"; readonly numerator: number | bigint; readonly denominator: number | bigint }
  | { readonly kind: "bool"; readonly value: boolean }
  | { readonly kind: "infinity"; readonly negative: boolean }
  | { readonly kind: "symbol"; readonly name: string; readonly assumptions: Readonly<Record<string, boolean>> }
  | { readonly kind: SymVariadic; readonly args: readonly SymNode[] }
  | { readonly kind: SymFixed; readonly args: readonly SymNode[] }
  | { readonly kind: "call"; readonly fn: string; readonly args: readonly SymNode[] };
