import { printModule, runGraph, type TensorData } from "@tflower/core";
import fc from "fast-check";
import { type Application, programOf } from "../application/application.ts";
import { applications } from "../application/applications.ts";
import { compareTensors } from "../compare/compare-tensors.ts";
import { showTensor } from "../compare/tensor-text.ts";
import { runOnLiteRt } from "../equivalence/run-on-litert.ts";
import { claimedTolerance, formName, type QuantizedSample } from "./quantized-sample.ts";

/** How a quantized form is tried. */
export interface QuantizedOptions {
  /** How many applications are tried. */
  readonly runs?: number;
  /** Where the random numbers start; runs repeat. */
  readonly seed?: number;
}

/** What came of it. */
export interface QuantizedReport {
  /** Applications that ran on LiteRT and were compared. */
  readonly compared: number;
  /** What is wrong with the smallest application found that is wrong. */
  readonly problem?: string;
}

/**
 * Tries the reference semantics of a quantized form against LiteRT as it is by default, on random applications: as exact as the form
 * claims. What the writer refuses is no application.
 */
export async function checkQuantized(form: QuantizedSample, o: QuantizedOptions = {}): Promise<QuantizedReport> {
  const tolerance = claimedTolerance(form, "xnnpack");
  if (!tolerance) throw new TypeError(`${formName(form)} claims nothing of LiteRT as it is by default`);
  let compared = 0;
  const judge = async (a: Application): Promise<string | undefined> => {
    const { module, inputs } = programOf(a);
    const expected = await runGraph(module.find("main")!, inputs);
    const real = await runOnLiteRt(module, inputs);
    if (real.kind === "refused" || real.kind === "held back") return undefined;
    const say = (what: string, tensors: readonly TensorData[] = []): string =>
      [what, printModule(module, { constants: "full" }), ...[...inputs, ...tensors].map(showTensor)].join("\n");
    if (real.kind === "failed") return say(`on LiteRT: ${real.why}`);
    compared++;
    for (const [i, e] of expected.entries()) {
      const d = compareTensors(real.results[i]!, e, tolerance);
      if (d) return say(`result ${i}: ${d.message}`, [e, real.results[i]!]);
    }
    return undefined;
  };
  const details = await fc.check(
    fc.asyncProperty(applications(form.op, form.draw), async (a) => (await judge(a)) === undefined),
    { seed: o.seed ?? 1, numRuns: o.runs ?? 50 },
  );
  const [application] = details.counterexample ?? [];
  const problem = application && (await judge(application));
  if (!problem && details.errorInstance instanceof Error) throw details.errorInstance;
  return { compared, ...(problem && { problem: `${formName(form)} (seed ${details.seed}): ${problem}` }) };
}
