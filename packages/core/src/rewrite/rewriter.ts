import { CompileError, compileError } from "../diagnostic/diagnostic.ts";
import type { TensorData } from "../eval/tensor-data.ts";
import { type Constant, dataConstant } from "../ir/constant.ts";
import type { Graph } from "../ir/graph.ts";
import type { Location } from "../ir/location.ts";
import { Node } from "../ir/node.ts";
import { type TensorType, withShape } from "../ir/type.ts";
import { Value } from "../ir/value.ts";
import {
  type AnyOperands,
  type AttrArgs,
  type Attrs,
  flattenOperands,
  mapOperands,
  type OpDef,
  type OperandInput,
  type Operands,
} from "../op/define-op.ts";
import { checkNode, inferTypes } from "../op/verify.ts";

/** Hears of every edit. */
export interface RewriteListener {
  inserted?(node: Node): void;
  /** `node` reads other values than before. */
  changed?(node: Node): void;
  erased?(node: Node): void;
}

/** Where nodes go, and where they come from. */
export interface Place {
  /** Insert before this node; at the end when absent. */
  readonly before?: Node | undefined;
  readonly locations?: readonly Location[];
  /** Result types, for ops that do not infer them. */
  readonly types?: readonly TensorType[];
  /** A node of an elementwise op that the new one stands for, on other axes: where the op does not infer types, results have the dtypes of its. */
  readonly like?: Node;
}

/** Types of the results of `node`, which does to elements of another shape what `like` does. */
function typesLike(node: Node, like: Node | undefined): readonly TensorType[] | undefined {
  if (!like?.op.traits.elementwise || node.inputs.length !== 1) return undefined;
  // scales along an axis would have to move with it
  if (like.results.some((r) => r.type.quant?.axis !== undefined || r.type.quant?.block !== undefined)) return undefined;
  return like.results.map((r) => withShape(r.type, node.inputs[0]!.type.shape));
}

/** The only way to edit a graph. */
export class Rewriter {
  readonly graph: Graph;
  private readonly listeners: RewriteListener[] = [];
  constructor(graph: Graph) {
    this.graph = graph;
  }
  listen(listener: RewriteListener): () => void {
    this.listeners.push(listener);
    return () => void this.listeners.splice(this.listeners.indexOf(listener), 1);
  }

  /** Makes and checks a node. Throws a {@link CompileError} that names what does not fit. */
  create<N extends string, O extends Operands, A extends Attrs>(
    op: OpDef<N, O, A>,
    operands: OperandInput<O>,
    attrs?: Readonly<Record<string, unknown>>,
    place: Place = {},
  ): Node<OpDef<N, O, A>> {
    const given = operands as AnyOperands<Value>;
    const ordered: Record<string, Value | undefined | readonly (Value | undefined)[]> = {};
    for (const k in op.operands) {
      const v = given[k];
      ordered[k] = Array.isArray(v) ? Object.freeze([...v]) : v;
    }
    const full: Record<string, unknown> = {};
    for (const [k, spec] of Object.entries(op.attrs)) {
      const v = attrs?.[k];
      full[k] = v === undefined && spec.hasDefault ? spec.default : v;
    }
    const node = new Node(
      op,
      ordered,
      Object.freeze(full) as never,
      place.locations ?? place.before?.locations ?? [],
    ) as unknown as Node;
    for (const k in given)
      if (!(k in op.operands))
        throw compileError(
          "IR0001",
          `"${op.name}" has no operand called "${k}"; it has ${Object.keys(op.operands).join(", ")}`,
          { op: op.name },
        );
    for (const k in attrs)
      if (!(k in op.attrs))
        throw compileError(
          "IR0005",
          `"${op.name}" has no attribute called "${k}"; it has ${Object.keys(op.attrs).join(", ") || "none"}`,
          { op: op.name },
        );
    const bad = checkNode(node);
    if (bad.length) throw new CompileError(bad);
    const inferred = place.types ?? inferTypes(node) ?? typesLike(node, place.like);
    if (!inferred)
      throw compileError("IR0006", `"${op.name}" does not infer its result types, and none are given`, { op: op.name });
    if ("problem" in inferred) throw new CompileError([inferred.problem]);
    node.results = (inferred as readonly TensorType[]).map((t) => new Value(t, { producer: node }));
    for (const v of node.inputs) v.users.add(node);
    this.link(node, place.before);
    for (const l of this.listeners) l.inserted?.(node);
    return node as unknown as Node<OpDef<N, O, A>>;
  }

