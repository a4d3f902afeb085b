import {
  type Constant,
  constantByteLength,
  dataConstant,
  definePass,
  type Graph,
  loadConstant,
  type Module,
  type Node,
  numbersOf,
  type PassContext,
  Rewriter,
  tensor,
  tensorData,
  type Value,
  wrap,
} from "@tflower/core";
import type { Calibration } from "../calibration.ts";
import type { QuantizeCode } from "../codes.ts";
import { type Quantizers, quantizersOf } from "../quantizers.ts";
import type { Recipe } from "../recipe.ts";
import type { WeightScheme } from "../scheme.ts";
import { collectMoments, lotsOf } from "../tuning/collect-moments.ts";
import { type Layer, layerOf } from "../tuning/layer.ts";
import { decibels, outputError, outputsOf } from "../tuning/output-error.ts";
import { smallEnds, widerThan } from "../tuning/small-ends.ts";
import { type TunedLayer, tuneLayer } from "../tuning/tune-layer.ts";
import { roundedToHalf } from "../weights/halve-weights.ts";
import { planWeights, typeOfWeights, type WeightPlan, type Weights, weightsOf } from "../weights/plan-weights.ts";
import { integersOf, quantizedConstant, realsOf } from "../weights/store-weights.ts";
import { observedGraph } from "./observed-graph.ts";
import { schemeOf } from "./scheme-of.ts";

/** What {@link tuneWeights} may do, and with what. */
export interface TuneWeightsOptions {
  readonly calibration: Calibration;
  readonly rounding: "nearest" | "gptq";
  readonly biasCorrection: boolean;
}

/** Bytes of products that are in memory at a time. */
const lotBytes = 192 * 1024 * 1024;
/** Integers that are kept until they are written: weights beyond this many bytes are rounded to the nearest. */
const mostKept = 256 * 1024 * 1024;

/**
 * Makes a pass that rounds weights by what they are multiplied with, as samples show it, and takes the mean error of each channel into its bias.
 * What comes out still computes with floats. Samples are run before and after, and where the outputs got no better nothing is changed.
 */
export const tuneWeights = (recipe: Recipe, options: TuneWeightsOptions) =>
  definePass({
    name: "tune-weights",
    summary: "Rounds weights by what they are multiplied with, where samples show that outputs get better.",
    scope: "module",
    run: (module, context) => new Tuning(module, recipe, options, context).run(),
  })();

interface Job {
  readonly layer: Layer;
  readonly scheme: WeightScheme;
}

/** More bits are worth their bytes where the error falls below this share of what it was. */
const worthWider = 0.8;

/** What a layer reads instead: weights, and maybe a bias. */
interface Change {
  readonly weights: Constant;
  readonly bias?: Constant;
}

class Tuning {
  private readonly module: Module;
  private readonly recipe: Recipe;
  private readonly options: TuneWeightsOptions;
  private readonly context: PassContext;
  private readonly quantizers: Quantizers;

  constructor(module: Module, recipe: Recipe, options: TuneWeightsOptions, context: PassContext) {
    this.module = module;
    this.recipe = recipe;
    this.options = options;
    this.context = context;
    this.quantizers = quantizersOf(context.compiler);
  }

  async run(): Promise<void> {
    const graph = observedGraph(this.module);
    const { observe } = this.options.calibration;
    if (!graph || !observe) return;
    const jobs = this.jobsOf(graph);
    if (jobs.length === 0) return;
    const right = await outputsOf(this.module, graph, observe);
    if (right.size === 0) return;
    const ends = smallEnds(graph, (node) => (this.staysAsItIs(node) ? undefined : this.storedIn(node)));
    const touched = [...new Set([...jobs.map((j) => j.layer.node), ...ends.map((w) => w.node)])];
    const before = touched.map((n) => n.operands_);
    const tuned = new Map<Job, TunedLayer>();
    const wide = new Map<Weights, Change>();
    for (const lot of lotsOf(
      jobs.map((j) => j.layer),
      lotBytes,
    )) {
      const moments = await collectMoments(this.module, graph, lot, observe);
      for (const job of jobs) {
        const halves = moments.get(job.layer);
        if (!halves) continue;
        const weights = numbersOf(await loadConstant(job.layer.constant));
        if (weights.some((x) => !Number.isFinite(x))) continue;
        tuned.set(job, tuneLayer(job.layer, weights, job.scheme, halves, this.options));
        const end = ends.find((w) => w.node === job.layer.node);
        if (!end) continue;
        const wider = { layer: job.layer, scheme: widerThan(job.scheme)! };
        const t = tuneLayer(job.layer, weights, wider.scheme, halves, this.options);
        const bias = t.correction && (await correctedBias(job.layer, t.correction));
        wide.set(end, { weights: this.weightsOf(wider, t), ...(bias && { bias }) });
      }
    }
    const variants: { readonly name: string; readonly error: number; readonly changes: Map<Job, Change> }[] = [];
    const measure = async (name: string, changes: Map<Job, Change>): Promise<void> => {
      this.apply(graph, changes);
      const error = outputError(right, await outputsOf(this.module, graph, observe));
      for (const [k, node] of touched.entries()) this.restore(graph, node, before[k]!);
      variants.push({ name, error, changes });
    };
    await measure("nearest", await this.nearestChanges(jobs));
    await measure("tuned", await this.changesOf(tuned, true));
    if ([...tuned.values()].some((t) => t.correction)) await measure("uncorrected", await this.changesOf(tuned, false));
    const best = variants.reduce((a, b) => (b.error < a.error ? b : a));
    this.note(variants[0]!.error, variants, best.name);
    const widened = await this.widenEnds(graph, ends, wide, best, async () => {
      const error = outputError(right, await outputsOf(this.module, graph, observe));
      for (const [k, node] of touched.entries()) this.restore(graph, node, before[k]!);
      return error;
    });
    if (best.name === "nearest" && !widened) return;
    if (best.name !== "nearest") {
      this.apply(graph, best.changes);
      this.applyElsewhere(graph, best.changes);
    }
    if (widened) for (const [{ node }, change] of wide) this.change(graph, node, change);
    if (best.name === "nearest") return;
    for (const [job, t] of tuned) this.context.count(`${job.scheme.dtype} by ${t.shrink < 1 ? "products" : "squares"}`);
    this.context.count("biases", [...best.changes.values()].filter((c) => c.bias).length);
  }

