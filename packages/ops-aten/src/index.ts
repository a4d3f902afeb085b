/**
 * PyTorch's ops, their reference semantics, and their lowerings to TFLite's ops.
 *
 * @module @tflower/ops-aten
 */

export * from "./codes.ts";
export { complexRules } from "./complex/rules.ts";
export * as aten from "./dialect/index.ts";
export * from "./passes/drop-asserts.ts";
export * from "./passes/functionalize.ts";
export * from "./passes/split-complex.ts";
export * from "./plugin.ts";
export * from "./schema/alias.ts";
export * from "./schema/aten-schema.ts";
export * from "./schema/inplace-variant.ts";
export * from "./schema/traits.ts";
