import { broadcastShapes, type DType, type TensorData, type TensorType, tensor } from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";
import { sizeAttr } from "../schema/size-attr.ts";
import { compareIn } from "../semantics/binary.ts";
import { mapNumbers } from "../semantics/pointwise.ts";
import { resultDType } from "../semantics/promote.ts";
import { boolPairType, boolType, withNumberType } from "../semantics/result-types.ts";
import { scalarTensor } from "../semantics/scalar.ts";
import { stepRounding } from "../semantics/step-rounding.ts";

const traits = { elementwise: true, resultDType: "bool" } as const;
const commutative = { ...traits, commutative: true } as const;
type Holds = (a: number, b: number) => boolean;
type Pair<T> = { readonly self: T; readonly other: T };

const tensors = (summary: string, holds: Holds) => ({
  summary,
  traits,
  infer: boolPairType,
  evaluate: ({ self, other }: Pair<TensorData>, _: unknown, [type]: readonly TensorType[]) =>
    compareIn(resultDType(self.type, other.type), type!, { self, other }, holds),
});
/** A tensor with a number; `holds` sees both in the dtype that they promote to. */
const withNumber = (
  self: TensorData,
  other: Parameters<typeof scalarTensor>[0],
  type: TensorType,
  holds: Holds,
): TensorData => {
  const { dtype }: { dtype: DType } = withNumberType(self.type, other);
  return compareIn(dtype, type, { self, other: scalarTensor(other, dtype) }, holds);
};
const equal: Holds = (a, b) => a === b;
const differ: Holds = (a, b) => a !== b;
const atLeast: Holds = (a, b) => a >= b;
const above: Holds = (a, b) => a > b;
const atMost: Holds = (a, b) => a <= b;
const below: Holds = (a, b) => a < b;
const attrs = { other: sizeAttr.required } as const;

export const eqTensor = defineAten("eq.Tensor(Tensor self, Tensor other) -> Tensor", {
  ...tensors("Whether elements are equal.", equal),
  traits: commutative,
});
export const neTensor = defineAten("ne.Tensor(Tensor self, Tensor other) -> Tensor", {
  ...tensors("Whether elements differ.", differ),
  traits: commutative,
});
export const geTensor = defineAten(
  "ge.Tensor(Tensor self, Tensor other) -> Tensor",
  tensors("Whether `self >= other`.", atLeast),
);
export const gtTensor = defineAten(
  "gt.Tensor(Tensor self, Tensor other) -> Tensor",
  tensors("Whether `self > other`.", above),
);
export const leTensor = defineAten(
  "le.Tensor(Tensor self, Tensor other) -> Tensor",
  tensors("Whether `self <= other`.", atMost),
);
export const ltTensor = defineAten(
  "lt.Tensor(Tensor self, Tensor other) -> Tensor",
  tensors("Whether `self < other`.", below),
);

export const eqScalar = defineAten("eq.Scalar(Tensor self, Scalar other) -> Tensor", {
  summary: "Whether elements equal a number.",
  attrs,
  traits,
  infer: boolType,
  evaluate: ({ self }, { other }, [type]) => withNumber(self, other, type!, equal),
});
export const neScalar = defineAten("ne.Scalar(Tensor self, Scalar other) -> Tensor", {
  summary: "Whether elements differ from a number.",
  attrs,
  traits,
  infer: boolType,
  evaluate: ({ self }, { other }, [type]) => withNumber(self, other, type!, differ),
});
export const geScalar = defineAten("ge.Scalar(Tensor self, Scalar other) -> Tensor", {
  summary: "Whether `self >= other`, a number.",
  attrs,
  traits,
  infer: boolType,
  evaluate: ({ self }, { other }, [type]) => withNumber(self, other, type!, atLeast),
});
export const gtScalar = defineAten("gt.Scalar(Tensor self, Scalar other) -> Tensor", {
  summary: "Whether `self > other`, a number.",
  attrs,
  traits,
  infer: boolType,
  evaluate: ({ self }, { other }, [type]) => withNumber(self, other, type!, above),
});
export const leScalar = defineAten("le.Scalar(Tensor self, Scalar other) -> Tensor", {
  summary: "Whether `self <= other`, a number.",
  attrs,
  traits,
  infer: boolType,
  evaluate: ({ self }, { other }, [type]) => withNumber(self, other, type!, atMost),
});
export const ltScalar = defineAten("lt.Scalar(Tensor self, Scalar other) -> Tensor", {
  summary: "Whether `self < other`, a number.",
  attrs,
  traits,
  infer: boolType,
  evaluate: ({ self }, { other }, [type]) => withNumber(self, other, type!, below),
});

export const isclose = defineAten(
  "isclose(Tensor self, Tensor other, float rtol=1e-05, float atol=1e-08, bool equal_nan=False) -> Tensor",
  {
    summary: "Whether `|self - other| <= atol + rtol * |other|`; infinities are close only to themselves.",
    traits,
    infer: ({ self, other }) => tensor("bool", broadcastShapes(self.shape, other.shape)),
    evaluate({ self, other }, { rtol, atol, equal_nan }, [type]) {
      // integers, too, are compared with a bound that is a float
      const round = stepRounding(resultDType(self.type, other.type));
      return mapNumbers(type!, [self, other], (a, b) => {
        if (a === b || (equal_nan && Number.isNaN(a) && Number.isNaN(b))) return 1;
        const bound = round(round(atol) + round(round(rtol) * Math.abs(b!)));
        return Number.isFinite(a!) && round(Math.abs(a! - b!)) <= bound && Number.isFinite(b!) ? 1 : 0;
      });
    },
  },
);
