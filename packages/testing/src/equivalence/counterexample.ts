import { printModule, type TensorData } from "@tflower/core";
import { type Application, programOf } from "../application/application.ts";
import { showTensor } from "../compare/tensor-text.ts";
import { showTolerance, type Tolerance } from "../compare/tolerance.ts";

/** What a lowering did wrong on one application. */
export interface Failure {
  /** What is wrong, in a line. */
  readonly message: string;
  /** What the op was lowered to, as far as it went. */
  readonly lowered?: string;
  readonly expected?: readonly TensorData[];
  readonly got?: readonly TensorData[];
}

/** The smallest application found on which a lowering is wrong. */
export interface Counterexample extends Failure {
  readonly application: Application;
  /** A file test: paste it into an `.ir` file. */
  readonly ir: string;
}

/** An application as a file test that lowers it and compares numbers. */
export function fileTestOf(a: Application, tolerance: Tolerance): string {
  const { module, inputs } = programOf(a);
  module.signatures = [];
  const lines = [
    "// test: lower",
    `// run: inputs=given ${showTolerance(tolerance)}`.trimEnd(),
    ...inputs.map((t) => `// in: ${showTensor(t)}`),
  ];
  return `${lines.join("\n")}\n${printModule(module, { constants: "full" })}`;
}

/** The paragraph a person reads. */
export function explain(c: Counterexample): string {
  const parts = [c.message, "", "counterexample, ready to paste as a file test:", indent(c.ir)];
  if (c.lowered) parts.push("lowered to:", indent(c.lowered));
  for (const [what, tensors] of [
    ["expected", c.expected],
    ["got", c.got],
  ] as const)
    if (tensors) parts.push(`${what}:`, ...tensors.map((t) => `  ${showTensor(t)}`));
  return parts.join("\n");
}
const indent = (text: string): string => text.trimEnd().replace(/^/gm, "  ");
