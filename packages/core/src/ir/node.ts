import { type AnyOperands, type AttrsOf, flattenOperands, type OpDef, type OperandsOf } from "../op/define-op.ts";
import type { Graph } from "./graph.ts";
import type { Location } from "./location.ts";
import { showType } from "./type.ts";
import type { Value } from "./value.ts";

type OperandsOfOp<D> = D extends OpDef<any, infer O, any> ? OperandsOf<O> : never;
type AttrsOfOp<D> = D extends OpDef<any, any, infer A> ? AttrsOf<A> : never;

/** One application of an op. Lives on its graph's list; edited through a `Rewriter`. */
export class Node<D extends OpDef = OpDef> {
  readonly op: D;
  /** @internal */ operands_: AnyOperands<Value>;
  readonly attrs: AttrsOfOp<D>;
  results: readonly Value[] = [];
  /** Where the node comes from; a fused node has several. */
  locations: readonly Location[];
  /** @internal */ graph: Graph | undefined;
  /** @internal */ previous: Node | undefined;
  /** @internal */ next: Node | undefined;
  /** @internal position in the graph's order, valid while the graph's order version is unchanged */ order = 0;

  constructor(op: D, operands: AnyOperands<Value>, attrs: AttrsOfOp<D>, locations: readonly Location[]) {
    this.op = op;
    this.operands_ = operands;
    this.attrs = attrs;
    this.locations = locations;
  }
  /** Operands by name. */
  get operands(): OperandsOfOp<D> {
    return this.operands_ as OperandsOfOp<D>;
  }
  /** Narrows to a node of `op`. */
  is<E extends OpDef>(op: E): this is Node<E> {
    return (this.op as OpDef) === op;
  }
  /** Operands that are there, in declaration order; one that is read twice comes twice. */
  get inputs(): readonly Value[] {
    return flattenOperands(this.operands_);
  }
  /** The only result. */
  get result(): Value {
    return this.results[0]!;
  }
  /** The dialect, as `aten`. */
  get dialect(): string {
    return this.op.name.slice(0, this.op.name.indexOf("."));
  }
  /** One line without names, for messages. */
  describe(): string {
    return `${this.op.name}(${this.inputs.map((v) => showType(v.type)).join(", ")}) -> ${this.results.map((r) => showType(r.type)).join(", ")}`;
  }
}
