import { type Attr, attr, type DimExpr, type Scalar } from "@tflower/core";

const isScalarOrDim = (v: unknown): v is Scalar | DimExpr => attr.scalar.check(v) || attr.dim.check(v);

/** A `Scalar` that may be a size: `torch.arange(x.shape[0])` under a dynamic shape. */
const scalarOrDim: Attr<Scalar | DimExpr, false> = {
  ...attr.scalar,
  expected: "a number or a symbolic extent",
  check: isScalarOrDim,
};

export const sizeAttr = {
  required: scalarOrDim,
  withDefault: (value: Scalar): Attr<Scalar | DimExpr, true> => ({ ...scalarOrDim, hasDefault: true, default: value }),
};
