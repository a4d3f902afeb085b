/**
 * File tests and matchers for vitest.
 *
 * @module @tflower/testing/vitest
 */

export * from "./node-file-tests.ts";
export * from "./tensor-matchers.ts";
