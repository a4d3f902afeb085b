import {
  type Dim,
  type DType,
  invalid,
  isComplex,
  isFloat,
  sameShape,
  staticShape,
  type TensorData,
  type TensorType,
  tensor,
  wrap,
} from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";
import type { OpApplication, WriteBack } from "../schema/traits.ts";
import { castData, mapNumbers } from "../semantics/pointwise.ts";
import { sumResult } from "../semantics/promote.ts";
import { reduceAxes, reducedShape, reduceIntegers, reduceNumbers, sumOf, sumToSizeAxes } from "../semantics/reduce.ts";

const reduced = (
  self: TensorType,
  dim: readonly number[] | number | undefined,
  keepdim: boolean,
  dtype: DType,
): TensorType => tensor(dtype, reducedShape(self.shape, reduceAxes(dim, self.shape.length), keepdim));

/** Sums after conversion to the result's dtype, as PyTorch does; integers exactly, with wrap-around. */
function sumData(self: TensorData, axes: readonly number[], type: TensorType): TensorData {
  const x = castData(self, type.dtype);
  if (isFloat(type.dtype)) return reduceNumbers(type, x, axes, sumOf);
  if (type.dtype === "bool") return reduceNumbers(type, x, axes, (line) => (sumOf(line) > 0 ? 1 : 0));
  return reduceIntegers(type, x, axes, (line) => line.reduce((a, b) => a + b, 0n));
}
function prodData(self: TensorData, axes: readonly number[], type: TensorType): TensorData {
  const x = castData(self, type.dtype);
  if (isFloat(type.dtype) || type.dtype === "bool")
    return reduceNumbers(type, x, axes, (line) => Array.from(line).reduce((a, b) => a * b, 1));
  return reduceIntegers(type, x, axes, (line) => line.reduce((a, b) => BigInt.asIntN(64, a * b), 1n));
}
const meanOf = (line: ArrayLike<number>): number => sumOf(line) / line.length;
const meanData = (self: TensorData, axes: readonly number[], type: TensorType): TensorData =>
  reduceNumbers(type, castData(self, type.dtype), axes, meanOf);

function meanType(
  self: TensorType,
  dim: readonly number[] | undefined,
  keepdim: boolean,
  dtype: DType | undefined,
): TensorType {
  const d = dtype ?? self.dtype;
  if (!isFloat(d) && !isComplex(d))
    invalid(`needs a floating-point dtype to compute a mean in, got ${d}: pass dtype=torch.float32`);
  return reduced(self, dim, keepdim, d);
}

export const sum = defineAten("sum(Tensor self, *, ScalarType? dtype=None) -> Tensor", {
  summary: "Sum of all elements; integers and bools are summed in int64.",
  infer: ({ self }, { dtype }) => tensor(dtype ?? sumResult(self.dtype), []),
  evaluate: ({ self }, _, [type]) => sumData(self, reduceAxes(undefined, self.type.shape.length), type!),
});

export const sumDimIntList = defineAten(
  "sum.dim_IntList(Tensor self, int[1]? dim, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor",
  {
    summary: "Sum over axes; integers and bools are summed in int64.",
    infer: ({ self }, { dim, keepdim, dtype }) => reduced(self, dim, keepdim, dtype ?? sumResult(self.dtype)),
    evaluate: ({ self }, { dim }, [type]) => sumData(self, reduceAxes(dim, self.type.shape.length), type!),
  },
);

export const mean = defineAten("mean(Tensor self, *, ScalarType? dtype=None) -> Tensor", {
  summary: "Mean of all elements; NaN of none.",
  infer: ({ self }, { dtype }) => meanType(self, undefined, false, dtype),
  evaluate: ({ self }, _, [type]) => meanData(self, reduceAxes(undefined, self.type.shape.length), type!),
});

export const meanDim = defineAten(
  "mean.dim(Tensor self, int[1]? dim, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor",
  {
    summary: "Mean over axes; NaN of no elements.",
    infer: ({ self }, { dim, keepdim, dtype }) => meanType(self, dim, keepdim, dtype),
    evaluate: ({ self }, { dim }, [type]) => meanData(self, reduceAxes(dim, self.type.shape.length), type!),
  },
);

