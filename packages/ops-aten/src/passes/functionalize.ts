import {
  CompileError,
  definePass,
  type Graph,
  isStatic,
  mapOperands,
  type Node,
  type OpDef,
  type PassContext,
  Rewriter,
  type Value,
} from "@tflower/core";
import type { AtenCode } from "../codes.ts";
import type { OpApplication } from "../schema/traits.ts";
import { Memory, viewedOperand } from "./memory.ts";

/**
 * Replaces in-place ops by functional ones. What shares memory is tracked: a write to a view is scattered back into its base,
 * and whoever reads an alias afterwards reads the new value. Only then is it known which buffers and inputs a program changes.
 * What cannot be followed is refused.
 */
export const functionalize = definePass({
  name: "functionalize",
  summary: "Replaces in-place ops by functional ones; mutated buffers become state.",
  scope: "graph",
  run(graph, context) {
    for (const node of graph.nodes) if (writes(node)) return new Functionalizer(graph, context).run();
  },
});

const applicationOf = (node: Node): OpApplication => ({
  types: mapOperands(node.operands_, (v) => v.type),
  attrs: node.attrs as Record<string, unknown>,
});
const overwrites = (node: Node): readonly string[] => node.op.traits.overwrites?.(applicationOf(node)) ?? [];
/** An op that tflower does not know may write; PyTorch marks those that do by their names: `resize_`, `__iand__`, `add.out`. */
const soundsInPlace = (op: OpDef): boolean =>
  op.traits.opaque === true && /(^|\.)(__i\w+__|\w*[^_.]_)(\.\w+)?$|\.(\w+_)?out$/.test(op.name);
const writes = (node: Node): boolean =>
  node.op.traits.inplace !== undefined || soundsInPlace(node.op) || overwrites(node).length > 0;

const advice = "write the program without this in-place op, or export it through run_decompositions({})";

/** Why a node cannot be followed. */
class Refusal extends Error {
  readonly code: AtenCode;
  readonly help: string;
  constructor(code: AtenCode, why: string, help = advice) {
    super(why);
    this.code = code;
    this.help = help;
  }
}

class Functionalizer {
  private readonly graph: Graph;
  private readonly rewriter: Rewriter;
  private readonly context: PassContext;
  private readonly memory: Memory;
  private readonly done: Node[] = [];
  private failed = false;

  constructor(graph: Graph, context: PassContext) {
    this.graph = graph;
    this.rewriter = new Rewriter(graph);
    this.context = context;
    this.memory = new Memory(this.rewriter);
  }

  run(): void {
    const { graph } = this;
    for (const node of [...graph.nodes]) this.attempt(node, () => this.visit(node));
    graph.outputs = graph.outputs.map((v) => this.last(v));
    for (const s of graph.states) s.next = this.last(s.next);
    for (const m of graph.inputMutations) m.next = this.last(m.next);
    for (const { root, now, by } of this.memory.written) this.attempt(by, () => this.settle(root, now));
    for (const root of this.memory.unknown) if (this.outlives(root)) this.last(root);
    if (!this.failed) for (const node of this.done.reverse()) this.rewriter.erase(node);
  }

  private visit(node: Node): void {
    const { inplace, view, sharesMemory } = node.op.traits;
    if (soundsInPlace(node.op))
      throw new Refusal(
        "FUN0001",
        "tflower does not know this op, and its name says that it writes to what it is given",
      );
    if (inplace) {
      this.done.push(node);
      this.write(node, inplace);
      return;
    }
    for (const k of overwrites(node)) this.overwrite(node.operands_[k] as Value, node);
    const shares = view && (sharesMemory ? sharesMemory(applicationOf(node)) : true);
    const bases = view ? node.results.map((_, i) => viewedOperand(node, i)) : [];
    let changed = false;
    const now = mapOperands(node.operands_, (v) => {
      const read = this.read(v, node);
      changed ||= read !== v;
      return read;
    });
    if (changed) this.rewriter.setOperands(node, now);
    if (!view || shares === false) return;
    node.results.forEach((r, result) => {
      if (shares) this.memory.alias(r, bases[result]!, { node, result });
      else this.memory.doubt(r, bases[result]!);
    });
  }

  /** What `v` holds where `reader` reads it. */
  private read(v: Value, reader: Node): Value {
    this.needKnown(v, "it reads a tensor");
    return this.memory.read(v, reader);
  }
  /** What `v` holds at the end of the program. */
  private last(v: Value): Value {
    const by = this.memory.lostBy(v);
    if (by) this.attempt(by, () => this.needKnown(v, "the program leaves behind a tensor"));
    return by ? v : this.memory.read(v, undefined);
  }
  private needKnown(v: Value, what: string): void {
    const by = this.memory.lostBy(v);
    if (by)
      throw new Refusal(
        "FUN0002",
        `${what} that "${by.op.name}" may have changed: whether the two share memory shows only when PyTorch runs`,
      );
  }