  /** How the weights of a node are stored, where they are. */
  private storedIn(node: Node): WeightScheme | undefined {
    const weights = weightsOf(node);
    const scheme = weights && schemeOf(node, this.recipe, this.context.compiler);
    return weights && scheme && storedAs(weights, scheme, this.context.compiler);
  }

  private activationsOf(node: Node): string | undefined {
    return schemeOf(node, this.recipe, this.context.compiler)?.activations;
  }

  /** Layers that compute on integers need them: only tables in front of such may have more bits. */
  private staysAsItIs(node: Node): boolean {
    const activations = this.activationsOf(node);
    return (activations === "i8" || activations === "i16") && node.op.traits.accumulator !== undefined;
  }

  /** Tries whether tables and layers at the ends of the program are worth more bits. */
  private async widenEnds(
    graph: Graph,
    ends: readonly Weights[],
    wide: Map<Weights, Change>,
    best: { readonly error: number; readonly changes: Map<Job, Change> },
    measure: () => Promise<number>,
  ): Promise<boolean> {
    if (ends.length === 0) return false;
    for (const end of ends) {
      if (wide.has(end)) continue;
      const wider = widerThan(this.storedIn(end.node)!)!;
      if (wider.dtype === "f16") {
        wide.set(end, { weights: roundedToHalf(end.constant) });
        continue;
      }
      const type = await typeOfWeights(end, wider as WeightPlan["scheme"]);
      if (typeof type === "string") continue;
      wide.set(end, { weights: realsOf(this.quantizers, quantizedConstant(this.quantizers, end.constant, type)) });
    }
    this.apply(graph, best.changes);
    // tables have been floats so far: what few bits do to them has to show
    for (const end of ends) {
      const stored = this.storedIn(end.node) as WeightPlan["scheme"];
      const type = layerOf(end.node) ? "tuned" : await typeOfWeights(end, stored);
      if (typeof type === "string") continue;
      const weights = realsOf(this.quantizers, quantizedConstant(this.quantizers, end.constant, type));
      this.change(graph, end.node, { weights });
    }
    const narrow = await measure();
    this.apply(graph, best.changes);
    for (const [{ node }, change] of wide) this.change(graph, node, change);
    const error = await measure();
    const worth = error < worthWider * narrow;
    this.context.report({
      severity: "note",
      code: "QNT0301" satisfies QuantizeCode,
      message: `outputs of samples with ${ends.length} small table${ends.length > 1 ? "s and layers" : " or layer"} at the ends of the program as the recipe stores them: ${decibels(narrow)}; in twice the bits: ${decibels(error)}; taken: ${worth ? "twice the bits" : "as the recipe says"}`,
    });
    return worth;
  }

  /** Layers whose weights nobody else reads in another way, and how their weights are stored. */
  private jobsOf(graph: Graph): readonly Job[] {
    const { compiler } = this.context;
    const readers = new Map<string, number>();
    for (const node of graph.nodes) {
      const w = weightsOf(node);
      if (w) readers.set(w.constant.key, (readers.get(w.constant.key) ?? 0) + 1);
    }
    const jobs: Job[] = [];
    let bytes = 0;
    for (const node of graph.nodes) {
      const layer = layerOf(node);
      const scheme = layer && schemeOf(node, this.recipe, compiler);
      if (!layer || !scheme || readers.get(layer.constant.key) !== 1 || integersOf(layer.constant)) continue;
      const stored = storedAs(layer, scheme, compiler);
      bytes += constantByteLength(layer.constant) / (stored.dtype === "f16" ? 1 : 4);
      if (bytes > mostKept) break;
      jobs.push({ layer, scheme: stored });
    }
    return jobs;
  }

