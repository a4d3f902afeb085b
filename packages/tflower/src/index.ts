/**
 * Converts PyTorch programs to TFLite.
 *
 * @module tflower
 */

export * from "@tflower/core";
export { allPasses, type CompileOptions, compileProgram } from "./compile.ts";
export { type ConvertOptions, convert } from "./convert.ts";
export { createCompiler } from "./create-compiler.ts";
export { Model } from "./model.ts";
export { type Input, openSource } from "./open-source.ts";
export { type RawTensor, readSafetensors, writeSafetensors } from "./safetensors/safetensors.ts";
