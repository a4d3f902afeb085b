import type { DType } from "@tflower/core";

/** How kernels round between the steps of a formula: shorter floats are computed in float32. */
export const stepRounding = (dtype: DType): ((x: number) => number) => (dtype === "f64" ? (x) => x : Math.fround);
