export * from "./partition-report.ts";
export * from "./soc.ts";
export * from "./support-verdict.ts";
