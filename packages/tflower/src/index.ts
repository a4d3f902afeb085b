/**
 * Converts PyTorch programs to TFLite.
 *
 * @module tflower
 */

export * from "@tflower/core";
export {
  fromAiEdgeRecipe,
  type ImportedRecipe,
  parseRecipe,
  printRecipe,
  type Recipe,
  type Rule,
  recipe,
  recipeFrom,
  sameRecipe,
  showRecipe,
} from "@tflower/quantize";
export { type CalibrateOptions, calibrateModule } from "./calibrate/calibrate-module.ts";
export { checkSamples } from "./calibrate/check-samples.ts";
export { type LiteRtExecutorOptions, liteRtExecutor, type Samples } from "./calibrate/lite-rt-executor.ts";
export { type CalibrationSource, readCalibration, readStatistics } from "./calibrate/read-calibration.ts";
export { type FileSamples, type Shard, samplesOf } from "./calibrate/sample-file.ts";
export type { Comparison, LayerError, OutputError } from "./compare/compare-layers.ts";
export { type CompareOptions, compareProgram } from "./compare/compare-program.ts";
export {
  type CompareQuantizedOptions,
  compareQuantized,
  type FloatLayers,
  type QuantizedComparison,
} from "./compare/compare-quantized.ts";
export { type Execute, executeByEvaluator, executeOnLiteRt, type Runner } from "./compare/lowered-values.ts";
export type { TensorError } from "./compare/tensor-error.ts";
export { type CompileOptions, compileProgram } from "./compile.ts";
export { defineConfig, type PluginEntry, type TflowerConfig } from "./config/define-config.ts";
export { type ConvertOptions, convert } from "./convert.ts";
export { createCompiler } from "./create-compiler.ts";
export { Model } from "./model.ts";
export {
  bytesOverlay,
  type GraphNodeData,
  macsOverlay,
  type NodeDataFile,
  nodeData,
} from "./model-explorer/node-data.ts";
export { finalStage, type StageSnapshots, stageSnapshots } from "./model-explorer/stage-snapshots.ts";
export { timeNodes } from "./model-explorer/time-nodes.ts";
export {
  type ExplorerCollection,
  type ExplorerGraph,
  type ExplorerNode,
  toModelExplorer,
} from "./model-explorer/to-model-explorer.ts";
export { type Input, openSource } from "./open-source.ts";
export { type AihubFiles, aihubScript, inputSpecs } from "./partition/aihub-script.ts";
export { outlinePartitions, type PartitionEmitter } from "./partition/outline-partitions.ts";
export { type PartitionTarget, partitionTarget, xnnpackTarget } from "./partition/partition-target.ts";
export {
  type Cause,
  type PlacedNode,
  type Placement,
  type PlacementOptions,
  placementBy,
  placementOf,
} from "./partition/placement.ts";
export { placementJson } from "./partition/placement-json.ts";
export { type PlacementOverlay, placementOverlay } from "./partition/placement-overlay.ts";
export { placementText } from "./partition/placement-text.ts";
export { cloneModule } from "./quantize/clone-module.ts";
export { type EvaluationSet, evaluationSet } from "./quantize/evaluation-set.ts";
export { type LayerNoise, layerNoise } from "./quantize/layer-noise.ts";
export type { Closeness, Quality } from "./quantize/quality.ts";
export { type CalibratedRecipe, type QuantizeChoices, quantize } from "./quantize/quantize.ts";
export type { Trial, TrialOptions } from "./quantize/recipe-trials.ts";
export type { LoadModel } from "./quantize/run-samples.ts";
export { type GoalOptions, quantizeToGoal } from "./quantize/search-pass.ts";
export {
  type QuantizationGoal,
  type SearchResult,
  searchRecipe,
} from "./quantize/search-recipe.ts";
export { type Verified, type VerifyOptions, verifyQuantized } from "./quantize/verify-quantized.ts";
export { htmlReport } from "./report/html-report.ts";
export { type Report, type ReportParts, reportOf } from "./report/report-of.ts";
export { type RawTensor, readSafetensors, writeSafetensors } from "./safetensors/safetensors.ts";
export { openSafetensors, type SafetensorsFile } from "./safetensors/safetensors-file.ts";
