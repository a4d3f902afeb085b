import {
  broadcastShapes,
  type DimExpr,
  type DType,
  dtypes,
  invalid,
  isComplex,
  isFloat,
  type Scalar,
  showType,
  type TensorType,
  tensor,
} from "@tflower/core";
import { floatResult, resultDType } from "./promote.ts";

type Self = { readonly self: TensorType };
type Pair = Self & { readonly other: TensorType };

/** The operand's own type. */
export const selfType = ({ self }: Self): TensorType => tensor(self.dtype, self.shape);
/** The operand's shape; integers and bools become floats. */
export const floatType = ({ self }: Self): TensorType => tensor(floatResult(self.dtype), self.shape);
/** One bool for each element. */
export const boolType = ({ self }: Self): TensorType => tensor("bool", self.shape);

/** Broadcast shape, promoted dtype. */
export const pairType = ({ self, other }: Pair): TensorType =>
  tensor(resultDType(self, other), broadcastShapes(self.shape, other.shape));
/** Broadcast shape, promoted dtype; integers and bools become floats. */
export const floatPairType = ({ self, other }: Pair): TensorType =>
  tensor(floatResult(resultDType(self, other)), broadcastShapes(self.shape, other.shape));
/** Broadcast shape of bools. */
export const boolPairType = ({ self, other }: Pair): TensorType =>
  tensor("bool", broadcastShapes(self.shape, other.shape));
/** The tensor's shape, its dtype promoted by a number. */
export const withNumberType = (self: TensorType, number: Scalar | DimExpr): TensorType =>
  tensor(resultDType(self, { scalar: kindOf(number) }), self.shape);
/** For promotion a size that is not known yet is an integer like any other. */
const kindOf = (n: Scalar | DimExpr): Scalar => (typeof n === "object" && "terms" in n ? 0n : n);

/** Any number of operands: broadcast shape, promoted dtype. */
export const promotedType = (...operands: readonly TensorType[]): TensorType =>
  tensor(resultDType(...operands), broadcastShapes(...operands.map((t) => t.shape)));

/** Says what dtypes an op takes, where PyTorch's own kernels are not there for others. */
export function wantKinds(
  type: TensorType,
  kinds: readonly ("float" | "int" | "bool" | "complex")[],
  what = "operand",
): void {
  const kind = dtypes[type.dtype].kind === "uint" ? "int" : dtypes[type.dtype].kind;
  if (!(kinds as readonly string[]).includes(kind))
    invalid(`takes ${kinds.join(" or ")} elements, but its ${what} is ${showType(type)}`);
}
export const isIntegral = (d: DType): boolean => !isFloat(d) && !isComplex(d);
