import { tflitePlugin } from "@tflower/backend-tflite";
import {
  CompileError,
  Compiler,
  isFloat,
  type Plugin,
  printModule,
  runGraph,
  runPasses,
  type TensorData,
} from "@tflower/core";
import { atenPlugin } from "@tflower/ops-aten";
import { compareTensors } from "../compare/compare-tensors.ts";
import type { Tolerance } from "../compare/tolerance.ts";
import { runOnLiteRt } from "../equivalence/run-on-litert.ts";
import type { RandomProgram } from "./programs.ts";

/** What came of a program that was compiled and run. */
export type ProgramVerdict =
  | { readonly kind: "equal" }
  /** Nothing to compare: what overflows, or what is refused with a reason. */
  | { readonly kind: "skipped"; readonly why: string }
  | { readonly kind: "wrong"; readonly message: string; readonly lowered?: string };

/** Roundings of a handful of steps, each of which may be a sum of a hundred products. */
const steps: Tolerance = { rtol: 2e-5, atol: 2e-5 };
const kernels: Tolerance = { rtol: 2e-4, atol: 2e-4 };
/** Beyond this, one rounding is more than the differences looked for. */
const tooLarge = 1e4;

/** Compiles a program of the aten dialect, and compares the evaluated program, the evaluated result, and what LiteRT computes. `plugins` come behind the presets. */
export async function checkProgram(p: RandomProgram, plugins: readonly Plugin[] = []): Promise<ProgramVerdict> {
  const before = p.read();
  before.signatures = [{ key: "serving_default", graph: "main" }];
  let moderate = true;
  const expected = await runGraph(before.find("main")!, p.inputs, {
    observe: (_, results) => {
      moderate &&= results.every(isModerate);
    },
  });
  if (!moderate) return { kind: "skipped", why: "numbers grow too large" };
  const module = p.read();
  module.signatures = [{ key: "serving_default", graph: "main" }];
  const compiler = new Compiler().use(tflitePlugin(), atenPlugin(), ...plugins);
  const { pipeline } = compiler;
  const passes = [...pipeline.import, ...pipeline.lower, ...pipeline.optimize, ...pipeline.finish];
  try {
    await runPasses(module, passes, compiler, { verifyEach: true });
  } catch (e) {
    if (e instanceof CompileError && e.diagnostics.every((d) => d.code === "LOW0001"))
      return { kind: "skipped", why: e.diagnostics[0]!.message };
    return { kind: "wrong", message: `it does not compile: ${messageOf(e)}` };
  }
  const lowered = printModule(module);
  const wrong = (got: readonly TensorData[], t: Tolerance, where: string): ProgramVerdict | undefined => {
    for (const [i, e] of expected.entries()) {
      const d = got[i] ? compareTensors(got[i], e, t) : { message: "is missing" };
      if (d) return { kind: "wrong", message: `output ${i}${where}: ${d.message}`, lowered };
    }
    return undefined;
  };
  try {
    const off = wrong(await runGraph(module.find("main")!, p.inputs), steps, "");
    if (off) return off;
  } catch (e) {
    return { kind: "wrong", message: `the result cannot be evaluated: ${messageOf(e)}`, lowered };
  }
  const real = await runOnLiteRt(module, p.inputs);
  if (real.kind === "refused") return { kind: "wrong", message: `cannot be written: ${real.why}`, lowered };
  if (real.kind === "failed") return { kind: "wrong", message: `on LiteRT: ${real.why}`, lowered };
  if (real.kind === "held back") return { kind: "skipped", why: "a result has no fixed size" };
  return wrong(real.results, kernels, ", on LiteRT") ?? { kind: "equal" };
}

const isModerate = ({ type, data }: TensorData): boolean =>
  !isFloat(type.dtype) || (data as Float32Array).every((x) => Math.abs(x) <= tooLarge);
const messageOf = (e: unknown): string => (e instanceof Error ? e.message : String(e));
