/**
 * Recipes, calibration statistics, and the executor that calibration is given.
 *
 * @module @tflower/quantize
 */

export * from "./executor.ts";
export { JsonFormError } from "./json-error.ts";
export * from "./recipe.ts";
export * from "./recipe-json.ts";
export * from "./scheme.ts";
export * from "./statistics.ts";
