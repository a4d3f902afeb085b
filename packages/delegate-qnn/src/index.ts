/**
 * Qualcomm's NPUs: what they run, in which form, and the files that they run it from.
 *
 * @module @tflower/delegate-qnn
 */

export * from "./aot/aot-file.ts";
export * from "./aot/dispatch-op.ts";
export * from "./aot/dispatch-options.ts";
export * from "./aot/dispatch-partitions.ts";
export * from "./codes.ts";
export * from "./graph/build-qnn-graph.ts";
export * from "./graph/data-type.ts";
export * from "./graph/encoding.ts";
export * from "./graph/qnn-graph.ts";
export * from "./graph/qnn-graph-builder.ts";
export { QnnRefusal } from "./graph/refusal.ts";
export * from "./model-net.ts";
export * from "./ops/define-mapping.ts";
export { qnnMappings } from "./ops/mappings.ts";
export * from "./partition-for-qnn.ts";
export * from "./partition-report.ts";
export * from "./passes/express-bools.ts";
export * from "./passes/legalize.ts";
export * from "./passes/narrow-biases.ts";
export * from "./passes/narrow-indices.ts";
export * from "./passes/saturate-constants.ts";
export * from "./passes/split-activations.ts";
export * from "./passes/unpack-weights.ts";
export * from "./passes/unsigned-activations.ts";
export * from "./plugin.ts";
export * from "./soc.ts";
export * from "./soc-table.ts";
export * from "./support/node-verdict.ts";
export * from "./support-verdict.ts";
