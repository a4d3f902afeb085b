import type { Compiler, Module, Node } from "@tflower/core";
import { type Choice, choiceFor, type Recipe, type Rule, weightsOf } from "@tflower/quantize";
import { costOf } from "./layer-cost.ts";
import { groupLayers, type LayerGroup, quantizedNodes } from "./layer-groups.ts";
import type { Quality } from "./quality.ts";
import { RecipeTrials, type Trial, type TrialOptions } from "./recipe-trials.ts";

/** What a quantized program is to reach on the samples. */
export interface QuantizationGoal {
  /** Signal to noise of the worst output, in decibels. */
  readonly snr?: number;
  /** Share of rows of output 0 whose highest score is at the label. */
  readonly accuracy?: number;
  /** Bytes of the file's constants. */
  readonly maxBytes?: number;
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

/** What takes the fewest bytes: groups are measured with it where the file has to become smaller. */
const smallest: Choice = "int4";

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
  o: TrialOptions,
): Promise<SearchResult> {
  const search = new Search(module, recipe, goal, o);
  return search.run();
}

class Search {
  private readonly module: Module;
  private readonly base: Recipe;
  private readonly goal: QuantizationGoal;
  private readonly compiler: Compiler;
  private readonly trials: RecipeTrials;
  /** Decibels that weights fitted to the samples bring, by which a plain trial is better than it looks. */
  private fitted = 0;

  constructor(module: Module, recipe: Recipe, goal: QuantizationGoal, o: TrialOptions) {
    this.module = module;
    this.base = recipe;
    this.goal = goal;
    this.compiler = o.compiler;
    this.trials = new RecipeTrials(module, recipe, o);
  }

  async run(): Promise<SearchResult> {
    const first = await this.trials.run([], "made");
    if (this.meets(first)) return this.result(first, new Map(), true);
    const plain = await this.trials.run([], "plain");
    const gained = first.quality.snr - plain.quality.snr;
    if (Number.isFinite(gained)) this.fitted = gained;
    const shrink = this.goal.maxBytes !== undefined && first.bytes > this.goal.maxBytes;
    const noises = await this.measure(shrink);
    const steps = await this.order(noises, shrink);
    return this.fewest(steps, first, shrink);
  }

  private meets(t: Trial, what: "all" | "quality" | "bytes" = "all", gained = 0): boolean {
    const { snr, accuracy, maxBytes } = this.goal;
    const good =
      (snr === undefined || t.quality.snr + gained >= snr) &&
      (accuracy === undefined || (t.quality.accuracy ?? 0) >= accuracy);
    const small = maxBytes === undefined || t.bytes <= maxBytes;
    return what === "all" ? good && small : what === "quality" ? good : small;
  }

  /** Noise that each group makes when it alone is quantized. Loud groups are taken apart while there are runs left. */
  private async measure(shrink: boolean): Promise<Map<LayerGroup, number>> {
    const { trials } = this;
    const nodes = shrink ? this.weighted() : quantizedNodes(this.module, this.base, this.compiler);
    let groups = groupLayers(nodes, Math.max(2, Math.floor((trials.left - forVerifying) / 2)));
    const noises = new Map<LayerGroup, number>();
    for (let wanted = [...groups]; wanted.length; ) {
      for (const g of wanted) {
        if (trials.left <= forVerifying) return noises;
        noises.set(g, await this.noiseOf(groups, g, shrink));
      }
      const all = [...noises.values()].reduce((a, b) => a + b, 0);
      wanted = [];
      for (const [g, noise] of [...noises].sort((a, b) => b[1] - a[1])) {
        const parts = noise > loud * all || !Number.isFinite(noise) ? g.parts() : [];
        if (parts.length < 2 || wanted.length + parts.length > trials.left - forVerifying) continue;
        noises.delete(g);
        wanted.push(...parts);
      }
      groups = [...noises.keys(), ...wanted];
    }
    return noises;
  }
  private weighted(): readonly Node[] {
    return this.module.graphs.flatMap((g) => [...g.nodes].filter((n) => weightsOf(n) !== undefined));
  }

  private async noiseOf(groups: readonly LayerGroup[], only: LayerGroup, shrink: boolean): Promise<number> {
    const rules = groups.filter((g) => g !== only).map((g): Rule => ({ ...g.selector, scheme: "float" }));
    if (shrink) rules.push({ ...only.selector, scheme: smallest });
    return noiseOf((await this.trials.run(rules, "plain")).quality);
  }

  /**
   * How much noise choices make for the whole program, where what the groups were measured with makes 1. It ends with the first choice that
   * is enough for all groups: more is not needed for any.
   */
  private async noiseBy(
    groups: readonly LayerGroup[],
    ladder: readonly Choice[],
    shrink: boolean,
  ): Promise<ReadonlyMap<Choice | undefined, number>> {
    const { trials } = this;
    const everywhere = (scheme: Choice): Promise<Trial> =>
      trials.run(
        groups.map((g) => ({ ...g.selector, scheme })),
        "plain",
      );
    const base = await trials.run([], "plain");
    const unit = Math.max(Number.MIN_VALUE, noiseOf((shrink ? await everywhere(smallest) : base).quality));
    const out = new Map<Choice | undefined, number>([[undefined, noiseOf(base.quality) / unit]]);
    for (const c of ladder) {
      if (c === "float" || trials.left <= forVerifying / 2) {
        if (c === "float") out.set(c, 0);
        continue;
      }
      const t = await everywhere(c);
      out.set(c, noiseOf(t.quality) / unit);
      if (this.meets(t, shrink ? "bytes" : "quality")) break;
    }
    return out;
  }

