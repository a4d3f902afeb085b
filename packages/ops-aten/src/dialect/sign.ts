import { tensor } from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";
import { partOf } from "../semantics/complex-data.ts";
import { isNegative, signOf } from "../semantics/functions.ts";
import * as int from "../semantics/integers.ts";
import { selfType, wantKinds } from "../semantics/result-types.ts";
import { predicate, sameKindFunction } from "../semantics/unary.ts";

export const abs = defineAten("abs(Tensor self) -> Tensor", {
  ...sameKindFunction("Absolute value.", Math.abs, int.abs),
  infer: ({ self }) => {
    wantKinds(self, ["float", "int", "complex"]);
    return tensor(partOf(self.dtype), self.shape);
  },
});
export const neg = defineAten("neg(Tensor self) -> Tensor", {
  ...sameKindFunction(
    "Negation.",
    (x) => -x,
    (x) => -x,
  ),
  infer: ({ self }) => {
    wantKinds(self, ["float", "int", "complex"]);
    return selfType({ self });
  },
});
export const sign = defineAten(
  "sign(Tensor self) -> Tensor",
  sameKindFunction("-1, 0 or 1; zero for NaN.", signOf, int.sign),
);
export const sgn = defineAten(
  "sgn(Tensor self) -> Tensor",
  sameKindFunction("-1, 0 or 1; zero for NaN.", signOf, int.sign),
);
export const signbit = defineAten(
  "signbit(Tensor self) -> Tensor",
  predicate("Whether the sign is minus; true for -0.", isNegative),
);

export const isnan = defineAten("isnan(Tensor self) -> Tensor", predicate("Whether the element is NaN.", Number.isNaN));
export const isinf = defineAten(
  "isinf(Tensor self) -> Tensor",
  predicate("Whether the element is infinite.", (x) => Math.abs(x) === Infinity),
);
export const isfinite = defineAten(
  "isfinite(Tensor self) -> Tensor",
  predicate("Whether the element is a finite number.", Number.isFinite),
);
export const isposinf = defineAten(
  "isposinf(Tensor self) -> Tensor",
  predicate("Whether the element is plus infinity.", (x) => x === Infinity),
);
export const isneginf = defineAten(
  "isneginf(Tensor self) -> Tensor",
  predicate("Whether the element is minus infinity.", (x) => x === -Infinity),
);
export const isreal = defineAten("isreal(Tensor self) -> Tensor", {
  ...predicate("Whether the element has no imaginary part.", () => true),
  infer: ({ self }) => tensor("bool", self.shape),
});
