import { CompileError, definePass, type Diagnostic, type Graph, isStatic, mapOperands, type Node, type OpDef, type PassContext, Rewriter, type Value } from "@tflower/core";
import type { FunctionalCode } from "../codes.ts";
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

const applicationOf = (node: Node) => ({ types: mapOperands(node.operands_, (v) => v.type), attrs: node.attrs as Record<string, unknown> });
const overwritten = (node: Node): readonly string[] => node.op.traits.overwrites?.(applicationOf(node)) ?? [];
/** An op that tflower does not know may write; PyTorch marks those that do by their names: `resize_`, `__iand__`, `add.out`. */
const soundsInPlace = (op: OpDef): boolean => op.traits.opaque === true && /(^|\.)(__i\w+__|\w*[^_.]_)(\.\w+)?$|\.(\w+_)?out$/.test(op.name);
const writes = (node: Node): boolean => node.op.traits.inplace !== undefined || soundsInPlace(node.op) || overwritten(node).length > 0;

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
    for (const node of [...graph.nodes]) this.visit(node);
    const last = (v: Value): Value => this.read(v, undefined, this.done.at(-1)!);
    graph.outputs = graph.outputs.map(last);
    for (const s of graph.states) s.next = last(s.next);
    for (const m of graph.inputMutations) m.next = last(m.next);
    for (const { root, now } of this.memory.written) this.settle(root, now);
    for (const v of [...graph.inputs, ...graph.states.map((s) => s.value)]) this.checkKnown(v, this.done.at(-1)!);
    if (!this.failed) for (const node of this.done.reverse()) if (node.op.traits.inplace) this.rewriter.erase(node);
  }

  private visit(node: Node): void {
    const { inplace, view, sharesMemory } = node.op.traits;
    const last = node;
    if (soundsInPlace(node.op)) return this.problem("FUN0001", node, "tflower does not know what it does, and its name says that it writes to what it is given");
    if (inplace) {
      this.done.push(node);
      return this.write(node, inplace);
    }
    const shares = view && (sharesMemory ? sharesMemory(applicationOf(node)) : true);
    const bases = view ? node.results.map((_, i) => viewedOperand(node, i)) : [];
    const lost = overwritten(node).flatMap((k) => (node.operands_[k] as Value | undefined) ?? []);
    for (const v of lost) this.overwrite(v, node);
    const now = mapOperands(node.operands_, (v) => this.read(v, node, last));
    if (node.inputs.some((v) => this.memory.read(v, node) !== v)) this.rewriter.setOperands(node, now);
    if (view && shares !== false)
      node.results.forEach((r, result) => {
        if (shares) this.memory.alias(r, bases[result]!, { node, result });
        else this.memory.doubt(r, bases[result]!);
      });
    for (const v of lost) this.memory.lose(v, node);
  }

  private read(v: Value, at: Node | undefined, reader: Node): Value {
    this.checkKnown(v, reader);
    return this.memory.read(v, at);
  }
  private checkKnown(v: Value, reader: Node): void {
    const by = this.memory.lostBy(v);
    if (!by) return;
    this.problem("FUN0002", reader, `it reads a tensor that "${by.op.name}" may have changed: whether the two share memory is decided when PyTorch runs`);
  }

  private write(node: Node, { operand, functional: name }: { readonly operand: string; readonly functional: string }): void {
    const target = node.operands_[operand] as Value;
    // the result of an in-place op is its target under another name
    for (const r of node.results) this.memory.alias(r, target);
    const functional = this.context.compiler.knownOps.get(name);
    if (!functional) return this.problem("FUN0001", node, `its functional form "${name}" is not declared`);
    const { [operand]: self, ...rest } = mapOperands(node.operands_, (v) => this.read(v, node, node));
    // the functional op may call its first argument otherwise: `dropout_(self, ...)` is `dropout(input, ...)`
    const operands = { [Object.keys(functional.operands)[0]!]: self, ...rest };
    const place = { before: node, locations: node.locations };
    try {
      const made = this.rewriter.create(functional, operands as never, node.attrs as Record<string, unknown>, place).results[0]!;
      made.name = node.results[0]?.name;
      const why = this.memory.write(target, this.fit(made, target, node), node);
      if (why) this.problem("FUN0001", node, why);
    } catch (e) {
      if (!(e instanceof CompileError || e instanceof RangeError)) throw e;
      this.problem("FUN0001", node, e instanceof CompileError ? e.diagnostics.map((d) => d.message).join("; ") : e.message);
    }
  }

  /** An in-place op keeps its target's dtype and shape. */
  private fit(written: Value, target: Value, node: Node): Value {
    const place = { before: node, locations: node.locations };
    const { dtype, shape } = target.type;
    let v = written;
    if (v.type.dtype !== dtype) v = this.rewriter.create(this.op("aten._to_copy"), { self: v } as never, { dtype }, place).results[0]!;
    const smaller = v.type.shape.length !== shape.length || v.type.shape.some((d, i) => d !== shape[i] && (isStatic(d) || isStatic(shape[i]!)));
    if (smaller) v = this.rewriter.create(this.op("aten.expand"), { self: v } as never, { size: shape }, place).results[0]!;
    return v;
  }
  private op(name: string): OpDef {
    const found = this.context.compiler.knownOps.get(name);
    if (!found) throw new RangeError(`"${name}" is not declared`);
    return found;
  }

  /** A root that outlives the run becomes state, or a mutated input. */
  private settle(root: Value, now: Value): void {
    const { graph } = this;
    const outlives = graph.inputs.includes(root) || root.constant !== undefined || graph.states.some((s) => s.value === root);
    if (!outlives) return;
    if (!graph.module.signatures.some((s) => s.graph === graph.name)) {
      const writer = this.done.find((n) => this.memory.rootOf(n.results[0] ?? (Object.values(n.operands_)[0] as Value)) === root) ?? this.done[0]!;
      return this.problem("FUN0003", writer, "it writes to a tensor that the body of a control-flow op is given, and only what the body returns leaves it");
    }
    if (graph.inputs.includes(root)) {
      const known = graph.inputMutations.find((m) => m.input === root);
      if (known) known.next = now;
      else graph.inputMutations.push({ input: root, next: now });
      return;
    }
    const known = graph.states.find((s) => s.value === root);
    if (known) {
      known.next = now;
      return;
    }
    const name = root.name ?? `buffer_${graph.states.length}`;
    const value = graph.state(root.constant!, name);
    this.rewriter.replaceAllUses(root, value);
    graph.states.push({ name, value, next: now === root ? value : now, initial: root.constant! });
  }

  /** A buffer that an op changes without saying so: nothing else may read it, in this graph or another. */
  private overwrite(v: Value, node: Node): void {
    const root = this.memory.rootOf(v);
    const elsewhere = this.graph.module.graphs.some((g) => g !== this.graph && [...g.nodes].some((n) => n.inputs.some((x) => x.constant && x.name === root.name)));
    const outlives = this.graph.inputs.includes(root) || root.constant !== undefined || this.graph.states.some((s) => s.value === root);
    if (!outlives) return;
    const what = `"${root.name ?? "a buffer"}"`;
    if (root.users.size > 1 || this.graph.isOutput(root) || this.memory.read(root, node) !== root || elsewhere)
      this.problem("FUN0004", node, `it updates ${what}, which something else reads`, "call model.eval() before the export");
    else
      this.context.report({
        severity: "warning",
        code: "FUN0004" satisfies FunctionalCode,
        message: `"${node.op.name}" updates ${what}; nothing reads it, so the update is left out`,
        op: node.op.name,
        ...(node.locations[0] && { location: node.locations[0] }),
        help: "call model.eval() before the export",
      });
  }

  private problem(code: FunctionalCode, node: Node, why: string, help = "write the program without this in-place op, or export it through run_decompositions({})"): void {
    this.failed = true;
    const location = node.locations[0];
    const d: Diagnostic = {
      severity: "error",
      code,
      message: `"${node.op.name}" cannot be made functional: ${why}`,
      op: node.op.name,
      subject: node.describe(),
      ...(location && { location }),
      help,
    };
    this.context.report(d);
  }
}
