/**
 * What takes Node: QNN's libraries, found and called in a process of their own.
 *
 * @module @tflower/delegate-qnn/node
 */

export * from "./compile-for-qnn.ts";
export * from "./find-libraries.ts";
export * from "./protocol.ts";
export * from "./qnn-process.ts";
export * from "./validate-nodes.ts";
export * from "./validator-cache.ts";
export * from "./write-model-net.ts";
