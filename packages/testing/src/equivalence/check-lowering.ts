import { type Lowering, type Plugin, printModule, runGraph, type TensorData } from "@tflower/core";
import fc from "fast-check";
import { type Application, programOf } from "../application/application.ts";
import { applications } from "../application/applications.ts";
import type { Sampler } from "../application/sample.ts";
import { compareTensors } from "../compare/compare-tensors.ts";
import type { Tolerance } from "../compare/tolerance.ts";
import { toleranceOf } from "../compare/tolerance-of.ts";
import { type Counterexample, type Failure, fileTestOf } from "./counterexample.ts";
import { LoweringBench } from "./lowering-bench.ts";
import { runOnLiteRt } from "./run-on-litert.ts";

/** How a lowering is proven. */
export interface EquivalentOptions {
  /** How many applications are tried. */
  readonly runs?: number;
  /** Where the random numbers start; by default it follows from the lowering's name, so that runs repeat. */
  readonly seed?: number;
  /** How far floats may be off; by default what the op's kind can promise. */
  readonly tolerance?: Tolerance;
  /** Draws the op's arguments, in place of what its declaration or the kit says. */
  readonly sample?: Sampler;
  /** Registered beside those of the aten and tfl dialects: a dialect of one's own, lowerings of what the tested one emits. */
  readonly plugins?: readonly Plugin[];
  /** Also compares what is left after the passes behind lowering. */
  readonly optimize?: boolean;
  /** Also runs the written file on LiteRT: true, or the tolerance for it. */
  readonly runtime?: boolean | Tolerance;
  /** Milliseconds after which a counterexample is small enough. */
  readonly shrinkFor?: number;
}

/** What came of it. */
export interface LoweringReport {
  readonly seed: number;
  /** Applications that were lowered and compared. */
  readonly compared: number;
  /** How often the lowering declined, by reason. */
  readonly rejected: ReadonlyMap<string, number>;
  /** Applications on which the reference semantics throw: as PyTorch would, at run time. */
  readonly undefinedHere: number;
  readonly counterexample?: Counterexample;
}

/** LiteRT's kernels round in their own way, and XNNPACK's approximate. */
const onRuntime: Tolerance = { ulp: 64, rtol: 1e-5, atol: 1e-30 };

/** Tries a lowering on random applications of its op against the op's reference semantics. */
export async function checkLowering(lowering: Lowering<any>, o: EquivalentOptions = {}): Promise<LoweringReport> {
  const { op } = lowering;
  if (!op.evaluate)
    throw new TypeError(`"${op.name}" has no reference semantics to compare with: give its declaration an "evaluate"`);
  const seed = o.seed ?? seedOf(lowering.name);
  const tolerance = o.tolerance ?? toleranceOf(op);
  const bench = new LoweringBench(lowering, o.plugins);
  const rejected = new Map<string, number>();
  let [compared, undefinedHere, deadline] = [0, 0, Infinity];

  const judge = async (a: Application): Promise<Failure | undefined> => {
    const { module, inputs } = programOf(a);
    const expected = await runGraph(module.find("main")!, inputs).catch(() => undefined);
    if (!expected) {
      undefinedHere++;
      return undefined;
    }
    const verdict = await tryStages(bench, a, inputs, expected, tolerance, o);
    if (deadline < Infinity) return typeof verdict === "string" ? undefined : verdict;
    if (typeof verdict === "string") rejected.set(verdict, (rejected.get(verdict) ?? 0) + 1);
    else if (!verdict) compared++;
    return typeof verdict === "string" ? undefined : verdict;
  };
  const property = fc.asyncProperty(applications(op, o.sample), async (a) => {
    if (Date.now() > deadline || !(await judge(a))) return true;
    if (deadline === Infinity) deadline = Date.now() + (o.shrinkFor ?? 5000);
    return false;
  });
  const details = await fc.check(property, { seed, numRuns: o.runs ?? 100, endOnFailure: false });
  const report = { seed, compared, rejected: new Map(rejected), undefinedHere };
  const [application] = details.counterexample ?? [];
  const failure = application && (await judge(application));
  // an error without a failure is one of the generator or of the kit
  if (!failure && details.errorInstance instanceof Error) throw details.errorInstance;
  if (!failure) return report;
  return { ...report, counterexample: { ...failure, application, ir: fileTestOf(application, tolerance) } };
}

/** A failure, why the application was rejected, or nothing when all is well. */
async function tryStages(
  bench: LoweringBench,
  a: Application,
  inputs: readonly TensorData[],
  expected: readonly TensorData[],
  tolerance: Tolerance,
  o: EquivalentOptions,
): Promise<Failure | string | undefined> {
  const lowered = await bench.lower(a);
  if (lowered.kind === "rejected") return lowered.reason;
  const text = printModule(lowered.module);
  if (lowered.kind === "broken") return { message: lowered.why, lowered: text };
  const compare = (got: readonly TensorData[], t: Tolerance, where: string, ir: string): Failure | undefined => {
    for (const [i, e] of expected.entries()) {
      const d = got[i] ? compareTensors(got[i], e, t) : { message: "is missing" };
      if (d) return { message: `result ${i}${where}: ${d.message}`, lowered: ir, expected, got };
    }
    return undefined;
  };
  const numbers = await attempt(() => runGraph(lowered.module.find("main")!, inputs));
  if (numbers instanceof Error)
    return { message: `what it is lowered to cannot be evaluated: ${numbers.message}`, lowered: text };
  const wrong = compare(numbers, tolerance, "", text);
  if (wrong || (!o.optimize && !o.runtime)) return wrong;

  const done = await bench.lower(a, true);
  if (done.kind === "rejected") return done.reason;
  const final = printModule(done.module);
  if (done.kind === "broken") return { message: `after optimizing: ${done.why}`, lowered: final };
  const optimized = await attempt(() => runGraph(done.module.find("main")!, inputs));
  if (optimized instanceof Error)
    return { message: `after optimizing it cannot be evaluated: ${optimized.message}`, lowered: final };
  const worse = compare(optimized, tolerance, ", after optimizing", final);
  if (worse || !o.runtime) return worse;
  const real = await attempt(() => runOnLiteRt(done.module, inputs));
  if (real instanceof Error) return { message: `on LiteRT: ${real.message}`, lowered: final };
  return compare(real, o.runtime === true ? onRuntime : o.runtime, ", on LiteRT", final);
}

const attempt = <T>(f: () => Promise<T>): Promise<T | Error> =>
  f().catch((e: unknown) => (e instanceof Error ? e : new Error(String(e))));

/** A number that follows from a name. */
function seedOf(name: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) h = Math.imul(h ^ name.charCodeAt(i), 0x01000193);
  return h & 0x7fffffff;
}
