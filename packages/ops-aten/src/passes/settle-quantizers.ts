import { tfl } from "@tflower/backend-tflite";
import {
  definePass,
  type Graph,
  loadConstant,
  type Node,
  numbersOf,
  Rewriter,
  type TensorType,
  tensor,
  type Value,
} from "@tflower/core";
import { roundDynamically } from "../dialect/dynamic-quantization.ts";
import { codesOf } from "../semantics/affine-quantization.ts";
import { integersFor } from "./quantized-constants.ts";
import { scalesFor } from "./quantized-types.ts";

/**
 * Integers that a program quantizes and dequantizes become quantized types: weights are constants of them, activations go through QUANTIZE
 * and DEQUANTIZE. What is left computes with integers in some other way, and is lowered to arithmetic.
 */
export const settleQuantizers = definePass({
  name: "settle-quantizers",
  summary: "Makes quantized types of what a program quantizes and dequantizes.",
  scope: "graph",
  async run(graph, { count }) {
    // most programs have none
    let some = false;
    for (const node of graph.nodes) if (node.op.traits.affine) some = true;
    if (!some) return;
    const settling = new Settling(graph);
    for (const node of [...graph.nodes]) {
      if (node.op.traits.affine?.direction === "quantize") await settling.holdConstant(node);
      else if (node.op.traits.affine) {
        const done = await settling.settle(node);
        if (done) count(done);
      }
    }
    for (const node of [...graph.nodes].reverse()) settling.dropUnread(node);
  },
});

interface Scales {
  readonly scales: readonly number[];
  readonly zeros: readonly number[];
}

class Settling {
  private readonly graph: Graph;
  private readonly rewriter: Rewriter;
  private readonly quantized = new Map<Node, Value>();

  constructor(graph: Graph) {
    this.graph = graph;
    this.rewriter = new Rewriter(graph);
  }

  /** Integers of a constant are a constant, computed when it is written. */
  async holdConstant(node: Node): Promise<void> {
    if (!node.inputs.every((v) => v.constant)) return;
    const operands = Object.fromEntries(
      Object.entries(node.operands_).flatMap(([k, v]) => (v ? [[k, (v as Value).constant!]] : [])),
    );
    const held = integersFor.applied(node, operands);
    this.rewriter.replace(node, [this.rewriter.constant(held, node.inputs[0]!.name)]);
  }

  async settle(node: Node): Promise<string | undefined> {
    const input = node.operands_["input"] as Value;
    if (node.results[0]!.type.dtype !== "f32") return undefined;
    if (this.isDynamic(node, input)) return "dynamic";
    const found = await this.parametersOf(node);
    if (!found) return undefined;
    if (input.constant) {
      const reals = integersFor.reals(node, input.constant, found);
      if (!reals) return undefined;
      this.rewriter.replace(node, [this.rewriter.constant(reals, input.name)]);
      return "weights";
    }
    return (await this.pair(node, input, found)) ? "activations" : undefined;
  }

  /** Scales and zero points, where they are known. */
  private async parametersOf(node: Node): Promise<Scales | undefined> {
    const attrs = node.attrs as Readonly<Record<string, unknown>>;
    const read = async (name: string): Promise<readonly number[] | undefined> => {
      const v = (node.operands_[name] ?? node.operands_[`${name}s`]) as Value | undefined;
      if (!v) return attrs[name] === undefined ? [0] : [Number(attrs[name])];
      return v.constant && Array.from(numbersOf(await loadConstant(v.constant)));
    };
    const [scales, zeros] = [await read("scale"), await read("zero_point")];
    if (!scales || !zeros || !scales.every((s) => s > 0 && s < Infinity)) return undefined;
    return {
      scales: scales.map(Math.fround),
      zeros: zeros.length === scales.length ? zeros : scales.map(() => zeros[0] ?? 0),
    };
  }

  /** DEQUANTIZE of QUANTIZE, where both mean the same by the integers between them. */
  private async pair(node: Node, input: Value, found: Scales): Promise<boolean> {
    const source = input.producer;
    if (source?.op.traits.affine?.direction !== "quantize" || input.type.dtype === "i32") return false;
    const x = source.operands_["input"] as Value;
    const own = await this.parametersOf(source);
    if (x.type.dtype !== "f32" || !own || !same(own, found)) return false;
    let q = this.quantized.get(source);
    if (!q) {
      const scale = scalesFor(source.op.traits.affine.grouping, source, found);
      const type = scale && activationType(input.type, scale.quant.scales, scale.quant.zeroPoints);
      if (!type || scale.quant.block !== undefined || scale.quant.axis !== undefined) return false;
      const place = { before: source, locations: source.locations };
      const within = this.clamped(source, x, type);
      q = this.rewriter.create(tfl.quantize, { input: within }, {}, { ...place, types: [type] }).results[0]!;
      this.quantized.set(source, q);
    }
    const place = { before: node, locations: node.locations };
    this.rewriter.replace(node, this.rewriter.create(tfl.dequantize, { input: q }, {}, place).results);
    return true;
  }

