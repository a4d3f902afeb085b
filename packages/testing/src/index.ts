/**
 * Generators, equivalence properties and tolerances for proving lowerings right.
 *
 * @module @tflower/testing
 */

export * from "./application/application.ts";
export * from "./application/applications.ts";
export * from "./application/sample.ts";
export * from "./arbitrary/attributes.ts";
export * from "./arbitrary/dtypes.ts";
export * from "./arbitrary/elements.ts";
export * from "./arbitrary/shapes.ts";
export * from "./arbitrary/tensors.ts";
export * from "./choose/choose.ts";
export * from "./choose/drawn.ts";
export * from "./choose/seeded.ts";
export * from "./compare/compare-tensors.ts";
export * from "./compare/tensor-text.ts";
export * from "./compare/tolerance.ts";
export * from "./compare/tolerance-of.ts";
export * from "./compare/ulp.ts";
export * from "./equivalence/check-lowering.ts";
export * from "./equivalence/counterexample.ts";
export * from "./equivalence/equivalent.ts";
export * from "./files/file-test.ts";
export * from "./files/run-file-test.ts";
export * from "./graphs/aten-steps.ts";
export * from "./graphs/check-program.ts";
export * from "./graphs/derived-step.ts";
export * from "./graphs/graph-builder.ts";
export * from "./graphs/integer-steps.ts";
export * from "./graphs/programs.ts";
export * from "./mutants/axis-mutants.ts";
export * from "./mutants/mutant.ts";
export * from "./mutants/mutated-lowering.ts";
export * from "./mutants/notices.ts";
export * from "./mutants/value-mutants.ts";
export * from "./ops-table.ts";
export * from "./quantized/check-quantized.ts";
export * from "./quantized/draw-quantization.ts";
export * from "./quantized/quantized-forms.ts";
export * from "./quantized/quantized-sample.ts";
