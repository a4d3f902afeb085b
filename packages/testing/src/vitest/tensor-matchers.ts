import { showType, type TensorData } from "@tflower/core";
import { compareTensors } from "../compare/compare-tensors.ts";
import { showTensor } from "../compare/tensor-text.ts";
import { exact, type Tolerance } from "../compare/tolerance.ts";

interface MatcherResult {
  readonly pass: boolean;
  readonly message: () => string;
}

declare module "vitest" {
  // the type parameter must be called as vitest calls it
  interface Matchers<T = any> {
    /** Compares dtype, shape and elements: exactly, or within a {@link Tolerance}. NaN equals NaN. */
    toBeCloseToTensor(expected: TensorData, tolerance?: Tolerance): T;
  }
}

/**
 * Matchers for tensors.
 *
 * @example
 * expect.extend(tensorMatchers);
 * expect(got).toBeCloseToTensor(expected, { ulp: 4 });
 */
export const tensorMatchers = {
  toBeCloseToTensor(got: unknown, expected: TensorData, tolerance: Tolerance = exact): MatcherResult {
    if (!isTensor(got))
      return { pass: false, message: () => `expected a tensor ${showType(expected.type)}, got ${String(got)}` };
    const d = compareTensors(got, expected, tolerance);
    if (!d) return { pass: true, message: () => `expected a tensor other than ${showTensor(expected)}` };
    return {
      pass: false,
      message: () => `${d.message}\nexpected ${showTensor(expected)}\n     got ${showTensor(got)}`,
    };
  },
};

const isTensor = (x: unknown): x is TensorData =>
  typeof x === "object" && x !== null && "type" in x && "data" in x && ArrayBuffer.isView(x.data);
