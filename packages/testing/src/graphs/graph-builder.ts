import {
  type AttrArgs,
  type Attrs,
  CompileError,
  dataConstant,
  Module,
  type OpDef,
  type OperandInput,
  type Operands,
  Rewriter,
  type TensorData,
  type TensorType,
  type Value,
} from "@tflower/core";
import type { Values } from "../arbitrary/elements.ts";
import { drawTensor } from "../arbitrary/tensors.ts";
import type { Choose } from "../choose/choose.ts";

/** Grows a random graph: what a {@link GraphStep} works with. */
export class GraphBuilder {
  readonly choose: Choose;
  readonly module: Module = new Module();
  private readonly rewriter: Rewriter;
  /** Inputs and results so far, in order. */
  private readonly values: Value[] = [];

  constructor(choose: Choose) {
    this.choose = choose;
    this.rewriter = new Rewriter(this.module.graph("main"));
  }
  get graph(): Rewriter["graph"] {
    return this.rewriter.graph;
  }
  input(type: TensorType): Value {
    const v = this.graph.input(type);
    this.values.push(v);
    return v;
  }
  /** A value made before that fits, the latest most likely; `undefined` when none does. */
  value(fits: (type: TensorType) => boolean = () => true): Value | undefined {
    const fitting = this.values.filter((v) => fits(v.type)).reverse();
    // half of all picks go on from the latest value, so that graphs get deep
    return fitting.length
      ? fitting[this.choose.skewed(fitting.length, (u) => Math.floor(u < 0.5 ? 0 : (u - 0.5) * 2 * fitting.length))]
      : undefined;
  }
  /** A constant with random elements, or with given ones. */
  constant(of: TensorType | TensorData, values: Values = "finite"): Value {
    return this.graph.constant(dataConstant("data" in of ? of : drawTensor(this.choose, of, values)));
  }
  /** Several nodes of which only what `f` gives is picked by later steps. */
  together(f: () => Value): Value {
    const before = this.values.length;
    const v = f();
    this.values.splice(before);
    this.values.push(v);
    return v;
  }
  /** Makes a node, and gives its first result. A node that the op refuses ends the step. */
  emit<N extends string, O extends Operands, A extends Attrs>(
    op: OpDef<N, O, A>,
    operands: OperandInput<O>,
    ...attrs: AttrArgs<A>
  ): Value {
    return this.emitAll(op as OpDef, operands as never, (attrs[0] ?? {}) as Record<string, unknown>)[0]!;
  }
  /** {@link emit}, giving all results; `types` for ops that do not infer them. */
  emitAll(
    op: OpDef,
    operands: Readonly<Record<string, unknown>>,
    attrs: Readonly<Record<string, unknown>>,
    types?: readonly TensorType[],
  ): readonly Value[] {
    try {
      const { results } = this.rewriter.create(op, operands as never, attrs, types ? { types } : {});
      this.values.push(...results);
      return results;
    } catch (e) {
      if (e instanceof CompileError) throw new StepEnds();
      throw e;
    }
  }
}

/** Ends a step that cannot go on: the graph stays as it is. */
export class StepEnds extends Error {
  override readonly name = "StepEnds";
}
