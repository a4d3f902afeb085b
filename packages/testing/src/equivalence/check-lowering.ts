import { type Lowering, type Plugin, printModule, runGraph, type TensorData } from "@tflower/core";
import fc from "fast-check";
import { type Application, programOf } from "../application/application.ts";
import { applications } from "../application/applications.ts";
import type { Sampler } from "../application/sample.ts";
import { compareTensors } from "../compare/compare-tensors.ts";
import type { Tolerance } from "../compare/tolerance.ts";
import { toleranceOf } from "../compare/tolerance-of.ts";
import { sampleOf } from "../samples/sample-of.ts";
import { type Counterexample, type Failure, fileTestOf } from "./counterexample.ts";
import { watchExtraordinary } from "./extraordinary.ts";
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
  /**
   * Also runs the written file on LiteRT: true, or the tolerance for it. Left out where NaN, an infinity, a denormal or a very large
   * float reaches an op whose kernels are for ordinary elements only (the trait `ordinaryOnly`): those of matrix products and
   * convolutions read whole registers past the end of a row, so that NaN times a padding of zero makes NaN of neighbours, too; those of
   * logarithms make numbers of NaN. Left out as well where a result has no elements, or as many as data says: the WebAssembly build
   * cannot give it out. The comparison with the evaluated program is never left out.
   */
  readonly runtime?: boolean | Tolerance;
  /** Milliseconds after which a counterexample is small enough; 0 takes the first one as it is. */
  readonly shrinkFor?: number;
}

/** What came of it. */
export interface LoweringReport {
  readonly seed: number;
  /** Applications that were lowered and compared. */
  readonly compared: number;
  /** Of these, how many also ran on LiteRT. */
  readonly ranOnRuntime: number;
  /** How often the lowering declined, by reason. */
  readonly rejected: ReadonlyMap<string, number>;
  /** How often the reference semantics threw, by message: as PyTorch would, at run time. */
  readonly threw: ReadonlyMap<string, number>;
  readonly counterexample?: Counterexample;
}

/** LiteRT's kernels round in their own way, and XNNPACK's approximate; of a quantized op it may choose the code beside. */
const usual: Tolerance = { ulp: 64, rtol: 1e-5, atol: 1e-30, codes: 1 };
/** What the formula may be off, and the kernels on top of it. */
const onRuntime = (formula: Tolerance, kernels: Tolerance = {}): Tolerance => ({
  ulp: (formula.ulp ?? 0) + (kernels.ulp ?? usual.ulp!),
  rtol: (formula.rtol ?? 0) + (kernels.rtol ?? usual.rtol!),
  atol: Math.max(formula.atol ?? 0, kernels.atol ?? usual.atol!),
  codes: (formula.codes ?? 0) + (kernels.codes ?? usual.codes!),
});

/** Tries a lowering on random applications of its op against the op's reference semantics. */
export async function checkLowering(lowering: Lowering<any>, o: EquivalentOptions = {}): Promise<LoweringReport> {
  const { op } = lowering;
  if (!op.evaluate)
    throw new TypeError(`"${op.name}" has no reference semantics to compare with: give its declaration an "evaluate"`);
  const seed = o.seed ?? seedOf(lowering.name);
  const tolerance = o.tolerance ?? toleranceOf(op);
  const bench = new LoweringBench(lowering, o.plugins);
  const [rejected, threw] = [new Map<string, number>(), new Map<string, number>()];
  let [compared, ranOnRuntime, deadline] = [0, 0, Infinity];

  const judge = async (a: Application): Promise<Failure | undefined> => {
    const { module, inputs } = programOf(a);
    const expected = await attempt(() => runGraph(module.find("main")!, inputs));
    // what is tried while shrinking says nothing about how the op was drawn
    const counts = deadline === Infinity;
    if (expected instanceof Error) {
      if (counts) count(threw, expected.message);
      return undefined;
    }
    const verdict = await tryStages(bench, a, inputs, expected, tolerance, o);
    if (verdict.kind === "wrong") return verdict.failure;
    if (counts && verdict.kind === "declined") count(rejected, verdict.reason);
    if (counts && verdict.kind === "equal") {
      compared++;
      if (verdict.onRuntime) ranOnRuntime++;
    }
    return undefined;
  };
  const property = fc.asyncProperty(applications(op, o.sample), async (a) => {
    if (Date.now() > deadline || !(await judge(a))) return true;
    if (deadline === Infinity) deadline = Date.now() + (o.shrinkFor ?? 5000);
    return false;
  });
  const details = await fc.check(property, { seed, numRuns: o.runs ?? 100, endOnFailure: o.shrinkFor === 0 });
  const report = { seed, compared, ranOnRuntime, rejected, threw };
  const [application] = details.counterexample ?? [];
  const failure = application && (await judge(application));
  // an error without a failure is one of the generator or of the kit
  if (!failure && details.errorInstance instanceof Error) throw details.errorInstance;
  if (!failure) return report;
  return { ...report, counterexample: { ...failure, application, ir: fileTestOf(application, tolerance) } };
}

