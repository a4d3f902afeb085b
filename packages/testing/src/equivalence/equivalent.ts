import type { Lowering } from "@tflower/core";
import { checkLowering, type EquivalentOptions, type LoweringReport } from "./check-lowering.ts";
import { explain } from "./counterexample.ts";

/** Thrown when a lowering is wrong, or when nothing was tested. */
export class EquivalenceError extends Error {
  override readonly name = "EquivalenceError";
  readonly report: LoweringReport;
  constructor(message: string, report: LoweringReport) {
    super(message);
    this.report = report;
  }
}

/**
 * A test that a lowering computes what its op's reference semantics compute, on random applications of the op.
 *
 * @example
 * test("relu", equivalent(lower.relu));
 * test("conv2d", equivalent(lower.conv2d, { runs: 300, tolerance: { rtol: 1e-6 }, runtime: true }));
 */
export function equivalent(lowering: Lowering<any>, o: EquivalentOptions = {}): () => Promise<void> {
  return async () => {
    const report = await checkLowering(lowering, o);
    const problem = problemOf(lowering, report);
    if (problem) throw new EquivalenceError(problem, report);
  };
}

/** What is to be said against a lowering; `undefined` when all is well. */
export function problemOf(lowering: Lowering<any>, report: LoweringReport): string | undefined {
  const name = `lowering "${lowering.name}" of "${lowering.op.name}"`;
  if (report.counterexample) return `${name} is wrong (seed ${report.seed}): ${explain(report.counterexample)}`;
  if (report.compared > 0) return undefined;
  const declined = listed(report.rejected);
  const threw = listed(report.threw).map((line) => `${line} (says the reference)`);
  return `${name} was given no application that it accepts, so nothing is proven (seed ${report.seed}):\n${[...declined, ...threw].join("\n")}\nGive the op a sample, or pass one: equivalent(lowering, { sample })`;
}

const listed = (counts: ReadonlyMap<string, number>): string[] =>
  [...counts].sort((a, b) => b[1] - a[1]).map(([why, count]) => `  ${count}x ${why}`);
