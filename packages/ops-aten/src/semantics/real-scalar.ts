import { type DimExpr, invalid, type Scalar } from "@tflower/core";

/** A Python number that must be real and known, as a JavaScript number. */
export function realOf(s: Scalar | DimExpr, what: string): number {
  if (typeof s !== "object") return Number(s);
  return "re" in s
    ? invalid(`${what} must be a real number, got ${s.re}${s.im < 0 ? "" : "+"}${s.im}i`)
    : invalid(`${what} must be a known number, got ${s.key}`);
}
