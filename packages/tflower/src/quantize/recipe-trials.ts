import { toTfliteFile } from "@tflower/backend-tflite";
import { type Compiler, type Module, type Pass, runPasses } from "@tflower/core";
import { type QuantizeOptions, quantizePasses, type Recipe, type Rule } from "@tflower/quantize";
import { graphOf } from "../calibrate/lite-rt-executor.ts";
import { cachedCalibration } from "./cached-calibration.ts";
import { cloneModule } from "./clone-module.ts";
import type { EvaluationSet } from "./evaluation-set.ts";
import { type Quality, qualityOf } from "./quality.ts";
import { type LoadModel, runSamples } from "./run-samples.ts";

/** What {@link RecipeTrials} needs. */
export interface TrialOptions extends QuantizeOptions {
  readonly compiler: Compiler;
  readonly load: LoadModel;
  readonly set: EvaluationSet;
  /** More runs than these are not made. 64 by default. */
  readonly mostRuns?: number;
  /** Is told after each run how many are done, and how many there are at most. */
  readonly progress?: (done: number, of: number) => void;
}

/** A recipe that was tried. */
export interface Trial {
  readonly recipe: Recipe;
  readonly quality: Quality;
  /** Bytes of the file's constants. */
  readonly bytes: number;
}

/** Quantizes copies of a float program by recipes, runs them on samples, and remembers what came out. */
export class RecipeTrials {
  private readonly module: Module;
  private readonly base: Recipe;
  private readonly o: TrialOptions;
  /** Weights are rounded to the nearest, and ranges found once: what layers are measured by. */
  private readonly plain: QuantizeOptions;
  private readonly tried = new Map<string, Trial>();
  private want: Awaited<ReturnType<typeof runSamples>> | undefined;
  readonly most: number;
  runs = 0;

  constructor(module: Module, base: Recipe, o: TrialOptions) {
    this.module = module;
    this.base = base;
    this.o = o;
    this.most = o.mostRuns ?? 64;
    this.plain = {
      ...(o.estimate && { estimate: o.estimate }),
      ...(o.calibration && { calibration: cachedCalibration(o.calibration) }),
    };
  }
  get left(): number {
    return this.most - this.runs;
  }

  /** Tries the base recipe with more rules: as it will be made, or `plain`, which is quicker and shows what differs. */
  async run(more: readonly Rule[], how: "made" | "plain"): Promise<Trial> {
    const key = `${how} ${JSON.stringify(more)}`;
    const known = this.tried.get(key);
    if (known) return known;
    const { compiler, load, set } = this.o;
    this.want ??= await runSamples(await this.finished([]), set.samples, load);
    const recipe = this.recipe(more);
    const copy = await this.finished(quantizePasses(recipe, how === "plain" ? this.plain : this.o));
    const got = await runSamples(copy, set.samples, load);
    const trial = {
      recipe,
      quality: qualityOf(graphOf(this.module), this.want, got, set.labels),
      bytes: constantBytes(copy, compiler),
    };
    this.tried.set(key, trial);
    this.runs++;
    this.o.progress?.(this.runs, this.most);
    return trial;
  }

  /** What the user keeps float stays so, whatever else is chosen for the module it is in. */
  private recipe(more: readonly Rule[]): Recipe {
    if (more.length === 0) return this.base;
    const own = this.base.rules ?? [];
    return { ...this.base, rules: [...own, ...more, ...own.filter((r) => r.scheme === "float")] };
  }

  /** A copy, taken to what a file can hold. */
  private finished(passes: readonly Pass[]): Promise<Module> {
    const { compiler } = this.o;
    const all = [...passes, ...compiler.pipeline.finish];
    return runPasses(cloneModule(this.module), all, compiler, { verifyEach: false });
  }
}

/** Bytes of all constants of the file that a module becomes, those that tensors share once. */
function constantBytes(module: Module, compiler: Compiler): number {
  const file = toTfliteFile(module, compiler);
  const buffers = new Set(file.subgraphs.flatMap((g) => g.tensors.flatMap((t) => (t.buffer ? [t.buffer] : []))));
  return [...buffers].reduce((n, b) => n + b.byteLength, 0);
}
