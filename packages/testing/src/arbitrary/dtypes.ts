import type { DType } from "@tflower/core";
import fc from "fast-check";
import type { Choose } from "../choose/choose.ts";

/** What tensors of a program that is about to be lowered hold; other floats have been widened by then. */
export const commonDTypes: readonly DType[] = ["f32", "i32", "i64", "bool", "u8", "i8", "i16"];

/** One of `among`, the first of them most often. */
export const drawDType = (choose: Choose, among: readonly DType[] = commonDTypes): DType =>
  among[choose.skewed(among.length, (u) => Math.floor(u < 0.5 ? 0 : ((u - 0.5) / 0.5) * among.length))]!;

/** Element types. */
export const elementTypes = (among: readonly DType[] = commonDTypes): fc.Arbitrary<DType> => fc.constantFrom(...among);
