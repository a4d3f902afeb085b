import {
  type Compiler,
  type Constant,
  constantByteLength,
  type Diagnostic,
  definePass,
  flattenOperands,
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
  run(graph, { compiler, count, report }) {
    let keeping: Keeping | undefined;
    const make = (): Keeping => (keeping ??= new Keeping(graph, compiler));
    for (const node of [...graph.nodes]) if (node.op.traits.quantizer === "dynamic") make().takeUp(node);
    const floats = new Map<string, Node>();
    for (const node of [...graph.nodes]) {
      if (node.op.traits.quantizer || node.op.traits.effects || node.op.traits.calls) continue;
      for (const [name, v] of Object.entries(node.operands_)) {
        const constant = Array.isArray(v) ? undefined : (v as Value | undefined)?.constant;
        if (constant?.kind !== "applied" || constant.type.dtype !== "f32") continue;
        const integers = integersOf(constant);
        if (integers) count(make().keep(node, name, integers) ?? "small");
        else if (constantByteLength(constant) >= 4 * worthwhile && isOfIntegers(constant))
          floats.set(constant.key, node);
      }
    }
    for (const d of [...(keeping?.rounding ?? []), ...[...floats.values()].map(floated)]) report(d);
    for (const node of [...graph.nodes]) if (node.op.traits.quantizer === "dynamic") report(make().drop(node));
  },
});

const ofIntegers = new WeakMap<Constant, boolean>();
/** Whether integers with scales are among what a constant is made of. */
function isOfIntegers(c: Constant): boolean {
  if (c.kind !== "applied") return false;
  let known = ofIntegers.get(c);
  if (known === undefined) {
    known = c.op.traits.quantizer === "dequantize" || flattenOperands(c.operands).some(isOfIntegers);
    ofIntegers.set(c, known);
  }
  return known;
}

const at = (node: Node): Pick<Diagnostic, "op" | "subject" | "location"> => ({
  op: node.op.name,
  subject: node.describe(),
  ...(node.locations[0] && { location: node.locations[0] }),
});

/** Weights that no integers stand for any more. */
const floated = (node: Node): Diagnostic => ({
  severity: "note",
  code: "QNT0204" satisfies QuantizeCode,
  message:
    "weights that are integers in the program are floats in the file: what is computed of them are no integers at one scale",
  ...at(node),
});

/** A kernel for weights in blocks, which there is none of for float activations. */
const rounds = (node: Node, block: number): Diagnostic => ({
  severity: "note",
  code: "QNT0203" satisfies QuantizeCode,
  message: `kernels that read 4-bit weights in blocks of ${block} round activations to 8 bits when they run, and scales to 8 bits`,
  ...at(node),
});

/** Whether the kernel of `node` reads integer weights beside floats, as a recipe has seen to. */
function readsIntegers(node: Node): boolean {
  const weights = node.op.traits.weights && (node.operands_[node.op.traits.weights.operand] as Value | undefined);
  return weights?.type.quant !== undefined && node.results[0]!.type.dtype === "f32";
}

class Keeping {
  private readonly compiler: Compiler;
  private readonly rewriter: Rewriter;
  private readonly quantizers: Quantizers;
  private readonly unpacked = new Map<string, Value>();
  /** What is said of kernels that round what the program does not. */
  readonly rounding: Diagnostic[] = [];

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
        else if (readsIntegers(user)) continue;
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

  /** Takes away a rounding that no kernel does. */
  drop(node: Node): Diagnostic {
    const about = at(node);
    this.rewriter.replace(node, [node.inputs[0]!]);
    return {
      severity: "note",
      code: "QNT0202" satisfies QuantizeCode,
      message:
        "activations that the program rounds to 8 bits when it runs stay floats: no kernel of what reads them does so",
      ...about,
    };
  }

  /** Puts integers in the place of the reals that `node` reads, and says how. */
  keep(node: Node, name: string, integers: Constant): string | undefined {
    const { quant, dtype } = integers.type;
    const taken = node.op.traits.weights?.operand === name ? this.hybrid(node) : undefined;
    // beside weights this coarse it does not show that kernels round activations to 8 bits; rows are only looked up
    if (taken && (quant!.block !== undefined || !node.op.traits.accumulator)) {
      readIntegers(this.rewriter, node, name, taken);
      if (quant!.block === undefined) return "rows";
      if (this.rounding.length === 0) this.rounding.push(rounds(node, quant!.block));
      return "blocks";
    }
    if (constantByteLength(integers) < worthwhile) return undefined;
    readUnpacked(this.rewriter, this.quantizers, node, name, integers, this.unpacked);
    return `${dtype} unpacked`;
  }
}
