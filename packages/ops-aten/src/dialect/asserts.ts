import { attr, type DType, invalid, isFloat, showType, tensor } from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";

declare module "@tflower/core" {
  interface Traits {
    /** Stops the program when what it reads does not hold, and does nothing otherwise; `token` names an operand that is passed on. */
    readonly assertion?: { readonly token?: string };
  }
}

/** Half precision and doubles may have become float32 by now; then the assertion speaks of another program. */
const sameKind = (a: DType, b: DType): boolean => a === b || (isFloat(a) && isFloat(b));

export const assertTensorMetadata = defineAten(
  "_assert_tensor_metadata(Tensor a, SymInt[]? size=None, SymInt[]? stride=None, ScalarType? dtype=None, *, Device? device=None, Layout? layout=None) -> ()",
  {
    summary: "Says what the type of its operand is, which the type itself says.",
    infer({ a }, { size, dtype }) {
      if (dtype !== undefined && !sameKind(dtype, a.dtype)) invalid(`expects ${dtype} elements, got ${showType(a)}`);
      if (
        size &&
        (size.length !== a.shape.length ||
          size.some((d, i) => typeof d === "number" && typeof a.shape[i] === "number" && d !== a.shape[i]))
      )
        invalid(`expects ${showType(tensor(a.dtype, size))}, got ${showType(a)}`);
      return [];
    },
    evaluate: () => [],
  },
);
export const assertAsync = defineAten("_assert_async(Tensor self) -> ()", {
  summary: "Stops the program where the only element is zero.",
  traits: { effects: true, assertion: {} },
  infer: () => [],
  evaluate: () => [],
});
export const assertAsyncMsg = defineAten("_assert_async.msg(Tensor self, str assert_msg) -> ()", {
  summary: "Stops the program with a message where the only element is zero.",
  traits: { effects: true, assertion: {} },
  infer: () => [],
  evaluate: () => [],
});
export const functionalAssertAsyncMsg = defineAten(
  "_functional_assert_async.msg(Tensor self, str assert_msg, Tensor dep_token) -> Tensor",
  {
    summary: "Stops the program with a message where the only element is zero; hands on a token that keeps the order.",
    traits: { effects: true, assertion: { token: "dep_token" } },
    infer: ({ dep_token }) => tensor(dep_token.dtype, dep_token.shape),
    evaluate: ({ dep_token }) => dep_token,
  },
);
export const functionalAssertScalar = defineAten(
  "_functional_assert_scalar(Scalar self, str assert_msg, Tensor dep_token) -> Tensor",
  {
    summary: "Stops the program with a message where a number of the program's sizes is zero.",
    attrs: { self: attr.raw },
    traits: { effects: true, assertion: { token: "dep_token" } },
    infer: ({ dep_token }) => tensor(dep_token.dtype, dep_token.shape),
    evaluate: ({ dep_token }) => dep_token,
  },
);