export const prod = defineAten("prod(Tensor self, *, ScalarType? dtype=None) -> Tensor", {
  summary: "Product of all elements; integers and bools are multiplied in int64.",
  infer: ({ self }, { dtype }) => tensor(dtype ?? sumResult(self.dtype), []),
  evaluate: ({ self }, _, [type]) => prodData(self, reduceAxes(undefined, self.type.shape.length), type!),
});

export const prodDimInt = defineAten(
  "prod.dim_int(Tensor self, int dim, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor",
  {
    summary: "Product over one axis; integers and bools are multiplied in int64.",
    infer: ({ self }, { dim, keepdim, dtype }) => reduced(self, dim, keepdim, dtype ?? sumResult(self.dtype)),
    evaluate: ({ self }, { dim }, [type]) => prodData(self, reduceAxes(dim, self.type.shape.length), type!),
  },
);

const nanToZero = (x: TensorData): TensorData =>
  isFloat(x.type.dtype) ? mapNumbers(x.type, [x], (v) => (Number.isNaN(v) ? 0 : v)) : x;

export const nansum = defineAten(
  "nansum(Tensor self, int[1]? dim=None, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor",
  {
    summary: "Sum over axes that takes NaN for zero.",
    infer: ({ self }, { dim, keepdim, dtype }) => reduced(self, dim, keepdim, dtype ?? sumResult(self.dtype)),
    evaluate: ({ self }, { dim }, [type]) => sumData(nanToZero(self), reduceAxes(dim, self.type.shape.length), type!),
  },
);

export const nanmean = defineAten(
  "nanmean(Tensor self, int[1]? dim=None, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor",
  {
    summary: "Mean over axes of what is not NaN.",
    infer({ self }, { dim, keepdim, dtype }) {
      if (!isFloat(self.dtype)) invalid(`needs a floating-point tensor, got ${self.dtype}`);
      return meanType(self, dim, keepdim, dtype);
    },
    evaluate: ({ self }, { dim }, [type]) =>
      reduceNumbers(type!, castData(self, type!.dtype), reduceAxes(dim, self.type.shape.length), (line) =>
        meanOf(Array.from(line).filter((v) => !Number.isNaN(v))),
      ),
  },
);

const countNonzeroData = (self: TensorData, axes: readonly number[], type: TensorType): TensorData =>
  reduceNumbers(type, self, axes, (line) => Array.from(line).filter((v) => v !== 0).length);

export const countNonzero = defineAten("count_nonzero(Tensor self, int? dim=None) -> Tensor", {
  summary: "How many elements are not zero, over one axis or all.",
  infer: ({ self }, { dim }) => reduced(self, dim, false, "i64"),
  evaluate: ({ self }, { dim }, [type]) => countNonzeroData(self, reduceAxes(dim, self.type.shape.length), type!),
});

export const countNonzeroDimIntList = defineAten("count_nonzero.dim_IntList(Tensor self, int[] dim) -> Tensor", {
  summary: "How many elements are not zero, over axes.",
  infer: ({ self }, { dim }) => reduced(self, dim, false, "i64"),
  evaluate: ({ self }, { dim }, [type]) => countNonzeroData(self, reduceAxes(dim, self.type.shape.length), type!),
});

export const sumToSize = defineAten("sum_to_size(Tensor self, SymInt[] size) -> Tensor", {
  summary: "Sums over the axes along which `size` would broadcast to the tensor.",
  traits: {
    view: { operand: "self" },
    sharesMemory: ({ types, attrs }: OpApplication) =>
      (attrs["size"] as readonly Dim[]).length > 0 &&
      sameShape((types["self"] as TensorType).shape, attrs["size"] as readonly Dim[]),
    writeBack: ({ written }: WriteBack) => written,
  },
  // a single number is a sum even of itself
  infer: ({ self }, { size }) =>
    tensor(sumToSizeAxes(self.shape, size).length || size.length === 0 ? sumResult(self.dtype) : self.dtype, size),
  evaluate({ self }, { size }, [type]) {
    const axes = sumToSizeAxes(self.type.shape, size);
    return axes.length || size.length === 0
      ? wrap({ ...type!, shape: staticShape(size) }, sumData(self, axes, type!).data)
      : self;
  },
});
