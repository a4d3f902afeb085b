/** Every code of making programs functional, with the cause in one line. */
export const functionalCodes = {
  FUN0001: "an in-place op cannot be followed",
  FUN0002: "a tensor is read that may share memory with one that was written",
  FUN0003: "the body of a control-flow op writes to what it is given",
  FUN0004: "an op updates a buffer on the side",
} as const;

/** A diagnostic code of {@link functionalCodes}. */
export type FunctionalCode = keyof typeof functionalCodes;