  private write(
    node: Node,
    { operand, functional: name }: { readonly operand: string; readonly functional: string },
  ): void {
    const target = node.operands_[operand] as Value;
    // the result of an in-place op is its target under another name
    for (const r of node.results) this.memory.alias(r, target);
    const functional = this.op(name);
    const { [operand]: self, ...rest } = mapOperands(node.operands_, (v) => this.read(v, node));
    // the functional op may call its first argument otherwise: `dropout_(self, ...)` is `dropout(input, ...)`
    const operands = { [Object.keys(functional.operands)[0]!]: self, ...rest };
    const attrs = node.attrs as Record<string, unknown>;
    const place = { before: node, locations: node.locations };
    const made = this.rewriter.create(functional, operands as never, attrs, place).results[0]!;
    made.name = node.results[0]?.name;
    const why = this.memory.write(target, this.fit(made, target, node), node);
    if (why) throw new Refusal("FUN0001", why);
  }

  /** An in-place op keeps its target's dtype and shape. */
  private fit(written: Value, target: Value, node: Node): Value {
    const place = { before: node, locations: node.locations };
    const { dtype, shape } = target.type;
    let v = written;
    if (v.type.dtype !== dtype)
      v = this.rewriter.create(this.op("aten._to_copy"), { self: v } as never, { dtype }, place).results[0]!;
    const differs =
      v.type.shape.length !== shape.length ||
      v.type.shape.some((d, i) => d !== shape[i] && (isStatic(d) || isStatic(shape[i]!)));
    return differs
      ? this.rewriter.create(this.op("aten.expand"), { self: v } as never, { size: shape }, place).results[0]!
      : v;
  }
  private op(name: string): OpDef {
    const found = this.context.compiler.knownOps.get(name);
    if (!found) throw new Refusal("FUN0001", `it is written as "${name}", which no dialect in use declares`);
    return found;
  }

  /** Whether what `root` holds after a run can be seen. */
  private outlives(root: Value): boolean {
    const { inputs, states } = this.graph;
    return root.constant !== undefined || inputs.includes(root) || states.some((s) => s.value === root);
  }

  /** A root that outlives the run becomes state, or a mutated input. */
  private settle(root: Value, now: Value): void {
    const { graph } = this;
    if (!this.outlives(root)) return;
    if (!graph.module.signatures.some((s) => s.graph === graph.name))
      throw new Refusal(
        "FUN0003",
        "it writes to a tensor that the body of a control-flow op is given, and only what the body returns leaves it",
      );
    const known = graph.states.find((s) => s.value === root) ?? graph.inputMutations.find((m) => m.input === root);
    if (known) known.next = now;
    else if (graph.inputs.includes(root)) graph.inputMutations.push({ input: root, next: now });
    else {
      const name = root.name ?? `buffer_${graph.states.length}`;
      const value = graph.state(root.constant!, name);
      this.rewriter.replaceAllUses(root, value);
      graph.states.push({ name, value, next: now === root ? value : now, initial: root.constant! });
    }
  }

  /** A buffer that an op changes without saying so: nothing else may read it, in this graph or another one. */
  private overwrite(v: Value, node: Node): void {
    const root = this.memory.rootOf(v);
    if (!this.outlives(root)) return;
    const { graph } = this;
    const name = `"${root.name ?? "a buffer"}"`;
    const readsIt = (n: Node): boolean => n.inputs.some((x) => x.constant && x.name === root.name);
    const elsewhere = graph.module.graphs.some((g) => g !== graph && [...g.nodes].some(readsIt));
    const written = this.memory.written.some((w) => w.root === root);
    const help = "call model.eval() before the export";
    if (elsewhere || written || root.users.size > 1 || graph.isOutput(root))
      throw new Refusal("FUN0004", `it updates ${name}, which something else reads`, help);
    const location = node.locations[0];
    this.context.report({
      severity: this.context.compiler.settings.strict ? "error" : "warning",
      code: "FUN0004" satisfies AtenCode,
      message: `"${node.op.name}" updates ${name}; nothing else reads it, so the update is left out`,
      op: node.op.name,
      ...(location && { location }),
      help,
    });
  }

  /** Runs `f`, which is about `node`; what it refuses is reported, and the rest is still looked at. */
  private attempt(node: Node, f: () => void): void {
    try {
      f();
    } catch (e) {
      if (!(e instanceof Refusal || e instanceof CompileError || e instanceof RangeError)) throw e;
      this.failed = true;
      const location = node.locations[0];
      const why = e instanceof CompileError ? e.diagnostics.map((d) => d.message).join("; ") : e.message;
      this.context.report({
        severity: "error",
        code: e instanceof Refusal ? e.code : ("FUN0001" satisfies AtenCode),
        message: `"${node.op.name}" cannot be made functional: ${why}`,
        op: node.op.name,
        subject: node.describe(),
        ...(location && { location }),
        help: e instanceof Refusal ? e.help : advice,
      });
    }
  }
}
