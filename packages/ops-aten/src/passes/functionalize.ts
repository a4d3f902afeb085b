import { definePass, type Diagnostic, type Graph, mapOperands, type Node, type OpDef, type PassContext, Rewriter, sameType, tensor, type Value } from "@tflower/core";

/**
 * Replaces in-place ops by functional ones. What shares memory is tracked: a write to a view is scattered back into its base,
 * and whoever reads an alias afterwards reads the new value. Only then is it known which buffers and inputs a program changes.
 */
export const functionalize = definePass({
  name: "functionalize",
  summary: "Replaces in-place ops by functional ones; mutated buffers become state.",
  scope: "graph",
  run(graph, context) {
    for (const node of graph.nodes)
      if (node.op.traits.inplace) {
        new Functionalizer(graph, context).run();
        return;
      }
  },
});

/** How a value came from another one that it shares memory with. */
interface Alias {
  readonly base: Value;
  /** The view; absent when the value is the base itself under another name. */
  readonly node?: Node;
  readonly result: number;
}

class Functionalizer {
  private readonly graph: Graph;
  private readonly rewriter: Rewriter;
  private readonly context: PassContext;
  private readonly aliases = new Map<Value, Alias>();
  /** For each root: its value now, and how often it was written. */
  private readonly roots = new Map<Value, { now: Value; version: number }>();
  /** For each value: what stands for it, valid at a version of its root. */
  private readonly current = new Map<Value, { now: Value; version: number }>();

  constructor(graph: Graph, context: PassContext) {
    this.graph = graph;
    this.rewriter = new Rewriter(graph);
    this.context = context;
  }

  run(): void {
    for (const node of [...this.graph.nodes]) this.visit(node);
    this.graph.outputs = this.graph.outputs.map((v) => this.read(v, undefined));
    for (const s of this.graph.states) s.next = this.read(s.next, undefined);
    for (const [root, { now, version }] of this.roots) if (version > 0) this.settle(root, now);
    for (const node of [...this.graph.nodes].reverse()) if (node.op.traits.inplace) this.rewriter.erase(node);
  }

  private visit(node: Node): void {
    const { inplace, view } = node.op.traits;
    if (inplace) return this.write(node, inplace);
    this.rewriter.setOperands(
      node,
      mapOperands(node.operands_, (v) => this.read(v, node)),
    );
    if (!view) return;
    const base = node.operands_[view.operand] as Value;
    node.results.forEach((r, result) => {
      // a cast is a view only when there is nothing to cast
      if (r.type.dtype === base.type.dtype) this.aliases.set(r, { base: this.nameOf(base), node, result });
    });
  }

  /** Values that stand for another one are known under its name. */
  private readonly names = new Map<Value, Value>();
  private nameOf(v: Value): Value {
    return this.names.get(v) ?? v;
  }

  private rootOf(v: Value): Value {
    let at = v;
    for (let a = this.aliases.get(at); a; a = this.aliases.get(at)) at = a.base;
    return at;
  }
  private rootState(root: Value): { now: Value; version: number } {
    let s = this.roots.get(root);
    if (!s) {
      s = { now: root, version: 0 };
      this.roots.set(root, s);
    }
    return s;
  }

  /** What `v` holds now; views of something that was written are made anew before `before`. */
  private read(v: Value, before: Node | undefined): Value {
    const root = this.rootOf(v);
    const state = this.roots.get(root);
    if (!state || state.version === 0) return this.aliases.get(v)?.node || !this.aliases.has(v) ? v : this.read(this.aliases.get(v)!.base, before);
    if (v === root) return state.now;
    const known = this.current.get(v);
    if (known?.version === state.version) return known.now;
    const alias = this.aliases.get(v)!;
    const base = this.read(alias.base, before);
    let now = base;
    if (alias.node) {
      const { node } = alias;
      const operand = node.op.traits.view!.operand;
      const again = this.rewriter.create(
        node.op,
        { ...mapOperands(node.operands_, (x) => x), [operand]: base } as never,
        node.attrs as never,
        { before, locations: node.locations, types: node.results.map((r) => r.type) },
      );
      now = again.results[alias.result]!;
      now.name = v.name;
      this.names.set(now, v);
    }
    this.current.set(v, { now, version: state.version });
    return now;
  }

