/**
 * Runs `.tflite` files on LiteRT's WebAssembly build.
 *
 * @module @tflower/runtime-litert
 */

export { codes, type RuntimeCode } from "./codes.ts";
export { LiteRtError, type LiteRtErrorDetails } from "./litert-error.ts";
export { type LiteRtModel, loadModel, type RunOptions } from "./litert-model.ts";
export {
  asDType,
  type RuntimeData,
  type RuntimeDType,
  type RuntimeTensor,
  tensorBytes,
  tensorFromBytes,
} from "./runtime-tensor.ts";
export type { Port, RuntimeInputs, Signature } from "./signature.ts";
export type { WasmOptions } from "./wasm-build.ts";
