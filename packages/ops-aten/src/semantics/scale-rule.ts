import { type DType, invalid } from "@tflower/core";
import { codesOf, type ScaleRule } from "./affine-quantization.ts";

/** How torchao finds scales, as its attributes say. */
export function scaleRule(attrs: Readonly<Record<string, unknown>>): ScaleRule {
  const kind = attrs["mapping_type"] as string;
  const dtype = attrs["target_dtype"] as DType;
  const codes = codesOf(attrs, dtype);
  if (kind !== "SYMMETRIC" && kind !== "ASYMMETRIC") return invalid(`finds scales ${kind}, which is not known`);
  const middle = Math.trunc((codes[0] + codes[1] + 1) / 2);
  return { symmetric: kind === "SYMMETRIC", codes, least: (attrs["eps"] as number | undefined) ?? 2 ** -126, middle };
}
