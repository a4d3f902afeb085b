/**
 * The words for Qualcomm's NPUs: systems, verdicts, partitions.
 *
 * @module @tflower/delegate-qnn
 */

export * from "./partition-report.ts";
export * from "./soc.ts";
export * from "./support-verdict.ts";