  private async nearestChanges(jobs: readonly Job[]): Promise<Map<Job, Change>> {
    const out = new Map<Job, Change>();
    for (const job of jobs) {
      const { scheme, layer } = job;
      if (scheme.dtype === "f16") {
        out.set(job, { weights: roundedToHalf(layer.constant) });
        continue;
      }
      const type = await typeOfWeights(layer, scheme as WeightScheme & { readonly dtype: "i8" | "i4" });
      if (typeof type === "string") continue;
      out.set(job, { weights: realsOf(this.quantizers, quantizedConstant(this.quantizers, layer.constant, type)) });
    }
    return out;
  }

  private async changesOf(tuned: ReadonlyMap<Job, TunedLayer>, corrected: boolean): Promise<Map<Job, Change>> {
    const out = new Map<Job, Change>();
    for (const [job, t] of tuned) {
      // a layer on 16-bit integers takes eleven times as long with a bias as without
      const free = job.layer.bias !== undefined || this.activationsOf(job.layer.node) !== "i16";
      const bias = corrected && free && t.correction ? await correctedBias(job.layer, t.correction) : undefined;
      out.set(job, { weights: this.weightsOf(job, t), ...(bias && { bias }) });
    }
    return out;
  }

  private weightsOf({ layer, scheme }: Job, t: TunedLayer): Constant {
    const { shape } = layer.constant.type;
    if (!t.codes || !t.scales || scheme.dtype === "f16")
      return roundedToHalf(dataConstant(wrap(tensor("f32", shape), t.values)));
    const scales = [...t.scales];
    const quant =
      typeof scheme.granularity === "object"
        ? { scales, zeroPoints: [], block: scheme.granularity.block }
        : { scales, zeroPoints: scales.map(() => 0), axis: layer.axis };
    return realsOf(this.quantizers, dataConstant(wrap(tensor(scheme.dtype, shape, quant), t.codes)));
  }

  private apply(graph: Graph, changes: ReadonlyMap<Job, Change>): void {
    for (const [{ layer }, change] of changes) this.change(graph, layer.node, change);
  }

  private change(graph: Graph, node: Node, { weights, bias }: Change): void {
    const rewriter = new Rewriter(graph);
    const { operand } = node.op.traits.weights!;
    const named = (c: Constant, k: string): Value =>
      rewriter.constant(c, (node.operands_[k] as Value | undefined)?.name);
    const at = node.op.traits.accumulator?.bias;
    rewriter.setOperands(node, {
      ...node.operands_,
      [operand]: named(weights, operand),
      ...(bias && at !== undefined && { [at]: named(bias, at) }),
    });
  }

  private restore(graph: Graph, node: Node, operands: Node["operands_"]): void {
    new Rewriter(graph).setOperands(node, operands);
  }

  /** Other graphs that share a layer go on sharing it. */
  private applyElsewhere(observed: Graph, changes: ReadonlyMap<Job, Change>): void {
    const known = new Map([...changes].map(([{ layer }, c]) => [`${layer.constant.key} ${layer.bias?.key}`, c]));
    for (const graph of this.module.graphs) {
      if (graph === observed) continue;
      for (const node of [...graph.nodes]) {
        const layer = layerOf(node);
        const change = layer && known.get(`${layer.constant.key} ${layer.bias?.key}`);
        if (change) this.change(graph, node, change);
      }
    }
  }

  private note(
    nearest: number,
    variants: readonly { readonly name: string; readonly error: number }[],
    best: string,
  ): void {
    const of = (name: string): number | undefined => variants.find((v) => v.name === name)?.error;
    const shown = [of("tuned"), of("uncorrected")].map((e) => (e === undefined ? "-" : decibels(e)));
    this.context.report({
      severity: "note",
      code: "QNT0301",
      message: `outputs of samples with weights rounded to the nearest: ${decibels(nearest)}; by what they are multiplied with: ${shown[1] === "-" ? shown[0] : `${shown[1]}, and biases corrected: ${shown[0]}`}; taken: ${best}`,
    });
  }
}

/** How a scheme stores the weights of a layer. */
function storedAs(
  layer: Weights,
  scheme: NonNullable<ReturnType<typeof schemeOf>>,
  compiler: PassContext["compiler"],
): WeightScheme {
  if (scheme.weights.dtype === "f16") return scheme.weights;
  if (scheme.activations === "i8" || scheme.activations === "i16") return { dtype: "i8", granularity: "channel" };
  return planWeights(layer, scheme, compiler).scheme;
}

async function correctedBias(layer: Layer, correction: Float32Array): Promise<Constant | undefined> {
  if (layer.node.op.traits.accumulator === undefined) return undefined;
  if (!layer.bias) return dataConstant(tensorData("f32", [correction.length], correction));
  const old = await loadConstant(layer.bias);
  const values = numbersOf(old);
  const out = Float32Array.from(correction, (x, i) => values[i]! + x);
  return dataConstant(wrap(old.type, out));
}
