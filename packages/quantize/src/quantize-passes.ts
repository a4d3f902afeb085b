import { eliminateDeadCode, mergeCommonSubexpressions, type Pass } from "@tflower/core";
import type { EstimateRange } from "./activations/choose-ranges.ts";
import type { Calibration } from "./calibration.ts";
import { checkRecipe } from "./passes/check-recipe.ts";
import { fuseQuantizers } from "./passes/fuse-quantizers.ts";
import { integerInterface } from "./passes/integer-interface.ts";
import { packExactConstants } from "./passes/pack-exact-constants.ts";
import { placeQuantizers } from "./passes/place-quantizers.ts";
import { quantizeWeights } from "./passes/quantize-weights.ts";
import { tidyQuantizers } from "./passes/tidy-quantizers.ts";
import { tuneWeights } from "./passes/tune-weights.ts";
import { type Recipe, tuningOf } from "./recipe.ts";
import { needsCalibration, schemes } from "./scheme.ts";

/** What {@link quantizePasses} needs beside a recipe. */
export interface QuantizeOptions {
  /** Where ranges come from; needed by schemes with integer activations. */
  readonly calibration?: Calibration;
  /** How a range follows from what calibration has seen. */
  readonly estimate?: EstimateRange;
}

/** Room beside the range that calibration has seen: a few samples do not show the tails, and 16 bits have room to spare. */
const margins = { i8: 0.1, i16: 0.5 } as const;

/** The least and the greatest number seen, and some room. */
export const roomyRange: EstimateRange = ({ min, max }, dtype) => ({
  min: Math.min(0, min) * (1 + margins[dtype]),
  max: Math.max(0, max) * (1 + margins[dtype]),
});

/** Whether a recipe has integer activations anywhere. */
export const wantsCalibration = (recipe: Recipe): boolean =>
  [recipe.scheme, ...(recipe.rules ?? []).map((r) => r.scheme)].some(
    (s) => s !== "float" && needsCalibration(schemes[s]),
  );

/** The passes that quantize a lowered, optimized program as `recipe` says. */
export function quantizePasses(recipe: Recipe, { calibration, estimate }: QuantizeOptions = {}): readonly Pass[] {
  const tuning = tuningOf(recipe);
  // who says how ranges are found wants no other way
  const ranges = { estimate: estimate ?? roomyRange, search: !estimate && tuning.ranges === "search" };
  if (wantsCalibration(recipe) && !calibration)
    throw new TypeError(`a recipe with integer activations needs \`calibration\``);
  return [
    checkRecipe(recipe),
    ...(calibration?.observe ? [tuneWeights(recipe, { calibration, ...tuning })] : []),
    ...(calibration && wantsCalibration(recipe) ? [placeQuantizers(recipe, { calibration, ...ranges })] : []),
    fuseQuantizers(),
    tidyQuantizers(),
    quantizeWeights(recipe),
    packExactConstants(),
    ...(recipe.io === "integer" ? [integerInterface()] : []),
    mergeCommonSubexpressions(),
    eliminateDeadCode(),
  ];
}
