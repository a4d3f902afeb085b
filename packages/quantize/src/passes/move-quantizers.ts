import {
  type AnyOperands,
  type Compiler,
  definePass,
  type Graph,
  mapOperands,
  type Node,
  Rewriter,
  sameType,
  type TensorType,
  tensor,
  type Value,
} from "@tflower/core";
import { type Quantizers, quantizersOf } from "../quantizers.ts";

/**
 * Brings QUANTIZE and DEQUANTIZE to the ops that compute: what only takes elements from one place to another, or the largest of some, does
 * so with integers just as well.
 */
export const moveQuantizers = definePass({
  name: "move-quantizers",
  summary: "Moves elements as integers instead of as the reals that they stand for.",
  scope: "graph",
  run(graph, { compiler, count }) {
    if (![...graph.nodes].some((n) => n.op.traits.quantizer)) return;
    const moving = new Moving(graph, compiler);
    for (const node of [...graph.nodes]) if (moving.behind(node)) count("dequantize later");
    for (const node of [...graph.nodes].reverse()) if (moving.before(node)) count("quantize earlier");
  },
});

class Moving {
  private readonly graph: Graph;
  private readonly compiler: Compiler;
  private readonly rewriter: Rewriter;
  private readonly quantizers: Quantizers;

  constructor(graph: Graph, compiler: Compiler) {
    this.graph = graph;
    this.compiler = compiler;
    this.rewriter = new Rewriter(graph);
    this.quantizers = quantizersOf(compiler);
  }

  /** `move(DEQUANTIZE(x)) = DEQUANTIZE(move(x))` */
  behind(node: Node): boolean {
    if (!this.moves(node)) return false;
    const sources = new Map<Value, Value>();
    let type: TensorType | undefined;
    for (const v of new Set(node.inputs)) {
      if (v.type.dtype !== "f32") continue;
      const from = v.producer?.op.traits.quantizer === "dequantize" ? v.producer.inputs[0]! : undefined;
      if (!from || !ofOneScale(from.type) || (type && !sameScales(type, from.type))) return false;
      type = from.type;
      sources.set(v, from);
    }
    if (!type) return false;
    const operands = mapOperands(node.operands_, (v) => sources.get(v) ?? v);
    const results = this.integers(node, operands, type);
    if (!results) return false;
    const place = { before: node, locations: node.locations };
    this.rewriter.replace(
      node,
      results.map((r) => this.rewriter.create(this.quantizers.dequantize, { input: r }, {}, place).results[0]!),
    );
    return true;
  }

  /** `QUANTIZE(move(x)) = move(QUANTIZE(x))`, where nobody reads the reals. */
  before(node: Node): boolean {
    if (!this.moves(node) || node.results.length !== 1) return false;
    const [result] = node.results;
    const users = [...result!.users];
    const type = users[0]?.results[0]?.type;
    if (!type || this.graph.isOutput(result!) || !ofOneScale(type)) return false;
    if (!users.every((u) => u.op.traits.quantizer === "quantize" && sameType(u.results[0]!.type, type))) return false;
    const reals = [...new Set(node.inputs)].filter((v) => v.type.dtype === "f32");
    // one that grows is cheaper to round before, one that shrinks what it reads is not
    if (reals.some((v) => v.constant) || reals.length === 0) return false;
    const place = { before: node, locations: node.locations };
    const moved = new Map<Value, Value>();
    for (const v of reals) {
      const types = [tensor(type.dtype, v.type.shape, type.quant)];
      moved.set(v, this.rewriter.create(this.quantizers.quantize, { input: v }, {}, { ...place, types }).results[0]!);
    }
    const operands = mapOperands(node.operands_, (v) => moved.get(v) ?? v);
    const results = this.integers(node, operands, type);
    if (!results) {
      this.rewriter.eraseDead([...moved.values()]);
      return false;
    }
    for (const u of users) this.rewriter.replace(u, results);
    this.rewriter.eraseDead([result!]);
    return true;
  }

  private moves(node: Node): boolean {
    const { traits } = node.op;
    return traits.selects === true && traits.sameScales === true && node.results.every((r) => r.type.dtype === "f32");
  }

  /** Results of `node` on integers, where a kernel gives them. */
  private integers(node: Node, operands: AnyOperands<Value>, type: TensorType): readonly Value[] | undefined {
    const types = node.results.map((r) => tensor(type.dtype, r.type.shape, type.quant));
    const use = { op: node.op, operands, attrs: node.attrs as never, results: types };
    if (this.compiler.hooks.kernel.call(use)?.supported !== true) return undefined;
    const place = { before: node, locations: node.locations, types };
    return this.rewriter.create(node.op, operands as never, node.attrs as never, place).results;
  }
}

const ofOneScale = (t: TensorType): boolean => t.quant?.scales.length === 1 && t.quant.block === undefined;
const sameScales = (a: TensorType, b: TensorType): boolean =>
  a.dtype === b.dtype && a.quant!.scales[0] === b.quant!.scales[0] && a.quant!.zeroPoints[0] === b.quant!.zeroPoints[0];