  /** Changes of all groups, those that bring the most for what they cost first. */
  private async order(noises: ReadonlyMap<LayerGroup, number>, shrink: boolean): Promise<readonly Step[]> {
    const all = this.module.graphs.flatMap((g) => [...g.nodes]);
    const whole = costOf(all, () => "float");
    const price = (group: LayerGroup, choice: Choice | undefined): number => {
      const c = costOf(group.nodes, (n) => choice ?? choiceFor(this.base, n));
      return shrink ? c.bytes : c.time / Math.max(1, whole.time) + c.bytes / Math.max(1, whole.bytes);
    };
    const ladder = shrink ? smaller[this.base.scheme] : closer[this.base.scheme];
    const by = await this.noiseBy([...noises.keys()], ladder, shrink);
    const steps: Step[] = [];
    for (const [group, noise] of noises) {
      let [at, cost] = [noise * by.get(undefined)!, price(group, undefined)];
      // a later change of a group comes after the earlier ones
      let least = Number.POSITIVE_INFINITY;
      for (const choice of ladder) {
        const r = by.get(choice);
        if (r === undefined) continue;
        const [next, nextCost] = [noise * r, price(group, choice)];
        if (shrink ? nextCost >= cost : next >= at && choice !== "float") continue;
        const worth = shrink
          ? (cost - nextCost) / Math.max(1e-30, next - at)
          : (Number.isFinite(at) ? at - next : 1e30) / Math.max(1e-9, nextCost - cost);
        least = Math.min(least, worth);
        steps.push({ group, choice, worth: least });
        [at, cost] = [next, nextCost];
      }
    }
    return steps.sort((a, b) => b.worth - a.worth);
  }

  /**
   * The least number of changes, in their order, that meets the goal: found by halving, then without those that are not needed, both by plain
   * trials. What is chosen is tried as it will be made, with more changes until that is enough.
   */
  private async fewest(steps: readonly Step[], first: Trial, shrink: boolean): Promise<SearchResult> {
    const { trials } = this;
    const choicesOf = (count: number): Choices => new Map(steps.slice(0, count).map((s) => [s.group, s.choice]));
    // more changes only bring this closer; whether everything else is met is seen at the end
    const what = shrink ? "bytes" : "quality";
    const enough = async (c: Choices): Promise<boolean> =>
      this.meets(await trials.run(rulesOf(c), "plain"), what, this.fitted);
    let high = steps.length;
    for (let low = 0; high - low > 1 && trials.left > forVerifying / 3; ) {
      const middle = Math.floor((low + high) / 2);
      if (await enough(choicesOf(middle))) high = middle;
      else low = middle;
    }
    let chosen: Choices = choicesOf(high);
    // what came in for others may not be needed any more, or not as much of it: the latest first
    for (const group of [...chosen.keys()].reverse()) {
      const before = steps.filter((x) => x.group === group).map((x) => x.choice);
      for (const choice of [undefined, ...before.slice(0, before.indexOf(chosen.get(group)!))]) {
        if (trials.left <= forVerifying / 3) break;
        const less = new Map(chosen);
        if (choice === undefined) less.delete(group);
        else less.set(group, choice);
        if (!(await enough(less))) continue;
        chosen = less;
        break;
      }
    }
    let best = await trials.run(rulesOf(chosen), "made");
    for (let more = high; !this.meets(best, what) && more < steps.length; ) {
      more = trials.left > 1 ? Math.min(steps.length, more + Math.ceil((steps.length - more) / 3)) : steps.length;
      const t = await trials.run(rulesOf(choicesOf(more)), "made");
      if (this.meets(t, what) || this.better(t, best)) [best, chosen] = [t, choicesOf(more)];
    }
    if (!this.meets(best, what) && this.better(first, best)) [best, chosen] = [first, new Map()];
    return this.result(best, chosen, this.meets(best));
  }

  private result(best: Trial, chosen: Choices, met: boolean): SearchResult {
    const changed = [...chosen].map(([g, choice]) => ({ name: g.name, choice, ops: g.nodes.length }));
    return { ...best, met, changed, runs: this.trials.runs };
  }

  private better(a: Trial, b: Trial): boolean {
    const { maxBytes, accuracy } = this.goal;
    if (maxBytes !== undefined && a.bytes > maxBytes !== b.bytes > maxBytes) return a.bytes <= maxBytes;
    if (maxBytes !== undefined && a.bytes > maxBytes) return a.bytes < b.bytes;
    if (accuracy !== undefined && a.quality.accuracy !== b.quality.accuracy)
      return (a.quality.accuracy ?? 0) > (b.quality.accuracy ?? 0);
    return a.quality.snr > b.quality.snr;
  }
}

type Choices = ReadonlyMap<LayerGroup, Choice>;

/** Rules that say what is chosen. */
const rulesOf = (choices: Choices): Rule[] => [...choices].map(([g, scheme]) => ({ ...g.selector, scheme }));

/** Noise to signal of the worst output. */
const noiseOf = (q: Quality): number =>
  q.snr === Number.NEGATIVE_INFINITY ? Number.POSITIVE_INFINITY : 10 ** (-q.snr / 10);
