import {
  type AnyOperands,
  attr,
  type Compiler,
  type Constant,
  constantByteLength,
  dataConstant,
  definePass,
  type Graph,
  loadConstant,
  mapOperands,
  type Node,
  numbersOf,
  type Quantization,
  Rewriter,
  sameType,
  type TensorType,
  tensor,
  tensorData,
  type Value,
} from "@tflower/core";
import { activationQuantization } from "../activations/activation-quantization.ts";
import type { ActivationDType } from "../activations/draft-use.ts";
import { type Quantizers, quantizersOf } from "../quantizers.ts";
import { integersOf, quantizedConstant } from "../weights/store-weights.ts";

/**
 * Turns an op between DEQUANTIZE and QUANTIZE into one on integers, where the target has a kernel for it that is worth it. Where it has none
 * the op stays as it is, between the two.
 */
export const fuseQuantizers = definePass({
  name: "fuse-quantizers",
  summary: "Turns ops between DEQUANTIZE and QUANTIZE into ops on integers.",
  options: {
    /** Leaves ops as they are that would round anything but what the program rounds. */
    exact: attr.bool.default_(false),
  },
  scope: "graph",
  async run(graph, { compiler, count, options }) {
    if (![...graph.nodes].some((n) => n.op.traits.quantizer === "quantize")) return;
    const fusing = new Fusing(graph, compiler, options.exact);
    for (const node of [...graph.nodes]) if (await fusing.fuse(node)) count(node.op.name);
  },
});

/** Constants beside weights, which all nodes that are worth it have in memory. */
const largestConstant = 64 * 1024 * 1024;

class Fusing {
  private readonly graph: Graph;
  private readonly compiler: Compiler;
  private readonly rewriter: Rewriter;
  private readonly quantizers: Quantizers;
  private readonly exact: boolean;

  constructor(graph: Graph, compiler: Compiler, exact: boolean) {
    this.exact = exact;
    this.graph = graph;
    this.compiler = compiler;
    this.rewriter = new Rewriter(graph);
    this.quantizers = quantizersOf(compiler);
  }

  async fuse(node: Node): Promise<boolean> {
    const { traits } = node.op;
    if (traits.quantizer || traits.effects || traits.calls || node.results.some((r) => r.type.dtype !== "f32"))
      return false;
    const wanted = node.results.map((r) => this.quantizedType(r));
    const dtype = wanted[0]?.dtype as ActivationDType | undefined;
    if (!dtype || wanted.some((t) => t?.dtype !== dtype)) return false;
    if (dtype === "i8" && traits.int8Kernel !== "native") return false;
    const types = this.resultTypes(node, wanted as readonly TensorType[]);
    if (this.exact && !traits.selects && types.some((t, i) => !sameType(t, wanted[i]!))) return false;
    const operands = await this.integerOperands(node, dtype, types[0]!);
    if (!operands) return false;
    const bias = traits.accumulator?.bias;
    const complete = this.kernelFor(node, operands, types)
      ? operands
      : bias !== undefined && !operands[bias]
        ? { ...operands, [bias]: this.zeroBias(node, operands) }
        : undefined;
    if (!complete || !this.kernelFor(node, complete, types)) return false;
    const place = { before: node, locations: node.locations };
    const made = this.rewriter.create(node.op, complete as never, node.attrs as never, { ...place, types });
    const reals = made.results.map((r) => {
      return this.rewriter.create(this.quantizers.dequantize, { input: r }, {}, place).results[0]!;
    });
    this.rewriter.replace(node, reals);
    return true;
  }

  private kernelFor(node: Node, operands: AnyOperands<Value>, results: readonly TensorType[]): boolean {
    const use = { op: node.op, operands, attrs: node.attrs as never, results };
    return this.compiler.hooks.kernel.call(use)?.supported === true;
  }

  /** The integers that all who read `v` want. */
  private quantizedType(v: Value): TensorType | undefined {
    if (v.users.size === 0 || this.graph.isOutput(v)) return undefined;
    let type: TensorType | undefined;
    for (const user of v.users) {
      if (user.op.traits.quantizer !== "quantize") return undefined;
      type ??= user.results[0]!.type;
      // the others would round what one has rounded
      if (this.exact && !sameType(type, user.results[0]!.type)) return undefined;
    }
    return type;
  }

  /** Types of the integer results: those wanted, unless the op prescribes its own or moves integers as they are. */
  private resultTypes(node: Node, wanted: readonly TensorType[]): readonly TensorType[] {
    const { traits } = node.op;
    const fixed = traits.fixedOutputRange?.[wanted[0]!.dtype];
    const moved = traits.sameScales ? this.onlySource(node)?.type.quant : undefined;
    return wanted.map((t, i) => {
      if (fixed) return tensor(t.dtype, t.shape, { scales: [Math.fround(fixed[0])], zeroPoints: [fixed[1]] });
      return tensor(t.dtype, t.shape, moved ?? (traits.sameScales && i > 0 ? wanted[0]!.quant : t.quant));
    });
  }

  /** The integers of the only float operand. */
  private onlySource(node: Node): Value | undefined {
    const floats = node.inputs.filter((v) => v.type.dtype === "f32");
    return floats.length === 1 ? integersBehind(floats[0]!) : undefined;
  }

