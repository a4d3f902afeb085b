import { dtypeInfo, invalid, isFloat, type Scalar, showType, type TensorData, type TensorType } from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";
import { arithmetic } from "../semantics/binary.ts";
import * as float from "../semantics/functions.ts";
import * as int from "../semantics/integers.ts";
import { nextAfter } from "../semantics/next-after.ts";
import { floatPairType, floatType, isIntegral, pairType, withNumberType } from "../semantics/result-types.ts";
import { scalarTensor } from "../semantics/scalar.ts";

type Pair<T> = { readonly self: T; readonly other: T };
interface PairSpec {
  readonly summary: string;
  readonly traits: { readonly elementwise: true };
  readonly infer: (types: Pair<TensorType>) => TensorType;
  readonly evaluate: (inputs: Pair<TensorData>, attrs: unknown, types: readonly TensorType[]) => TensorData;
}
const traits = { elementwise: true } as const;

/** Integers and bools become floats. */
const inFloats = (summary: string, f: (a: number, b: number) => number): PairSpec => ({
  summary,
  traits,
  infer: floatPairType,
  evaluate: ({ self, other }, _, [type]) => arithmetic(type!, [self, other], f),
});
const floatsOnly = (summary: string, f: (a: number, b: number) => number): PairSpec => ({
  ...inFloats(summary, f),
  infer: (types) => {
    const type = pairType(types);
    return isFloat(type.dtype)
      ? type
      : invalid(`takes floats, got ${showType(types.self)} and ${showType(types.other)}`);
  },
});
const anyKind = (
  summary: string,
  f: (a: number, b: number) => number,
  g: (a: bigint, b: bigint) => bigint,
): PairSpec => ({
  summary,
  traits,
  infer: pairType,
  evaluate: ({ self, other }, _, [type]) => arithmetic(type!, [self, other], f, g),
});
const integersOnly = (summary: string, g: (a: bigint, b: bigint) => bigint): PairSpec => ({
  ...anyKind(summary, () => Number.NaN, g),
  infer: (types) => {
    const type = pairType(types);
    return isIntegral(type.dtype) && type.dtype !== "bool"
      ? type
      : invalid(`takes integers, got ${showType(types.self)} and ${showType(types.other)}`);
  },
});

export const maximum = defineAten(
  "maximum(Tensor self, Tensor other) -> Tensor",
  anyKind("The larger element; NaN where one is NaN.", float.larger, int.larger),
);
export const minimum = defineAten(
  "minimum(Tensor self, Tensor other) -> Tensor",
  anyKind("The smaller element; NaN where one is NaN.", float.smaller, int.smaller),
);
export const fmax = defineAten(
  "fmax(Tensor self, Tensor other) -> Tensor",
  anyKind("The larger element; the other where one is NaN.", (a, b) => (Number.isNaN(b) || a > b ? a : b), int.larger),
);
export const fmin = defineAten(
  "fmin(Tensor self, Tensor other) -> Tensor",
  anyKind(
    "The smaller element; the other where one is NaN.",
    (a, b) => (Number.isNaN(b) || a < b ? a : b),
    int.smaller,
  ),
);
export const heaviside = defineAten("heaviside(Tensor self, Tensor values) -> Tensor", {
  summary: "One above zero, `values` at zero, zero below and for NaN.",
  traits,
  infer: ({ self, values }) =>
    self.dtype === values.dtype
      ? pairType({ self, other: values })
      : invalid(`takes operands of one dtype, got ${showType(self)} and ${showType(values)}`),
  evaluate: ({ self, values }, _, [type]) =>
    arithmetic(
      type!,
      [self, values],
      (x, v) => (x === 0 ? v! : x! > 0 ? 1 : 0),
      (x, v) => (x === 0n ? v! : x! > 0n ? 1n : 0n),
    ),
});

