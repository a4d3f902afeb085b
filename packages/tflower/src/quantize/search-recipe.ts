import { toTfliteFile } from "@tflower/backend-tflite";
import { type Compiler, type Module, type Pass, runPasses } from "@tflower/core";
import {
  type Choice,
  choiceFor,
  type QuantizeOptions,
  quantizePasses,
  type Recipe,
  type Rule,
} from "@tflower/quantize";
import { graphOf } from "../calibrate/lite-rt-executor.ts";
import { cachedCalibration } from "./cached-calibration.ts";
import { cloneModule } from "./clone-module.ts";
import type { EvaluationSet } from "./evaluation-set.ts";
import { costOf } from "./layer-cost.ts";
import { groupLayers, type LayerGroup, quantizedNodes } from "./layer-groups.ts";
import { type Quality, qualityOf } from "./quality.ts";
import { type LoadModel, runSamples } from "./run-samples.ts";

/** What a quantized program is to reach on the samples. */
export interface QuantizationGoal {
  /** Signal to noise of the worst output, in decibels. */
  readonly snr?: number;
  /** Share of rows of output 0 whose highest score is at the label. */
  readonly accuracy?: number;
  /** Bytes of the file's constants. */
  readonly maxBytes?: number;
}

/** What {@link searchRecipe} needs beside the goal. */
export interface SearchOptions extends QuantizeOptions {
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

/** What a search has found. */
export interface SearchResult extends Trial {
  /** Whether the goal is met; where it is not, this is the best that was found. */
  readonly met: boolean;
  /** Groups of layers that are not as the recipe said at first, and what they are instead. */
  readonly changed: readonly { readonly name: string; readonly choice: Choice; readonly ops: number }[];
  readonly runs: number;
}

/** Choices that are closer to floats, the cheapest first. */
const closer: Readonly<Record<Choice, readonly Choice[]>> = {
  int4: ["dynamic-int8", "fp16", "float"],
  "int4-block32": ["dynamic-int8", "fp16", "float"],
  "int4-block64": ["dynamic-int8", "fp16", "float"],
  "int4-block128": ["dynamic-int8", "fp16", "float"],
  "int4-block256": ["dynamic-int8", "fp16", "float"],
  "dynamic-int8": ["fp16", "float"],
  "weight-only-int8": ["fp16", "float"],
  int8: ["dynamic-int8", "fp16", "float"],
  int16x8: ["float"],
  fp16: ["float"],
  float: [],
};
/** Choices that take fewer bytes, the largest first. */
const smaller: Readonly<Record<Choice, readonly Choice[]>> = {
  float: ["fp16", "dynamic-int8", "int4-block32", "int4"],
  fp16: ["dynamic-int8", "int4-block32", "int4"],
  "dynamic-int8": ["int4-block32", "int4"],
  "weight-only-int8": ["int4-block32", "int4"],
  int8: ["int4-block32", "int4"],
  int16x8: ["int4-block32", "int4"],
  "int4-block32": ["int4"],
  "int4-block64": ["int4"],
  "int4-block128": ["int4"],
  "int4-block256": ["int4"],
  int4: [],
};

/** Runs that are kept for finding the fewest changes, once the groups are measured. */
const forVerifying = 12;
/** A group that makes this share of all noise is looked into. */
const loud = 0.2;

/** One change of one group, after those before it. */
interface Step {
  readonly group: LayerGroup;
  readonly choice: Choice;
  readonly worth: number;
}

/**
 * Finds which layers must not be quantized as a recipe says, so that a goal is met on samples: measures what each part of the program adds to
 * the error when it alone is quantized, orders changes by what they bring for what they cost, and runs programs with more and more of them.
 * The module is the lowered float program, and stays as it is.
 */
export async function searchRecipe(
  module: Module,
  recipe: Recipe,
  goal: QuantizationGoal,
  o: SearchOptions,
): Promise<SearchResult> {
  const search = new Search(module, recipe, goal, o);
  return search.run();
}

class Search {
  private readonly module: Module;
  private readonly base: Recipe;
  private readonly goal: QuantizationGoal;
  private readonly o: SearchOptions;
  private readonly most: number;
  private want: Awaited<ReturnType<typeof runSamples>> = [];
  private runs = 0;
  private readonly tried = new Map<string, Trial>();
  /** Each layer is measured without tuning its weights, by ranges that are found once; what is chosen is tried as it will be made. */
  private readonly quick: QuantizeOptions;

  constructor(module: Module, recipe: Recipe, goal: QuantizationGoal, o: SearchOptions) {
    this.module = module;
    this.base = recipe;
    this.goal = goal;
    this.o = o;
    this.most = o.mostRuns ?? 64;
    this.quick = { ...o, ...(o.calibration && { calibration: cachedCalibration(o.calibration) }) };
  }

