import {
  type Compiler,
  type Constant,
  constantByteLength,
  definePass,
  type Graph,
  type Node,
  Rewriter,
  type TensorType,
  type Value,
  type WeightForm,
} from "@tflower/core";
import type { QuantizeCode } from "../codes.ts";
import { type Quantizers, quantizersOf } from "../quantizers.ts";
import { blockForm } from "../weights/block-form.ts";
import { integersOf, readIntegers, readUnpacked } from "../weights/store-weights.ts";

/** Constants below this many bytes save too little for the op that unpacks them. */
const worthwhile = 1024;

/**
 * Weights that are integers in the program are integers in the file. Kernels read them where they compute what the program says: rows that
 * are looked up, activations that the program has rounded when it runs, too. Elsewhere the runtime unpacks them when it loads the file.
 */
export const keepIntegerWeights = definePass({
  name: "keep-integer-weights",
  summary: "Keeps weights that are integers in the program as such in the file.",
  scope: "graph",
  async run(graph, { compiler, count, report }) {
    let keeping: Keeping | undefined;
    for (const node of [...graph.nodes]) {
      if (node.op.traits.quantizer === "dynamic") (keeping ??= new Keeping(graph, compiler)).takeUp(node);
    }
    for (const node of [...graph.nodes]) {
      if (node.op.traits.quantizer || node.op.traits.effects || node.op.traits.calls) continue;
      for (const [name, v] of Object.entries(node.operands_)) {
        const integers = Array.isArray(v) ? undefined : integersOf((v as Value | undefined)?.constant);
        if (!integers) continue;
        keeping ??= new Keeping(graph, compiler);
        const done = keeping.keep(node, name, integers);
        if (done) count(done);
      }
    }
    for (const node of [...graph.nodes]) {
      if (node.op.traits.quantizer !== "dynamic") continue;
      const location = node.locations[0];
      report({
        severity: "note",
        code: "QNT0202" satisfies QuantizeCode,
        message:
          "activations that the program rounds to 8 bits when it runs stay floats: no kernel of what reads them does so",
        op: node.op.name,
        ...(location && { location }),
      });
      new Rewriter(graph).replace(node, [node.inputs[0]!]);
    }
  },
});

class Keeping {
  private readonly compiler: Compiler;
  private readonly rewriter: Rewriter;
  private readonly quantizers: Quantizers;
  private readonly unpacked = new Map<string, Value>();

  constructor(graph: Graph, compiler: Compiler) {
    this.compiler = compiler;
    this.rewriter = new Rewriter(graph);
    this.quantizers = quantizersOf(compiler);
  }

  /** Lets kernels that read integers round activations, where all who read them do. */
  takeUp(node: Node): void {
    const readers: Node[] = [];
    const todo = [...node.results];
    for (let v = todo.pop(); v; v = todo.pop()) {
      if (this.rewriter.graph.isOutput(v)) return;
      for (const user of v.users) {
        if (this.hybrid(user)) readers.push(user);
        else if (user.op.traits.sameScales && user.results.length === 1 && user.inputs.length === 1)
          todo.push(user.results[0]!);
        else return;
      }
    }
    for (const user of readers) {
      const { operand } = user.op.traits.weights!;
      readIntegers(this.rewriter, user, operand, this.hybrid(user)!);
    }
    this.rewriter.replace(node, [node.inputs[0]!]);
  }

  /** The integers that a kernel of `node` takes beside float values. */
  private hybrid(node: Node): Constant | undefined {
    const trait = node.op.traits.weights;
    const value = trait && (node.operands_[trait.operand] as Value | undefined);
    const integers = integersOf(value?.constant);
    if (!trait || !integers) return undefined;
    const { quant, dtype } = integers.type;
    const form: WeightForm = quant!.block === undefined ? (dtype as "i8" | "i4") : "i4-block";
    const taken = form === "i4-block" ? blockForm(integers) : integers;
    if (!taken || !trait.dynamic.includes(form)) return undefined;
    const axis = trait.axis(node.attrs as never, value!.type.shape.length);
    if (form !== "i4-block" && quant!.scales.length > 1 && quant!.axis !== axis) return undefined;
    if (quant!.zeroPoints.some((z) => z !== 0)) return undefined;
    return this.takes(node, trait.operand, taken.type) ? taken : undefined;
  }

  private takes(node: Node, operand: string, type: TensorType, results = node.results.map((r) => r.type)): boolean {
    const operands = { ...node.operands_, [operand]: { type, constant: undefined } };
    const use = { op: node.op, operands, attrs: node.attrs as never, results };
    return this.compiler.hooks.kernel.call(use as never)?.supported === true;
  }

  keep(node: Node, name: string, integers: Constant): string | undefined {
    const { quant, dtype } = integers.type;
    if (quant!.block !== undefined) {
      const taken = node.op.traits.weights?.operand === name ? this.hybrid(node) : undefined;
      if (!taken) return undefined;
      readIntegers(this.rewriter, node, name, taken);
      return "blocks";
    }
    // a kernel that gives floats of integers only looks them up
    if (constantByteLength(integers) < worthwhile) return undefined;
    readUnpacked(this.rewriter, this.quantizers, node, name, integers, this.unpacked);
    return `${dtype} unpacked`;
  }
}
