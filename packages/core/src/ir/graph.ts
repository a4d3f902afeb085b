import type { Constant } from "./constant.ts";
import type { Module } from "./module.ts";
import type { Node } from "./node.ts";
import type { TensorType } from "./type.ts";
import { Value } from "./value.ts";

/** A tensor that outlives a run: a mutated buffer. */
export interface State {
  /** Qualified name in the program, as `cache.k`. */
  readonly name: string;
  /** What a run starts from. */
  readonly value: Value;
  /** What it leaves behind. */
  next: Value;
  /** What the first run starts from. */
  readonly initial: Constant;
}

/** An input that the program writes in place. */
export interface InputMutation {
  readonly input: Value;
  /** What the program leaves in it. */
  next: Value;
}

/** An ordered list of nodes with inputs and outputs. Edited through a `Rewriter`. */
export class Graph {
  readonly module: Module;
  readonly name: string;
  readonly inputs: Value[] = [];
  /** Names for the signature, in the order of `outputs`. */
  outputNames: readonly string[] = [];
  readonly states: State[] = [];
  readonly inputMutations: InputMutation[] = [];
  /** @internal */ outputs_: Value[] = [];
  /** @internal */ first: Node | undefined;
  /** @internal */ last: Node | undefined;
  /** Counts edits, so that "has this pass changed anything" is a comparison. */
  version = 0;
  private ordered = -1;

  /** Use {@link Module.graph}. */
  constructor(module: Module, name: string) {
    this.module = module;
    this.name = name;
  }
  get outputs(): readonly Value[] {
    return this.outputs_;
  }
  set outputs(values: readonly Value[]) {
    this.outputs_ = [...values];
    this.version++;
  }
  /** Adds an input. */
  input(type: TensorType, name?: string): Value {
    const v = new Value(type, { name });
    this.inputs.push(v);
    this.version++;
    return v;
  }
  /** A value that stands for a state at the start of a run; push the {@link State} itself to `states`. */
  state(initial: Constant, name: string): Value {
    this.version++;
    return new Value(initial.type, { name });
  }
  /** A value that holds `constant`. */
  constant(constant: Constant, name?: string): Value {
    return new Value(constant.type, { constant, name });
  }
  /** Nodes in order. Safe against erasing the node at hand; take a copy (`[...graph.nodes]`) for wilder edits. */
  get nodes(): Iterable<Node> {
    const first = this.first;
    return {
      *[Symbol.iterator]() {
        for (let n: Node | undefined = first; n; ) {
          const next: Node | undefined = n.next;
          yield n;
          n = n.graph ? n.next : next;
        }
      },
    };
  }
  /** Whether `value` leaves the graph, as an output or as state. */
  isOutput(value: Value): boolean {
    return (
      this.outputs_.includes(value) ||
      this.states.some((s) => s.next === value) ||
      this.inputMutations.some((m) => m.next === value)
    );
  }
  /** Whether `value` has exactly one reader: one node that reads it, or one place among the outputs. */
  hasOneUse(value: Value): boolean {
    let count = 0;
    for (const n of value.users) for (const v of n.inputs) if (v === value) count++;
    for (const v of this.outputs_) if (v === value) count++;
    for (const s of this.states) if (s.next === value) count++;
    for (const m of this.inputMutations) if (m.next === value) count++;
    return count === 1;
  }
  /** Whether `a` comes before `b`. */
  isBefore(a: Node, b: Node): boolean {
    if (this.ordered !== this.version) {
      let i = 0;
      for (const n of this.nodes) n.order = i++;
      this.ordered = this.version;
    }
    return a.order < b.order;
  }
}