  /** `x` within the reals that the integers of `node` reach, where those are not all integers of the type. */
  private clamped(node: Node, x: Value, type: TensorType): Value {
    const [low, high] = codesOf(node.attrs as never, node.results[0]!.type.dtype);
    const { scales, zeroPoints } = type.quant!;
    const shift = node.results[0]!.type.dtype === "u8" ? 128 : 0;
    const half = type.dtype === "i16" ? 32768 : 128;
    const real = (code: number): Value =>
      this.rewriter.constant({
        type: tensor("f32", []) as never,
        data: Float32Array.of((code - shift - zeroPoints[0]!) * scales[0]!),
      });
    const place = { before: node, locations: node.locations };
    let v = x;
    if (low - shift > -half) v = this.rewriter.emit(tfl.maximum, { lhs: v, rhs: real(low) }, place);
    if (high - shift < half - 1) v = this.rewriter.emit(tfl.minimum, { lhs: v, rhs: real(high) }, place);
    return v;
  }

  /** Whether scales are found in the data itself, right before layers with integer weights: kernels of those do that, too. */
  private isDynamic(node: Node, input: Value): boolean {
    const source = input.producer;
    if (source?.op.traits.affine?.direction !== "quantize") return false;
    const x = source.operands_["input"] as Value;
    const names = ["scale", "scales", "zero_point", "zero_points"];
    const of = (n: Node): (Value | undefined)[] => names.map((k) => n.operands_[k] as Value | undefined);
    const [mine, theirs] = [of(node), of(source)];
    const chooser = through(mine[0] ?? mine[1])?.producer;
    const per = chooser?.op.traits.choosesScales?.(x.type, chooser.attrs as never);
    if (!chooser || !per || chooser.inputs[0] !== x || mine.some((v, i) => v !== theirs[i])) return false;
    if (!mine.every((v) => v === undefined || v.constant || through(v)?.producer === chooser)) return false;
    const [low, high] = codesOf(source.attrs as never, input.type.dtype);
    if (high - low < 253 || high - low > 255) return false;
    if (
      this.graph.isOutput(node.results[0]!) ||
      ![...node.results[0]!.users].every((u) => this.hasIntegerWeights(u, node))
    )
      return false;
    const place = { before: node, locations: node.locations };
    const attrs = { per, symmetric: high - low === 254 };
    this.rewriter.replace(node, this.rewriter.create(roundDynamically, { x }, attrs, place).results);
    return true;
  }

  /** Whether `node` multiplies what `from` gives by weights that are integers. */
  private hasIntegerWeights(node: Node, from: Node): boolean {
    const weights = node.operands_["weight"] as Value | undefined;
    const { affine } = weights?.producer?.op.traits ?? {};
    const settled = weights?.constant?.kind === "applied" && weights.constant.op.traits.quantizer === "dequantize";
    const ints = affine?.direction === "dequantize" && (weights!.producer!.operands_["input"] as Value).constant;
    return node.inputs[0] === from.results[0] && Boolean(settled || ints);
  }

  /** What only the pairs have read. */
  dropUnread(node: Node): void {
    const { traits } = node.op;
    if (!traits.affine && !traits.choosesScales) return;
    if (node.graph && node.results.every((r) => r.users.size === 0 && !this.graph.isOutput(r)))
      this.rewriter.erase(node);
  }
}

/** What a value was before it was converted or took another shape. */
function through(v: Value | undefined): Value | undefined {
  let at = v;
  while (
    at?.producer &&
    (at.producer.op.traits.converts || at.producer.op.traits.view) &&
    at.producer.inputs.length === 1
  )
    at = at.producer.inputs[0]!;
  return at;
}

const same = (a: Scales, b: Scales): boolean =>
  a.scales.length === b.scales.length &&
  a.scales.every((s, i) => s === b.scales[i]) &&
  a.zeros.every((z, i) => z === b.zeros[i]);

/** The signed integers that kernels take for those of a program. */
function activationType(t: TensorType, scales: readonly number[], zeros: readonly number[]): TensorType | undefined {
  const zeroPoints = zeros.map((z) => (t.dtype === "u8" ? z - 128 : z));
  if (t.dtype === "i8" || t.dtype === "u8") return tensor("i8", t.shape, { scales, zeroPoints });
  return t.dtype === "i16" && zeros.every((z) => z === 0) ? tensor("i16", t.shape, { scales, zeroPoints }) : undefined;
}
