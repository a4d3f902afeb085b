import { arithmeticRules } from "./arithmetic.ts";
import { fourierRules } from "./fourier.ts";
import { paddingRules } from "./padding.ts";
import { productRules } from "./products.ts";
import type { ComplexRule } from "./rule.ts";
import { shortTimeFourierRules } from "./short-time-fourier.ts";
import { structuralRules } from "./structural.ts";

/** What ops on complex numbers are in real ones. */
export const complexRules: readonly ComplexRule[] = [
  ...structuralRules,
  ...arithmeticRules,
  ...paddingRules,
  ...productRules,
  ...fourierRules,
  ...shortTimeFourierRules,
];
