export * from "./node-file-tests.ts";
export * from "./tensor-matchers.ts";
