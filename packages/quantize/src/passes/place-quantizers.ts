import {
  type Diagnostic,
  definePass,
  type Graph,
  loadConstant,
  type Module,
  type Node,
  type PassContext,
  Rewriter,
  tensor,
  type Value,
} from "@tflower/core";
import { activationQuantization, type Range } from "../activations/activation-quantization.ts";
import { activationsOf, chooseIntegerNodes } from "../activations/choose-integer-nodes.ts";
import { chooseRanges, type EstimateRange } from "../activations/choose-ranges.ts";
import type { ActivationDType } from "../activations/draft-use.ts";
import { prepareTrial, rangeWays, tryRanges } from "../activations/search-ranges.ts";
import type { Calibration } from "../calibration.ts";
import type { QuantizeCode } from "../codes.ts";
import { type Quantizers, quantizersOf } from "../quantizers.ts";
import { bodyOf } from "../ranges/body.ts";
import type { Recipe } from "../recipe.ts";
import type { Statistics } from "../statistics/statistics.ts";
import { valueNames } from "../value-names.ts";
import { isStoredAs, typeOfWeights, weightsOf } from "../weights/plan-weights.ts";
import { integersOf, quantizedConstant, realsOf } from "../weights/store-weights.ts";
import { observedGraph } from "./observed-graph.ts";

/** What {@link placeQuantizers} needs beside the recipe. */
export interface PlaceOptions {
  readonly calibration: Calibration;
  readonly estimate: EstimateRange;
  /** Whether other ways to find ranges are tried on samples, where there are some. */
  readonly search?: boolean;
}

/**
 * Makes a pass that puts QUANTIZE and DEQUANTIZE behind every value that is to be an integer. What comes out still computes with floats, the
 * ones that integers can stand for: it runs, and shows what quantization costs, before any op is replaced.
 */
export const placeQuantizers = (recipe: Recipe, options: PlaceOptions) =>
  definePass({
    name: "place-quantizers",
    summary: "Puts QUANTIZE and DEQUANTIZE where a recipe wants integers.",
    scope: "module",
    run: (module, context) => placeAll(module, recipe, options, context),
  })();

async function placeAll(module: Module, recipe: Recipe, o: PlaceOptions, context: PassContext): Promise<void> {
  const chosen = new Map<Graph, ReadonlyMap<Node, ActivationDType>>();
  const wanted = new Map<Graph, ReadonlySet<Value>>();
  for (const graph of module.graphs) {
    const nodes = chooseIntegerNodes(graph, recipe, context.compiler);
    if (nodes.size === 0) continue;
    chosen.set(graph, nodes);
    wanted.set(graph, valuesOf(nodes));
  }
  if (chosen.size === 0) return;
  const statistics = await o.calibration.statistics(module, wanted);
  for (const graph of [...chosen.keys()]) {
    const masked = maskedValues(graph, wanted.get(graph)!, statistics);
    if (masked.size === 0) continue;
    const nodes = chooseIntegerNodes(graph, recipe, context.compiler, masked);
    chosen.set(graph, nodes);
    wanted.set(graph, valuesOf(nodes));
    if (nodes.size === 0) chosen.delete(graph);
  }
  const { observe } = o.calibration;
  const seen = observe && o.search ? observedGraph(module) : undefined;
  const only = seen && chosen.get(seen) && new Map([[seen, wanted.get(seen)!]]);
  const eight = only && [...chosen.get(seen)!.values()].includes("i8");
  const trial = eight ? await prepareTrial(module, seen, only, observe!) : undefined;
  for (const [graph, nodes] of chosen) {
    const values = wanted.get(graph)!;
    const still = withoutRange(graph, values, statistics);
    if (still) context.report(still);
    const ways = graph === seen && trial ? rangeWays : [{ name: "", estimate: o.estimate }];
    const rangesBy = (from: Statistics) =>
      ways.map(({ name, estimate }) => ({ name, of: chooseRanges(graph, nodes, values, from, estimate) }));
    const ranges = rangesBy(statistics);
    const onTrial = ways.length > 1 ? rangesBy(trial!.statistics) : [];
    const placing = new Placing(graph, nodes, ranges[0]!.of, context);
    await placing.run(values);
    if (onTrial.length === 0) continue;
    const { best, said } = await tryRanges(module, graph, trial!, onTrial, (w) => placing.useRanges(w.of), observe!);
    placing.useRanges(ranges[onTrial.indexOf(best)]!.of);
    context.report({ severity: "note", code: "QNT0302" satisfies QuantizeCode, message: said });
  }
}

/** What integer nodes read and compute. */
const valuesOf = (nodes: ReadonlyMap<Node, ActivationDType>): ReadonlySet<Value> =>
  new Set([...nodes.keys()].flatMap((n) => [...activationsOf(n), ...n.results]));

/** Values that held masks, infinities or what stands for them: no integers have room for those and for the others. */
function maskedValues(graph: Graph, values: ReadonlySet<Value>, statistics: Statistics): ReadonlySet<Value> {
  const names = valueNames(graph);
  return new Set(
    [...values].filter((v) => {
      const seen = statistics.values[names.get(v)!];
      return seen && (seen.extreme > 0 || seen.nonFinite > 0 || (bodyOf(seen)?.masked ?? 0) > 0);
    }),
  );
}

