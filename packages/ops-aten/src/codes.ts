/** Every code of the passes over PyTorch's ops, with the cause in one line. */
export const atenCodes = {
  AST0001: "an assert on computed data is dropped",
  FLT0001: "a float type that LiteRT's kernels lack is computed in float32",
  FLT0002: "the bits of a float are read that is computed in another precision",
  FUN0001: "an in-place op cannot be followed",
  FUN0002: "a tensor is read that may share memory with one that was written",
  FUN0003: "the body of a control-flow op writes to what it is given",
  FUN0004: "an op updates a buffer on the side",
  QNT0201: "a program holds integers that it says it does not hold",
  STA0001: "signatures disagree about what a buffer holds at first",
} as const;

/** A diagnostic code of {@link atenCodes}. */
export type AtenCode = keyof typeof atenCodes;