  private write(node: Node, inplace: { readonly operand: string; readonly functional: string }): void {
    const target = node.operands_[inplace.operand] as Value;
    const functional = this.context.compiler.knownOps.get(inplace.functional);
    // the results of an in-place op are its target under other names
    const finish = (): void => node.results.forEach((r, result) => void this.aliases.set(r, { base: target, result }));
    if (functional?.traits.view) {
      if (functional.traits.view && sameType(node.results[0]!.type, target.type)) return finish();
      return this.problem(node, "it changes the shape of a tensor in place, which tflower does not follow");
    }
    if (!functional) return this.problem(node, `its functional form "${inplace.functional}" is not declared`);
    const { [inplace.operand]: self, ...rest } = mapOperands(node.operands_, (v) => this.read(v, node));
    // the functional op may call its first operand otherwise: `dropout_(self, ...)` is `dropout(input, ...)`
    const operands = { [Object.keys(functional.operands)[0]!]: self, ...rest };
    let written: Value;
    try {
      written = this.rewriter.create(functional, operands as never, node.attrs as never, { before: node, locations: node.locations }).results[0]!;
    } catch (e) {
      return this.problem(node, (e as Error).message);
    }
    written.name = node.results[0]?.name;
    this.names.set(written, target);
    const fitted = this.fit(written, target, node);
    this.names.set(fitted, target);
    this.store(target, fitted, node);
    finish();
  }

  /** An in-place op keeps its target's dtype and shape. */
  private fit(written: Value, target: Value, node: Node): Value {
    const place = { before: node, locations: node.locations };
    let v = written;
    const op = (name: string): OpDef => {
      const found = this.context.compiler.knownOps.get(name);
      if (!found) throw new Error(`"${name}" is not declared`);
      return found;
    };
    if (v.type.dtype !== target.type.dtype) v = this.rewriter.create(op("aten._to_copy"), { self: v } as never, { dtype: target.type.dtype }, place).results[0]!;
    if (!sameType(v.type, tensor(v.type.dtype, target.type.shape))) v = this.rewriter.create(op("aten.expand"), { self: v } as never, { size: target.type.shape }, place).results[0]!;
    return v;
  }

  /** Makes `value` what `target` holds, and its bases what follows from that. */
  private store(target: Value, value: Value, at: Node): void {
    const chain: { readonly alias: Alias; readonly value: Value }[] = [];
    let v = target;
    let now = value;
    const fresh = new Map<Value, Value>([[target, value]]);
    for (let alias = this.aliases.get(v); alias; alias = this.aliases.get(v)) {
      chain.push({ alias, value: now });
      if (alias.node) {
        const { writeBack } = alias.node.op.traits;
        if (!writeBack) return this.problem(at, `it writes into the result of "${alias.node.op.name}", and tflower does not know how that reaches the tensor it is a view of`);
        const base = this.read(alias.base, at);
        now = writeBack({
          base,
          attrs: alias.node.attrs as Record<string, unknown>,
          result: alias.result,
          written: now,
          rewriter: this.rewriter,
          emit: (op, operands, attrs) => this.rewriter.create(op, operands as never, attrs, { before: at, locations: at.locations }).results[0]!,
        });
        this.names.set(now, alias.base);
      }
      v = alias.base;
      fresh.set(v, now);
    }
    const state = this.rootState(v);
    state.version++;
    state.now = now;
    for (const [x, y] of fresh) this.current.set(x, { now: y, version: state.version });
  }

  /** A root that outlives the run becomes state, or a mutated input. */
  private settle(root: Value, now: Value): void {
    if (this.graph.inputs.includes(root)) {
      this.graph.inputMutations.push({ input: root, next: now });
      return;
    }
    const known = this.graph.states.find((s) => s.value === root);
    if (known) {
      known.next = now;
      return;
    }
    if (!root.constant) return;
    const name = root.name ?? `buffer_${this.graph.states.length}`;
    const value = this.graph.state(root.constant, name);
    this.rewriter.replaceAllUses(root, value);
    this.graph.states.push({ name, value, next: now === root ? value : now, initial: root.constant });
  }

  private problem(node: Node, why: string): void {
    const location = node.locations[0];
    const d: Diagnostic = {
      severity: "error",
      code: "FUN0001",
      message: `"${node.op.name}" cannot be made functional: ${why}`,
      op: node.op.name,
      subject: node.describe(),
      ...(location && { location }),
      help: "write the program without this in-place op, or export it through run_decompositions({})",
    };
    this.context.report(d);
    // stand-ins, so that the rest is still looked at
    node.results.forEach((r, result) => void this.aliases.set(r, { base: node.operands_[node.op.traits.inplace!.operand] as Value, result }));
  }
}
