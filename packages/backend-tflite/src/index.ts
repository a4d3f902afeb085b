/**
 * TFLite's ops and passes, and the reader, writer and verifier of `.tflite` files.
 *
 * @module @tflower/backend-tflite
 */

export * from "./codes.ts";
export { gpuSupport, gpuTable } from "./delegates/gpu.ts";
export * from "./delegates/rule.ts";
export { xnnpackSupport, xnnpackTable } from "./delegates/xnnpack.ts";
export * from "./dialect/define-tfl.ts";
export * as tfl from "./dialect/index.ts";
export * from "./emit-composite.ts";
export * from "./file/byte-sink.ts";
export * from "./file/read-tflite.ts";
export * from "./file/tflite-file.ts";
export * from "./file/write-tflite.ts";
export * from "./plugin.ts";
export { type ReadCode, readCodes } from "./read/file-problem.ts";
export * from "./read/from-tflite-file.ts";
export * from "./schema/tflite-error.ts";
export type { FlexValue } from "./write/flex-buffer.ts";
export type { OperatorDraft } from "./write/serialize-hooks.ts";
export * from "./write/to-tflite-file.ts";
