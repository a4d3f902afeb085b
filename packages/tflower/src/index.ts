export * from "./compile.ts";
export * from "./create-compiler.ts";
