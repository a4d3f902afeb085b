import { type DType, dtypes, type Scalar, type TensorType } from "@tflower/core";

const category = (d: DType): number =>
  dtypes[d].kind === "complex" ? 3 : dtypes[d].kind === "float" ? 2 : dtypes[d].kind === "bool" ? 0 : 1;
const signedOrder: readonly DType[] = ["i8", "i16", "i32", "i64"];
const floatOrder: readonly DType[] = ["f16", "bf16", "f32", "f64"];

/** The smallest dtype of PyTorch's lattice that holds both. */
export function promoteDTypes(a: DType, b: DType): DType {
  if (a === b) return a;
  const ca = category(a);
  const cb = category(b);
  if (ca !== cb) {
    const [high, low] = ca > cb ? [a, b] : [b, a];
    if (Math.max(ca, cb) === 3 && Math.min(ca, cb) === 2)
      return high === "c128" || low === "f64" ? "c128" : high === "c32" && low === "f16" ? "c32" : "c64";
    return high;
  }
  if (ca === 3) return a === "c128" || b === "c128" ? "c128" : "c64";
  if (ca === 2) {
    if (!floatOrder.includes(a) || !floatOrder.includes(b)) return "f32";
    if ((a === "f16" && b === "bf16") || (a === "bf16" && b === "f16")) return "f32";
    return floatOrder.indexOf(a) > floatOrder.indexOf(b) ? a : b;
  }
  // integers: u8 with a signed type gives a signed type that holds both
  if (a === "u8" || b === "u8") {
    const other = a === "u8" ? b : a;
    return other === "i8" ? "i16" : other;
  }
  return signedOrder.indexOf(a) > signedOrder.indexOf(b) ? a : b;
}

/** A Python number among operands: only its category counts. */
export interface NumberOperand {
  readonly scalar: Scalar;
}
const isNumber = (x: TensorType | NumberOperand): x is NumberOperand => "scalar" in x;
function defaultOf(s: Scalar): DType {
  return typeof s === "boolean" ? "bool" : typeof s === "bigint" ? "i64" : typeof s === "number" ? "f32" : "c64";
}

/**
 * The dtype PyTorch computes a pointwise op in: tensors with dimensions decide, then rank-0 tensors where they are of a higher
 * category, then Python numbers likewise.
 */
export function resultDType(...operands: readonly (TensorType | NumberOperand | undefined)[]): DType {
  let dimensioned: DType | undefined;
  let rank0: DType | undefined;
  let number: DType | undefined;
  for (const o of operands) {
    if (!o) continue;
    if (isNumber(o)) number = number === undefined ? defaultOf(o.scalar) : promoteDTypes(number, defaultOf(o.scalar));
    else if (o.shape.length > 0)
      dimensioned = dimensioned === undefined ? o.dtype : promoteDTypes(dimensioned, o.dtype);
    else rank0 = rank0 === undefined ? o.dtype : promoteDTypes(rank0, o.dtype);
  }
  const join = (high: DType | undefined, low: DType | undefined): DType | undefined => {
    if (high === undefined || low === undefined) return high ?? low;
    if (category(low) <= category(high)) return high;
    // an integer tensor with a complex number, or a float tensor with one, keeps the float's width
    return category(low) === 3 && category(high) === 2 ? promoteDTypes(high, "c64") : low;
  };
  return join(join(dimensioned, rank0), number) ?? "f32";
}

/** What an integer result becomes in ops that compute in floats, such as `exp` and true division. */
export const floatResult = (d: DType): DType => (category(d) < 2 ? "f32" : d);
/** What sums of small integers are kept in. */
export const sumResult = (d: DType): DType => (category(d) < 2 ? "i64" : d);
