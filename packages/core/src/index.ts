/**
 * The IR, op declarations, text form, rewriting, passes, hooks, diagnostics and reference evaluation.
 *
 * @module @tflower/core
 */

export * from "./compiler.ts";
export * from "./diagnostic/codes.ts";
export * from "./diagnostic/diagnostic.ts";
export * from "./eval/half.ts";
export * from "./eval/run-graph.ts";
export * from "./eval/strided.ts";
export * from "./eval/tensor-data.ts";
export * from "./io/byte-source.ts";
export * from "./ir/absent-constant.ts";
export * from "./ir/broadcast-shapes.ts";
export * from "./ir/constant.ts";
export { constantChunks } from "./ir/constant-chunks.ts";
export { constantRows } from "./ir/constant-rows.ts";
export * from "./ir/dim.ts";
export * from "./ir/dtype.ts";
export { loadConstant, residentData } from "./ir/evaluate-constant.ts";
export * from "./ir/graph.ts";
export * from "./ir/location.ts";
export * from "./ir/module.ts";
export * from "./ir/node.ts";
export * from "./ir/type.ts";
export * from "./ir/value.ts";
export * from "./op/attr.ts";
export * from "./op/define-op.ts";
export * from "./op/operand.ts";
export * from "./op/traits.ts";
export * from "./op/verify.ts";
export * from "./pass/analyses.ts";
export * from "./pass/compose-passes.ts";
export * from "./pass/define-pass.ts";
export * from "./pass/edit-passes.ts";
export * from "./pass/known-passes.ts";
export * from "./pass/observers/collect-statistics.ts";
export * from "./pass/observers/print-after-passes.ts";
export * from "./pass/observers/time-passes.ts";
export * from "./pass/observers/write-reproducer.ts";
export * from "./pass/parse-passes.ts";
export * from "./pass/run-passes.ts";
export * from "./passes/eliminate-dead-code.ts";
export * from "./passes/fold-constants.ts";
export * from "./passes/inline-graphs.ts";
export * from "./passes/lower-ops.ts";
export * from "./passes/merge-common-subexpressions.ts";
export * from "./passes/specialize-graphs.ts";
export * from "./plugin.ts";
export * from "./rewrite/convert.ts";
export * from "./rewrite/define-lowering.ts";
export * from "./rewrite/define-rule.ts";
export * from "./rewrite/rewriter.ts";
export * from "./settings.ts";
export * from "./text/parse.ts";
export * from "./text/print.ts";