/** What came of one application. */
type Verdict =
  | { readonly kind: "equal"; readonly onRuntime: boolean }
  | { readonly kind: "declined"; readonly reason: string }
  | { readonly kind: "wrong"; readonly failure: Failure };
const wrong = (message: string, lowered: string, rest: Partial<Failure> = {}): Verdict => ({
  kind: "wrong",
  failure: { message, lowered, ...rest },
});

async function tryStages(
  bench: LoweringBench,
  a: Application,
  inputs: readonly TensorData[],
  expected: readonly TensorData[],
  tolerance: Tolerance,
  o: EquivalentOptions,
): Promise<Verdict> {
  const differs = (got: readonly TensorData[], t: Tolerance, where: string, ir: string): Verdict | undefined => {
    for (const [i, e] of expected.entries()) {
      const d = got[i] ? compareTensors(got[i], e, t) : { message: "is missing" };
      if (d) return wrong(`result ${i}${where}: ${d.message}`, ir, { expected, got });
    }
    return undefined;
  };
  const lowered = await bench.lower(a);
  if (lowered.kind === "rejected") return { kind: "declined", reason: lowered.reason };
  const text = printModule(lowered.module);
  if (lowered.kind === "broken") return wrong(lowered.why, text);
  const numbers = await attempt(() => runGraph(lowered.module.find("main")!, inputs));
  if (numbers instanceof Error) return wrong(`what it is lowered to cannot be evaluated: ${numbers.message}`, text);
  const off = differs(numbers, tolerance, "", text);
  if (off) return off;
  if (!o.optimize && !o.runtime) return { kind: "equal", onRuntime: false };

  const done = await bench.lower(a, true);
  if (done.kind === "rejected") return { kind: "declined", reason: done.reason };
  const final = printModule(done.module);
  if (done.kind === "broken") return wrong(`after optimizing: ${done.why}`, final);
  const watch = watchExtraordinary();
  const optimized = await attempt(() => runGraph(done.module.find("main")!, inputs, { observe: watch.observe }));
  if (optimized instanceof Error) return wrong(`after optimizing it cannot be evaluated: ${optimized.message}`, final);
  const worse = differs(optimized, tolerance, ", after optimizing", final);
  if (worse) return worse;
  if (!o.runtime) return { kind: "equal", onRuntime: false };
  const real = await runOnLiteRt(done.module, inputs);
  if (real.kind === "refused") return { kind: "declined", reason: `what it emits is refused: ${real.why}` };
  if (real.kind === "failed") return wrong(`on LiteRT: ${real.why}`, final);
  if (real.kind === "held back" || (await watch.reachedKernel(done.module, inputs)))
    return { kind: "equal", onRuntime: false };
  const t = o.runtime === true ? onRuntime(tolerance, sampleOf(a.op)?.kernels) : o.runtime;
  return differs(real.results, t, ", on LiteRT", final) ?? { kind: "equal", onRuntime: true };
}

const count = (by: Map<string, number>, what: string): void => void by.set(what, (by.get(what) ?? 0) + 1);
const attempt = <T>(f: () => Promise<T>): Promise<T | Error> =>
  f().catch((e: unknown) => (e instanceof Error ? e : new Error(String(e))));

/** A number that follows from a name. */
function seedOf(name: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) h = Math.imul(h ^ name.charCodeAt(i), 0x01000193);
  return h & 0x7fffffff;
}