/** Says which values never changed, if any: what integers stand for is a guess there. */
function withoutRange(graph: Graph, values: ReadonlySet<Value>, statistics: Statistics): Diagnostic | undefined {
  const names = valueNames(graph);
  const still = [...values].flatMap((v) => {
    const seen = statistics.values[names.get(v)!];
    return seen && !(seen.max > seen.min) ? [names.get(v)!] : [];
  });
  if (still.length === 0) return undefined;
  return {
    severity: "note",
    code: "QNT0008" satisfies QuantizeCode,
    message: `${still.length} ${still.length > 1 ? "values had one number" : "value had one number"} in all samples, so nothing is known of the range: ${still.slice(0, 3).join(", ")}${still.length > 3 ? ", ..." : ""}`,
    help: "give samples that differ as the inputs will, or leave these ops float with a rule of the recipe",
  };
}

class Placing {
  private readonly rewriter: Rewriter;
  private readonly quantizers: Quantizers;
  private readonly graph: Graph;
  private readonly nodes: ReadonlyMap<Node, ActivationDType>;
  private rangeOf: (v: Value) => Range;
  /** Integers that are placed, and what they stand for. */
  private readonly placed: { readonly integers: Value; readonly of: Value; readonly dtype: ActivationDType }[] = [];
  private readonly context: PassContext;

  constructor(
    graph: Graph,
    nodes: ReadonlyMap<Node, ActivationDType>,
    rangeOf: (v: Value) => Range,
    context: PassContext,
  ) {
    this.graph = graph;
    this.nodes = nodes;
    this.rangeOf = rangeOf;
    this.context = context;
    this.rewriter = new Rewriter(graph);
    this.quantizers = quantizersOf(context.compiler);
  }

  async run(values: ReadonlySet<Value>): Promise<void> {
    // weights first: their nodes still read the values that ranges are known of
    for (const node of this.nodes.keys()) await this.roundWeights(node);
    for (const v of values) this.placeBehind(v);
  }

  /** Gives the quantizers other ranges. */
  useRanges(rangeOf: (v: Value) => Range): void {
    this.rangeOf = rangeOf;
    for (const { integers, of, dtype } of this.placed)
      integers.type = tensor(dtype, of.type.shape, activationQuantization(rangeOf(of), dtype));
    this.graph.version++;
  }

  private placeBehind(v: Value): void {
    const own = v.producer && this.nodes.get(v.producer);
    const readers = new Map<ActivationDType, Node[]>();
    for (const user of v.users) {
      const dtype = this.nodes.get(user);
      if (dtype) readers.set(dtype, [...(readers.get(dtype) ?? []), user]);
    }
    const first = v.producer ? v.producer.next : this.graph.first;
    const place = { ...(first && { before: first }), locations: v.producer?.locations ?? [] };
    const through = (from: Value, dtype: ActivationDType): Value => {
      const type = tensor(dtype, v.type.shape, activationQuantization(this.rangeOf(v), dtype));
      const { quantize, dequantize } = this.quantizers;
      const q = this.rewriter.create(quantize, { input: from }, {}, { ...place, types: [type] }).results[0]!;
      this.placed.push({ integers: q, of: v, dtype });
      this.context.count(dtype);
      return this.rewriter.create(dequantize, { input: q }, {}, place).results[0]!;
    };
    let base = v;
    if (own) {
      base = through(v, own);
      const quantizer = base.producer!.inputs[0]!.producer!;
      this.rewriter.replaceAllUses(v, base);
      this.rewriter.setOperands(quantizer, { input: v });
    }
    for (const [dtype, users] of readers) {
      if (dtype === own) continue;
      const d = through(base, dtype);
      for (const user of users) this.redirect(user, base, d);
    }
  }

  private redirect(user: Node, from: Value, to: Value): void {
    const swap = (x: Value | undefined): Value | undefined => (x === from ? to : x);
    const operands = Object.fromEntries(
      Object.entries(user.operands_).map(([k, x]) => [k, Array.isArray(x) ? x.map(swap) : swap(x as Value)]),
    );
    this.rewriter.setOperands(user, operands as never);
  }

  /** Weights become those that 8-bit integers stand for. */
  private async roundWeights(node: Node): Promise<void> {
    const weights = weightsOf(node);
    if (!weights) return;
    const scheme = { dtype: "i8", granularity: "channel" } as const;
    const known = integersOf(weights.constant)?.type;
    const rounded = known && isStoredAs(known, scheme);
    const type = rounded ? known : await typeOfWeights(weights, scheme);
    if (typeof type === "string") return;
    const scales = await this.roomForBias(node, type.quant!.scales);
    if (rounded && scales.every((s, i) => s === type.quant!.scales[i])) return;
    const quant = { ...type.quant!, scales };
    const integers = quantizedConstant(this.quantizers, weights.constant, { ...type, quant });
    const value = this.rewriter.constant(
      realsOf(this.quantizers, integers),
      (node.operands_[weights.operand] as Value).name,
    );
    this.rewriter.setOperands(node, { ...node.operands_, [weights.operand]: value });
  }

  /** Scales of weights that leave room for the bias, whose integers have the product of theirs and the input's. */
  private async roomForBias(node: Node, scales: readonly number[]): Promise<readonly number[]> {
    const trait = node.op.traits.accumulator;
    const bias = trait && (node.operands_[trait.bias] as Value | undefined);
    if (!trait || !bias?.constant) return scales;
    const input = node.operands_[trait.operands[0]] as Value;
    const { scales: at } = activationQuantization(this.rangeOf(input), this.nodes.get(node)!);
    const { data } = await loadConstant(bias.constant);
    return scales.map((s, i) => Math.max(s, Math.fround(Math.abs(Number(data[i] ?? 0)) / (at[0]! * 2 ** 30))));
  }
}