  private async integerOperands(
    node: Node,
    dtype: ActivationDType,
    result: TensorType,
  ): Promise<Record<string, Value | undefined | readonly (Value | undefined)[]> | undefined> {
    const { accumulator, sameScales, weights } = node.op.traits;
    const bias = accumulator && (node.operands_[accumulator.bias] as Value | undefined);
    const weight = weights && (node.operands_[weights.operand] as Value | undefined);
    const integers = new Map<Value, Value>();
    let computed = 0;
    for (const v of new Set(node.inputs)) {
      if (v.type.dtype !== "f32" || v === bias) continue;
      const known = integersBehind(v);
      const own = v === weight || this.exact ? integersOf(v.constant) : undefined;
      if (own && v === weight && !this.fits(node, own)) return undefined;
      if (this.exact && v.constant && !own) return undefined;
      const source =
        known ??
        (own && this.rewriter.constant(own, v.name)) ??
        (await this.roundConstant(v, dtype, result, sameScales));
      if (!source || (v === weight && v.constant && !own)) return undefined;
      if (!v.constant) {
        if (source.type.dtype !== dtype) return undefined;
        computed++;
      }
      integers.set(v, sameScales && !v.constant ? this.rescaled(source, result, node) : source);
    }
    if (computed === 0) return undefined;
    if (bias) {
      const rounded = await this.roundBias(node, bias, integers);
      if (!rounded) return undefined;
      integers.set(bias, rounded);
    }
    return mapOperands(node.operands_, (v) => integers.get(v) ?? v);
  }

  /** Whether the scales of weights lie where kernels look for them. */
  private fits(node: Node, weights: Constant): boolean {
    const { quant, shape } = weights.type;
    const axis = node.op.traits.weights!.axis(node.attrs as never, shape.length);
    return quant!.block === undefined && (quant!.scales.length === 1 || quant!.axis === axis);
  }

  /** `v` at the scales of `type`. */
  private rescaled(v: Value, type: TensorType, node: Node): Value {
    const same = sameScale(v.type.quant!, type.quant!);
    if (same) return v;
    const types = [tensor(type.dtype, v.type.shape, type.quant)];
    return this.rewriter.create(this.quantizers.quantize, { input: v }, {}, { before: node, types }).results[0]!;
  }

  /** A constant beside the weights, at a scale of its own, or at that of the result where all are to be alike. */
  private async roundConstant(
    v: Value,
    dtype: ActivationDType,
    result: TensorType,
    sameScales: boolean | undefined,
  ): Promise<Value | undefined> {
    if (!v.constant || constantByteLength(v.constant) > largestConstant) return undefined;
    let [min, max] = [0, 0];
    for (const x of numbersOf(await loadConstant(v.constant))) {
      if (!Number.isFinite(x)) return undefined;
      if (x < min) min = x;
      if (x > max) max = x;
    }
    const quant = sameScales ? result.quant! : activationQuantization({ min, max }, dtype);
    return this.rewriter.constant(
      quantizedConstant(this.quantizers, v.constant, tensor(dtype, v.type.shape, quant)),
      v.name,
    );
  }

  private biasQuantization(node: Node, integers: (v: Value) => Value): Quantization | undefined {
    const [x, w] = node.op.traits.accumulator!.operands.map((k) => integers(node.operands_[k] as Value).type.quant);
    if (!x || !w) return undefined;
    const scales = w.scales.map((s) => Math.fround(s * x.scales[0]!));
    return { scales, zeroPoints: scales.map(() => 0), ...(scales.length > 1 && { axis: 0 }) };
  }

  /** The bias as integers that are added to sums of products; `undefined` where it does not fit them. */
  private async roundBias(node: Node, bias: Value, integers: ReadonlyMap<Value, Value>): Promise<Value | undefined> {
    const quant = this.biasQuantization(node, (v) => integers.get(v) ?? v);
    if (!quant || !bias.constant) return undefined;
    const values = numbersOf(await loadConstant(bias.constant));
    const at = (i: number): number => quant.scales[quant.scales.length > 1 ? i : 0]!;
    for (let i = 0; i < values.length; i++) if (!(Math.abs(values[i]! / at(i)) < 2 ** 31 - 1)) return undefined;
    const type = tensor(this.accumulatorOf(node, integers), bias.type.shape, quant);
    return this.rewriter.constant(quantizedConstant(this.quantizers, bias.constant, type), bias.name);
  }
  private accumulatorOf(node: Node, integers: ReadonlyMap<Value, Value>): "i32" | "i64" {
    const input = node.operands_[node.op.traits.accumulator!.operands[0]] as Value;
    return (integers.get(input) ?? input).type.dtype === "i16" ? "i64" : "i32";
  }

  private zeroBias(node: Node, operands: AnyOperands<Value>): Value {
    const [input, weights] = node.op.traits.accumulator!.operands.map((k) => operands[k] as Value);
    const channels = node.results[0]!.type.shape.at(-1) as number;
    const scales = weights!.type.quant!.scales.map((s) => Math.fround(s * input!.type.quant!.scales[0]!));
    const quant = { scales, zeroPoints: scales.map(() => 0), ...(scales.length > 1 && { axis: 0 }) };
    const dtype = input!.type.dtype === "i16" ? "i64" : "i32";
    const zeros = tensorData(
      dtype,
      [channels],
      Array.from({ length: channels }, () => 0),
    );
    return this.rewriter.constant(dataConstant({ ...zeros, type: tensor(dtype, [channels], quant) as never }));
  }
}

/** The integers that `v` stands for. */
const integersBehind = (v: Value): Value | undefined =>
  v.producer?.op.traits.quantizer === "dequantize" && v.producer.inputs[0]!.type.quant
    ? v.producer.inputs[0]
    : undefined;

/** Whether two activations have one scale. */
export const sameScale = (a: Quantization, b: Quantization): boolean =>
  a.scales.length === b.scales.length &&
  a.scales.every((s, i) => s === b.scales[i]) &&
  a.zeroPoints.every((z, i) => z === b.zeroPoints[i]);
