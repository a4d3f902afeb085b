import { defineLowering, isComplex, reject } from "@tflower/core";
import { addTensor } from "../dialect/arithmetic.ts";
import * as aten from "../dialect/einsum.ts";
import { contractOf, type Labelled } from "../emit/contract.ts";
import { castTo } from "../emit/rearrange.ts";
import { einsumDType, readEinsum } from "../semantics/einsum.ts";
import { innerLabels, tensordotLabels } from "../semantics/tensordot.ts";

const complex = reject("has no lowering for complex numbers");

export const einsum = defineLowering(aten.einsum, ({ tensors }, { equation }, emit) => {
  if (tensors.some((t) => isComplex(t.type.dtype))) return complex;
  const sum = readEinsum(
    equation,
    tensors.map((t) => t.type.shape.length),
  );
  const dtype = einsumDType(
    sum,
    tensors.map((t) => t.type),
  );
  return contractOf(
    emit,
    tensors.map((t, i): Labelled => ({ value: castTo(emit, t, dtype), labels: sum.operands[i]! })),
    sum.result,
  );
});

export const tensordot = defineLowering(aten.tensordot, ({ self, other }, { dims_self, dims_other }, emit) => {
  if (isComplex(self.type.dtype)) return complex;
  const labels = tensordotLabels(self.type.shape.length, other.type.shape.length, dims_self, dims_other);
  return contractOf(
    emit,
    [
      { value: self, labels: labels.self },
      { value: other, labels: labels.other },
    ],
    labels.result,
  );
});

export const inner = defineLowering(aten.inner, ({ self, other }, _, emit) => {
  if (isComplex(self.type.dtype)) return complex;
  const labels = innerLabels(self.type.shape.length, other.type.shape.length);
  return contractOf(
    emit,
    [
      { value: self, labels: labels.self },
      { value: other, labels: labels.other },
    ],
    labels.result,
  );
});

export const bilinear = defineLowering(aten.bilinear, ({ input1, input2, weight, bias }, _, emit) => {
  const rows = Array.from({ length: input1.type.shape.length - 1 }, (_x, i) => `r${i}`);
  const out = contractOf(
    emit,
    [
      { value: input1, labels: [...rows, "i"] },
      { value: weight, labels: ["o", "i", "j"] },
      { value: input2, labels: [...rows, "j"] },
    ],
    [...rows, "o"],
  );
  return bias ? emit(addTensor, { self: out, other: bias }) : out;
});