  /** {@link create}, giving the first result. */
  emit<N extends string, O extends Operands, A extends Attrs>(
    op: OpDef<N, O, A>,
    operands: OperandInput<O>,
    place: Place,
    ...attrs: AttrArgs<A>
  ): Value {
    return this.create(op, operands, attrs[0] as Readonly<Record<string, unknown>>, place).results[0]!;
  }

  /** A value that holds `constant`, or the elements of `constant`. */
  constant(constant: Constant | TensorData, name?: string): Value {
    return this.graph.constant("kind" in constant ? constant : dataConstant(constant), name);
  }

  /** Every reader of `from` reads `to` instead, outputs and state included. */
  replaceAllUses(from: Value, to: Value): void {
    if (from === to) return;
    for (const user of [...from.users])
      this.setOperands(
        user,
        mapOperands(user.operands_, (v) => (v === from ? to : v)),
      );
    if (this.graph.outputs_.includes(from)) this.graph.outputs = this.graph.outputs_.map((v) => (v === from ? to : v));
    for (const s of this.graph.states) if (s.next === from) s.next = to;
    for (const m of this.graph.inputMutations) if (m.next === from) m.next = to;
    this.graph.version++;
  }
  /** Puts what `make` emits of an input behind it: whatever else reads the input reads that instead, outputs and state included. */
  putBehindInput(input: Value, make: (place: Place) => Value): void {
    const value = make(this.graph.first ? { before: this.graph.first } : {});
    const node = value.producer!;
    const operands = node.operands_;
    this.replaceAllUses(input, value);
    this.setOperands(node, operands);
  }
  /** `node` reads `operands` from now on; types must stay what its results say. */
  setOperands(node: Node, operands: AnyOperands<Value>): void {
    for (const v of node.inputs) v.users.delete(node);
    node.operands_ = operands;
    for (const v of node.inputs) v.users.add(node);
    this.graph.version++;
    for (const l of this.listeners) l.changed?.(node);
  }
  /** Replaces `node` by `values`, one for each result, and erases it. Names of results move along. */
  replace(node: Node, values: readonly Value[]): void {
    if (values.length !== node.results.length)
      throw compileError(
        "IR0008",
        `"${node.op.name}" has ${node.results.length} results, but ${values.length} values are to replace them`,
        { op: node.op.name },
      );
    node.results.forEach((r, i) => {
      const v = values[i]!;
      if (r.name !== undefined && v.name === undefined && !v.constant) v.name = r.name;
      this.replaceAllUses(r, v);
    });
    this.erase(node);
  }
  /** Removes a node that nobody reads. */
  erase(node: Node): void {
    if (node.results.some((r) => r.users.size > 0 || this.graph.isOutput(r)))
      throw compileError("IR0008", `"${node.op.name}" cannot be erased: its results are still read`, {
        op: node.op.name,
      });
    for (const v of node.inputs) v.users.delete(node);
    this.unlink(node);
    for (const l of this.listeners) l.erased?.(node);
  }
  /** Moves `node` to stand before `before`. */
  move(node: Node, before: Node | undefined): void {
    this.unlink(node);
    this.link(node, before);
  }
  /** Erases `values`' producers, and theirs, as far as nobody reads them. */
  eraseDead(values: readonly Value[]): void {
    const todo = [...values];
    for (let v = todo.pop(); v; v = todo.pop()) {
      const node = v.producer;
      if (
        !node?.graph ||
        node.op.traits.effects ||
        node.results.some((r) => r.users.size > 0 || this.graph.isOutput(r))
      )
        continue;
      const inputs = flattenOperands(node.operands_);
      this.erase(node);
      todo.push(...inputs);
    }
  }

  private link(node: Node, before: Node | undefined): void {
    const g = this.graph;
    if (before && before.graph !== g)
      throw compileError("IR0008", `cannot insert before "${before.op.name}": it is not in @${g.name}`);
    node.graph = g;
    node.next = before;
    node.previous = before ? before.previous : g.last;
    if (node.previous) node.previous.next = node;
    else g.first = node;
    if (before) before.previous = node;
    else g.last = node;
    g.version++;
  }
  private unlink(node: Node): void {
    const g = this.graph;
    if (node.graph !== g) throw compileError("IR0008", `"${node.op.name}" is not in @${g.name}`);
    if (node.previous) node.previous.next = node.next;
    else g.first = node.next;
    if (node.next) node.next.previous = node.previous;
    else g.last = node.previous;
    node.graph = undefined;
    g.version++;
  }
}
