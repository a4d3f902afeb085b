/**
 * Recipes, calibration statistics, and the executor that calibration is given.
 *
 * @module @tflower/quantize
 */

export { chooseIntegerNodes } from "./activations/choose-integer-nodes.ts";
export type { EstimateRange } from "./activations/choose-ranges.ts";
export { whyFloat } from "./activations/why-float.ts";
export { type Calibration, isWanted, type WantedValues, type WhichSamples } from "./calibration.ts";
export { type QuantizeCode, quantizeCodes } from "./codes.ts";
export * from "./executor.ts";
export { fromAiEdgeRecipe, type ImportedRecipe, isAiEdgeRecipe } from "./import-ai-edge.ts";
export { integerPlugin } from "./integer-plugin.ts";
export { JsonFormError } from "./json-error.ts";
export { checkRecipe } from "./passes/check-recipe.ts";
export { fuseQuantizers } from "./passes/fuse-quantizers.ts";
export { integerInterface } from "./passes/integer-interface.ts";
export { keepIntegerWeights } from "./passes/keep-integer-weights.ts";
export { mergeClamps } from "./passes/merge-clamps.ts";
export { moveQuantizers } from "./passes/move-quantizers.ts";
export { placeQuantizers } from "./passes/place-quantizers.ts";
export { quantizeWeights } from "./passes/quantize-weights.ts";
export { schemeOf } from "./passes/scheme-of.ts";
export { tidyQuantizers } from "./passes/tidy-quantizers.ts";
export { quantizePlugin, quantizingPlugin } from "./plugin.ts";
export { programOf } from "./program-of.ts";
export { type QuantizeOptions, quantizePasses, roomyRange, wantsCalibration } from "./quantize-passes.ts";
export { type Quantizers, quantizersOf } from "./quantizers.ts";
export { type Body, type BodyBin, bodyOf } from "./ranges/body.ts";
export { entropyRange } from "./ranges/entropy-range.ts";
export { estimateRange, type RangeEstimator } from "./ranges/estimate-range.ts";
export { minMaxRange, withMargin } from "./ranges/min-max-range.ts";
export { movingAverageRange } from "./ranges/moving-average-range.ts";
export { type Grid, mseRange, roundingError } from "./ranges/mse-range.ts";
export { percentileRange } from "./ranges/percentile-range.ts";
export { type TailOptions, tailRange } from "./ranges/tail-range.ts";
export * from "./recipe.ts";
export * from "./recipe-json.ts";
export { type RecipeName, type RecipeParts, recipe, sameRecipe, showRecipe, showRule } from "./recipes.ts";
export * from "./scheme.ts";
export { type ChannelRanges, channelMagnitudes } from "./statistics/channel-ranges.ts";
export { type CollectOptions, collectStatistics } from "./statistics/collect-statistics.ts";
export { type ExactSum, exactToNumber } from "./statistics/exact-sum.ts";
export { findOverlap, type Overlap } from "./statistics/find-overlap.ts";
export { binEdges, binOf, type Histogram } from "./statistics/histogram.ts";
export type { MovingSegment } from "./statistics/moving-range.ts";
export type { Range } from "./statistics/range.ts";
export { mergeStatistics, noStatistics, type Statistics } from "./statistics/statistics.ts";
export { parseStatistics, printStatistics } from "./statistics/statistics-json.ts";
export { statisticsOf } from "./statistics/statistics-of.ts";
export { meanOf, meanSquareOf, mergeValues, noValues, type ValueStatistics } from "./statistics/value-statistics.ts";
export { moduleValueNames, valueNames } from "./value-names.ts";
export { planWeights, type WeightPlan, type Weights, weightsOf } from "./weights/plan-weights.ts";