  async run(): Promise<SearchResult> {
    const { load, set } = this.o;
    this.want = await runSamples(await this.finished(cloneModule(this.module), []), set.samples, load);
    const first = await this.tryOut([]);
    if (this.meets(first)) return { ...first, met: true, changed: [], runs: this.runs };
    const shrink = this.goal.maxBytes !== undefined && first.bytes > this.goal.maxBytes;
    const noises = await this.measure(shrink);
    const steps = await this.order(noises, shrink);
    return this.fewest(steps, first, shrink);
  }

  private meets(t: Trial, what: "all" | "quality" | "bytes" = "all"): boolean {
    const { snr, accuracy, maxBytes } = this.goal;
    const good =
      (snr === undefined || t.quality.snr >= snr) && (accuracy === undefined || (t.quality.accuracy ?? 0) >= accuracy);
    const small = maxBytes === undefined || t.bytes <= maxBytes;
    return what === "all" ? good && small : what === "quality" ? good : small;
  }

  /** Noise that each group makes when it alone is as the recipe says. Loud groups are taken apart while there are runs left. */
  private async measure(shrink: boolean): Promise<Map<LayerGroup, number>> {
    const nodes = quantizedNodes(this.module, this.base, this.o.compiler);
    let groups = groupLayers(nodes, Math.max(2, Math.floor((this.most - forVerifying) / 2)));
    const noises = new Map<LayerGroup, number>();
    for (let wanted = [...groups]; wanted.length; ) {
      for (const g of wanted) {
        if (this.runs >= this.most - forVerifying) return noises;
        noises.set(g, await this.noiseOf(groups, g));
      }
      const all = [...noises.values()].reduce((a, b) => a + b, 0);
      wanted = [];
      if (shrink) break;
      for (const [g, noise] of [...noises].sort((a, b) => b[1] - a[1])) {
        const parts = noise > loud * all || !Number.isFinite(noise) ? g.parts() : [];
        if (parts.length < 2 || this.runs + wanted.length + parts.length > this.most - forVerifying) continue;
        noises.delete(g);
        wanted.push(...parts);
      }
      groups = [...noises.keys(), ...wanted];
    }
    return noises;
  }

  private async noiseOf(groups: readonly LayerGroup[], only: LayerGroup): Promise<number> {
    const others = groups.filter((g) => g !== only).map((g): Rule => ({ ...g.selector, scheme: "float" }));
    const { quality } = await this.tryOut(others, this.quick);
    return noiseOf(quality);
  }

  /** Changes of all groups, those that bring the most for what they cost first. */
  private async order(noises: ReadonlyMap<LayerGroup, number>, shrink: boolean): Promise<readonly Step[]> {
    const whole = costOf(
      this.module.graphs.flatMap((g) => [...g.nodes]),
      () => "float",
    );
    const price = (group: LayerGroup, choice: Choice | undefined): number => {
      const c = costOf(group.nodes, (n) => choice ?? choiceFor(this.base, n));
      return shrink ? c.bytes : c.time / Math.max(1, whole.time) + c.bytes / Math.max(1, whole.bytes);
    };
    const ladder = shrink ? smaller[this.base.scheme] : closer[this.base.scheme];
    const all = Math.max(Number.MIN_VALUE, noiseOf((await this.tryOut([], this.quick)).quality));
    // how much less noise (or more) a choice makes, for the whole program
    const ratio = new Map<Choice, number>();
    for (const c of ladder) {
      if (c === "float") ratio.set(c, 0);
      else if (this.runs < this.most - forVerifying / 2) {
        const t = await this.tryOut(
          [...noises.keys()].map((g) => ({ ...g.selector, scheme: c })),
          this.quick,
        );
        ratio.set(c, noiseOf(t.quality) / all);
      }
    }
    const steps: Step[] = [];
    for (const [group, noise] of noises) {
      let [at, cost] = [noise, price(group, undefined)];
      const own: Step[] = [];
      for (const choice of ladder) {
        const r = ratio.get(choice);
        if (r === undefined) continue;
        const [next, nextCost] = [noise * r, price(group, choice)];
        if (!shrink && next >= at && own.length) continue;
        const worth = shrink
          ? Math.max(0, cost - nextCost) / Math.max(1e-30, next - at)
          : (Number.isFinite(at) ? at - next : 1e30) / Math.max(1e-9, nextCost - cost);
        own.push({ group, choice, worth });
        [at, cost] = [next, nextCost];
      }
      // a later change of a group comes after the earlier ones
      let least = Number.POSITIVE_INFINITY;
      for (const s of own) {
        least = Math.min(least, s.worth);
        steps.push({ ...s, worth: least });
      }
    }
    return steps.sort((a, b) => b.worth - a.worth);
  }

