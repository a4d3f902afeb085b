import {
  type Dim,
  type DType,
  decode,
  divideExactly,
  dtypeInfo,
  encode,
  floorDivDim,
  invalid,
  isStatic,
  mulDim,
  staticShape,
  type TensorData,
  type TensorType,
  tensor,
  type Value,
} from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";
import type { WriteBack } from "../schema/traits.ts";

interface BitAttrs {
  readonly dtype: DType;
}
/** The last axis grows or shrinks with the width of elements. */
function bitShape({ dtype: from, shape }: TensorType, to: DType): Dim[] {
  const [have, want] = [dtypeInfo(from).bits, dtypeInfo(to).bits];
  if (have === want) return [...shape];
  const last = shape.at(-1) ?? invalid(`a scalar of ${from} cannot be read as ${to}`);
  if (have > want) return shape.with(-1, mulDim(last, have / want));
  const each = want / have;
  if (isStatic(last) && last % each !== 0)
    invalid(`the last extent ${last} is no multiple of ${each}, the elements of ${from} that make one of ${to}`);
  return shape.with(-1, divideExactly(last, each) ?? floorDivDim(last, each));
}
const reading = {
  infer: ({ self }: { readonly self: TensorType }, { dtype }: BitAttrs) => tensor(dtype, bitShape(self, dtype)),
  evaluate: ({ self }: { readonly self: TensorData }, { dtype }: BitAttrs) =>
    decode(tensor(dtype, staticShape(bitShape(self.type, dtype))), encode(self)),
};
export const viewDtype = defineAten("view.dtype(Tensor(a) self, ScalarType dtype) -> Tensor(a)", {
  summary: "The same bits read as another dtype.",
  traits: {
    readsBits: true,
    writeBack: ({ base, written, emit }: WriteBack): Value =>
      emit(viewCopyDtype, { self: written }, { dtype: base.type.dtype }),
  },
  ...reading,
});
export const viewCopyDtype = defineAten("view_copy.dtype(Tensor self, ScalarType dtype) -> Tensor", {
  summary: "`view` of bits that copies.",
  traits: { readsBits: true },
  ...reading,
});