export const atan2 = defineAten(
  "atan2(Tensor self, Tensor other) -> Tensor",
  inFloats("Angle of the point (`other`, `self`).", Math.atan2),
);
export const copysignTensor = defineAten(
  "copysign.Tensor(Tensor self, Tensor other) -> Tensor",
  inFloats("The magnitude of `self` with the sign of `other`.", (a, b) =>
    float.isNegative(b) ? -Math.abs(a) : Math.abs(a),
  ),
);
export const copysignScalar = defineAten("copysign.Scalar(Tensor self, Scalar other) -> Tensor", {
  summary: "The magnitude of `self` with the sign of a number.",
  traits,
  infer: ({ self }, { other }) => floatType({ self: withNumberType(self, other) }),
  evaluate: ({ self }, { other }, [type]) =>
    arithmetic(type!, [self, scalarTensor(other, type!.dtype)], (a, b) =>
      float.isNegative(b!) ? -Math.abs(a!) : Math.abs(a!),
    ),
});
export const hypot = defineAten(
  "hypot(Tensor self, Tensor other) -> Tensor",
  floatsOnly("`sqrt(self ** 2 + other ** 2)` without overflow.", Math.hypot),
);
export const logaddexp = defineAten(
  "logaddexp(Tensor self, Tensor other) -> Tensor",
  floatsOnly("`log(exp(self) + exp(other))` without overflow.", float.logAddExp),
);
export const logaddexp2 = defineAten(
  "logaddexp2(Tensor self, Tensor other) -> Tensor",
  floatsOnly(
    "`log2(2 ** self + 2 ** other)` without overflow.",
    (a, b) => float.logAddExp(a * Math.LN2, b * Math.LN2) / Math.LN2,
  ),
);
export const nextafter = defineAten("nextafter(Tensor self, Tensor other) -> Tensor", {
  ...floatsOnly("The float next to `self` on the way to `other`.", () => Number.NaN),
  evaluate: ({ self, other }, _, [type]) => arithmetic(type!, [self, other], (a, b) => nextAfter(a!, b!, type!.dtype)),
});
export const ldexpTensor = defineAten(
  "ldexp.Tensor(Tensor self, Tensor other) -> Tensor",
  inFloats("`self * 2 ** other`.", (x, n) => x * 2 ** n),
);
export const gcd = defineAten(
  "gcd(Tensor self, Tensor other) -> Tensor",
  integersOnly("Greatest common divisor.", int.gcd),
);
export const lcm = defineAten("lcm(Tensor self, Tensor other) -> Tensor", {
  ...integersOnly("Least common multiple.", int.gcd),
  evaluate: ({ self, other }, _, [type]) => {
    const { bits } = dtypeInfo(type!.dtype);
    return arithmetic(
      type!,
      [self, other],
      () => Number.NaN,
      (a, b) => int.lcm(a!, b!, bits),
    );
  },
});

const xlogy = inFloats("`self * log(other)`, zero where `self` is zero.", float.xLogY);
export const xlogyTensor = defineAten("xlogy.Tensor(Tensor self, Tensor other) -> Tensor", xlogy);
export const xlogyScalarOther = defineAten("xlogy.Scalar_Other(Tensor self, Scalar other) -> Tensor", {
  ...xlogy,
  infer: ({ self }, { other }) => floatType({ self: withNumberType(self, other) }),
  evaluate: ({ self }, { other }, types) => numberSecond(float.xLogY, self, other, types),
});
export const xlogyScalarSelf = defineAten("xlogy.Scalar_Self(Scalar self, Tensor other) -> Tensor", {
  ...xlogy,
  infer: ({ other }, { self }) => floatType({ self: withNumberType(other, self) }),
  evaluate: ({ other }, { self }, types) => numberFirst(float.xLogY, self, other, types),
});
const xlog1py = inFloats("`self * log(1 + other)`, zero where `self` is zero.", float.xLog1pY);
export const specialXlog1py = defineAten("special_xlog1py(Tensor self, Tensor other) -> Tensor", xlog1py);
export const specialXlog1pyOtherScalar = defineAten(
  "special_xlog1py.other_scalar(Tensor self, Scalar other) -> Tensor",
  {
    ...xlog1py,
    infer: ({ self }, { other }) => floatType({ self: withNumberType(self, other) }),
    evaluate: ({ self }, { other }, types) => numberSecond(float.xLog1pY, self, other, types),
  },
);
export const specialXlog1pySelfScalar = defineAten("special_xlog1py.self_scalar(Scalar self, Tensor other) -> Tensor", {
  ...xlog1py,
  infer: ({ other }, { self }) => floatType({ self: withNumberType(other, self) }),
  evaluate: ({ other }, { self }, types) => numberFirst(float.xLog1pY, self, other, types),
});

type F = (a: number, b: number) => number;
const numberFirst = (f: F, a: Scalar, b: TensorData, [type]: readonly TensorType[]): TensorData =>
  arithmetic(type!, [scalarTensor(a, type!.dtype), b], f);
const numberSecond = (f: F, a: TensorData, b: Scalar, [type]: readonly TensorType[]): TensorData =>
  arithmetic(type!, [a, scalarTensor(b, type!.dtype)], f);