  /** The least number of changes, in their order, that meets the goal; found by halving, and then without those that are not needed. */
  private async fewest(steps: readonly Step[], first: Trial, shrink: boolean): Promise<SearchResult> {
    const choicesOf = (count: number) => new Map(steps.slice(0, count).map((s) => [s.group, s.choice]));
    // more changes only bring this closer; whether everything else is met is seen at the end
    const enough = (t: Trial): boolean => this.meets(t, shrink ? "bytes" : "quality");
    let chosen: ReadonlyMap<LayerGroup, Choice> = choicesOf(steps.length);
    let best = await this.tryOut(rulesOf(chosen));
    if (!enough(best)) {
      if (!this.better(best, first)) [best, chosen] = [first, new Map()];
      return this.result(best, chosen, false);
    }
    for (let [low, high] = [0, steps.length]; high - low > 1 && this.runs < this.most; ) {
      const middle = Math.floor((low + high) / 2);
      const choices = choicesOf(middle);
      const t = await this.tryOut(rulesOf(choices));
      if (enough(t)) [best, chosen, high] = [t, choices, middle];
      else low = middle;
    }
    // what came in for others may not be needed any more: the latest first
    for (const group of [...chosen.keys()].reverse()) {
      if (this.runs >= this.most) break;
      const without = new Map([...chosen].filter(([g]) => g !== group));
      const t = await this.tryOut(rulesOf(without));
      if (enough(t)) [best, chosen] = [t, without];
    }
    return this.result(best, chosen, this.meets(best));
  }

  private result(best: Trial, chosen: ReadonlyMap<LayerGroup, Choice>, met: boolean): SearchResult {
    const changed = [...chosen].map(([g, choice]) => ({ name: g.name, choice, ops: g.nodes.length }));
    return { ...best, met, changed, runs: this.runs };
  }

  private better(a: Trial, b: Trial): boolean {
    const { maxBytes, accuracy } = this.goal;
    if (maxBytes !== undefined && a.bytes > maxBytes !== b.bytes > maxBytes) return a.bytes <= maxBytes;
    if (maxBytes !== undefined && a.bytes > maxBytes) return a.bytes < b.bytes;
    if (accuracy !== undefined && a.quality.accuracy !== b.quality.accuracy)
      return (a.quality.accuracy ?? 0) > (b.quality.accuracy ?? 0);
    return a.quality.snr > b.quality.snr;
  }

  /** Takes a copy to what a file can hold. */
  private finished(copy: Module, passes: readonly Pass[]): Promise<Module> {
    const { compiler } = this.o;
    return runPasses(copy, [...passes, ...compiler.pipeline.finish], compiler, { verifyEach: false });
  }

  /** Quantizes a copy of the program by the base recipe with `more` rules, and runs it. */
  private async tryOut(more: readonly Rule[], options: QuantizeOptions = this.o): Promise<Trial> {
    const recipe: Recipe = more.length ? { ...this.base, rules: [...(this.base.rules ?? []), ...more] } : this.base;
    const key = `${options === this.quick} ${JSON.stringify(more)}`;
    const known = this.tried.get(key);
    if (known) return known;
    const { compiler, load, set } = this.o;
    const copy = await this.finished(cloneModule(this.module), quantizePasses(recipe, options));
    const got = await runSamples(copy, set.samples, load);
    const trial = {
      recipe,
      quality: qualityOf(graphOf(this.module), this.want, got, set.labels),
      bytes: constantBytes(copy, compiler),
    };
    this.tried.set(key, trial);
    this.o.progress?.(++this.runs, this.most);
    return trial;
  }
}

/** Rules that say what is chosen. */
const rulesOf = (choices: ReadonlyMap<LayerGroup, Choice>): Rule[] =>
  [...choices].map(([g, scheme]) => ({ ...g.selector, scheme }));

/** Noise to signal of the worst output. */
const noiseOf = (q: Quality): number =>
  q.snr === Number.NEGATIVE_INFINITY ? Number.POSITIVE_INFINITY : 10 ** (-q.snr / 10);

/** Bytes of all constants of the file that a module becomes, those that tensors share once. */
function constantBytes(module: Module, compiler: Compiler): number {
  const file = toTfliteFile(module, compiler);
  const buffers = new Set(file.subgraphs.flatMap((g) => g.tensors.flatMap((t) => (t.buffer ? [t.buffer] : []))));
  return [...buffers].reduce((n, b) => n + b.byteLength, 0);
}
