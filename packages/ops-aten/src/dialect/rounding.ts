import { attr, invalid, isFloat, showType, type TensorData, type TensorType } from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";
import { largestOf, roundHalfEven } from "../semantics/functions.ts";
import { mapNumbers } from "../semantics/pointwise.ts";
import { selfType, wantKinds } from "../semantics/result-types.ts";
import { activation, sameKindFunction } from "../semantics/unary.ts";

const same = (x: bigint): bigint => x;

export const ceil = defineAten("ceil(Tensor self) -> Tensor", sameKindFunction("Next integer above.", Math.ceil, same));
export const floor = defineAten(
  "floor(Tensor self) -> Tensor",
  sameKindFunction("Next integer below.", Math.floor, same),
);
export const trunc = defineAten(
  "trunc(Tensor self) -> Tensor",
  sameKindFunction("Next integer towards zero.", Math.trunc, same),
);
export const round = defineAten(
  "round(Tensor self) -> Tensor",
  sameKindFunction("Nearest integer, ties to even.", roundHalfEven, same),
);
export const frac = defineAten(
  "frac(Tensor self) -> Tensor",
  activation("What is left of `x` without its whole part, with the sign of `x`.", (x) => x - Math.trunc(x)),
);

/** `decimals` places, by way of the same float32 products that PyTorch takes. */
function roundPlaces(self: TensorData, decimals: number, type: TensorType): TensorData {
  const ten = 10 ** Math.abs(decimals);
  const f = (x: number): number =>
    decimals < 0 ? roundHalfEven(Math.fround(x / ten)) * ten : roundHalfEven(Math.fround(x * ten)) / ten;
  const exact = (x: number): number => (decimals < 0 ? roundHalfEven(x / ten) * ten : roundHalfEven(x * ten) / ten);
  return mapNumbers(type, [self], type.dtype === "f64" ? exact : f);
}

export const roundDecimals = defineAten("round.decimals(Tensor self, *, int decimals) -> Tensor", {
  summary: "Nearest number with so many decimal places, ties to even.",
  attrs: { decimals: attr.int },
  traits: { elementwise: true },
  infer: ({ self }, { decimals }) =>
    isFloat(self.dtype) || decimals === 0
      ? selfType({ self })
      : invalid(`rounds to places only floats, got ${showType(self)}`),
  evaluate: ({ self }, { decimals }, [type]) => (isFloat(type!.dtype) ? roundPlaces(self, decimals, type!) : self),
});

export const specialRound = defineAten("special_round(Tensor self, *, int decimals=0) -> Tensor", {
  summary: "Nearest number with so many decimal places, ties to even.",
  traits: { elementwise: true },
  infer: (types, attrs) => roundDecimals.infer!(types, attrs),
  evaluate: (inputs, attrs, types) => roundDecimals.evaluate!(inputs, attrs, types),
});

export const square = defineAten("square(Tensor self) -> Tensor", {
  ...sameKindFunction(
    "Product with itself.",
    (x) => x * x,
    (x) => x * x,
  ),
  infer: ({ self }) => ({ ...selfType({ self }), dtype: self.dtype === "bool" ? "i64" : self.dtype }),
});

export const nanToNum = defineAten(
  "nan_to_num(Tensor self, float? nan=None, float? posinf=None, float? neginf=None) -> Tensor",
  {
    summary:
      "NaN and the infinities replaced: by zero, and the largest and the lowest finite number unless told otherwise.",
    traits: { elementwise: true },
    infer: ({ self }) => {
      wantKinds(self, ["float", "int", "bool"]);
      return selfType({ self });
    },
    evaluate({ self }, { nan = 0, posinf, neginf }, [type]) {
      const { dtype } = type!;
      if (!isFloat(dtype)) return self;
      const most = posinf ?? largestOf(dtype);
      const least = neginf ?? -largestOf(dtype);
      return mapNumbers(type!, [self], (x) =>
        Number.isNaN(x) ? nan : x === Infinity ? most : x === -Infinity ? least : x,
      );
    },
  },
);
