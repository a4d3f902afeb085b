import { HookMap, SyncBailHook, SyncHook, SyncWaterfallHook } from "tapable";
import type { Diagnostic } from "./diagnostic/diagnostic.ts";
import type { Dim } from "./ir/dim.ts";
import type { Graph } from "./ir/graph.ts";
import type { Module } from "./ir/module.ts";
import type { Node } from "./ir/node.ts";
import type { TensorType } from "./ir/type.ts";
import type { Value } from "./ir/value.ts";
import type { AnyOperands, OpDef } from "./op/define-op.ts";
import type { Outlined, PartitionCall } from "./partition/outline.ts";
import type { Partitioning } from "./partition/partition.ts";
import { type PartitionOptions, partitionGraph, type Verdict } from "./partition/partition-graph.ts";
import { settlePartitioning } from "./partition/schedule.ts";
import type { Decision } from "./pass/decision.ts";
import type { Pass, PassFactory } from "./pass/define-pass.ts";
import type { QuantAnnotation } from "./quant-annotation.ts";
import type { LowerContext } from "./rewrite/convert.ts";
import { type Emit, type Lowering, Rejection } from "./rewrite/define-lowering.ts";
import type { SerializeHooks } from "./serialized.ts";
import { defaultSettings, type Settings } from "./settings.ts";

/** Something that registers with a compiler: a dialect, lowerings, passes, a backend. */
export interface Plugin {
  readonly name: string;
  apply(compiler: Compiler): void;
}

/** The stages of a pipeline, each an array of passes that a plugin or a user may change. */
export interface Pipeline {
  /** Makes an imported program functional and canonical. */
  readonly import: readonly Pass[];
  /** Takes ops from the source dialects to the target's. */
  readonly lower: readonly Pass[];
  /** Cleans up, lays out, fuses. */
  readonly optimize: readonly Pass[];
  /** Last changes before writing: what the file format wants. */
  readonly finish: readonly Pass[];
}
const emptyPipeline: Pipeline = { import: [], lower: [], optimize: [], finish: [] };

/** Why a delegate does not take a node. */
export interface Support {
  readonly supported: boolean;
  readonly reason?: string;
  /** A change that would let it take the node. */
  readonly help?: string;
  /** Who says so: a table, or a validator of some build. */
  readonly source?: string;
}

/** An op with types that nodes do not have yet. */
export interface KernelUse {
  readonly op: OpDef;
  readonly operands: AnyOperands<Pick<Value, "type" | "constant">>;
  readonly attrs: Readonly<Record<string, unknown>>;
  readonly results: readonly TensorType[];
}

/**
 * Knows nothing by itself: ops, lowerings, passes and formats register through its hooks.
 *
 * tapable compiles hooks with `new Function`, which a page's strict Content-Security-Policy forbids.
 *
 * @example
 * const compiler = new Compiler().use(atenPlugin(), tflitePlugin());
 * compiler.hooks.afterPass.tap("trace", (pass) => console.error(pass.text));
 * await runPasses(module, allPasses(compiler.pipeline), compiler);
 */
export class Compiler {
  readonly settings: Settings;
  constructor(settings: Partial<Settings> = {}) {
    this.settings = Object.freeze({ ...defaultSettings, ...settings });
  }
  readonly hooks = Object.freeze({
    /** Keyed by op name. The first tap that returns values wins; `stage` orders the taps. */
    lower: new HookMap<SyncBailHook<[Node, LowerContext], readonly Value[] | undefined>>(
      (name) => new SyncBailHook(["node", "context"], `lower ${name}`),
    ),
    /** Says whether a node may stay as it is after lowering. */
    legal: new SyncBailHook<[Node], boolean | undefined>(["node"], "legal"),
    /** Makes a rank-0 int32 value of a symbolic extent, by ops of the target's dialect. */
    dim: new SyncBailHook<[Dim, Emit, Node], Value | undefined>(["dim", "emit", "node"], "dim"),
    /** Adds passes to the pipeline, or changes it. */
    pipeline: new SyncWaterfallHook<[Pipeline]>(["pipeline"], "pipeline"),
    /** Keyed by delegate: may this node run there? */
    support: new HookMap<SyncBailHook<[Node], Support | undefined>>(
      (name) => new SyncBailHook(["node"], `support ${name}`),
    ),
    /** Keyed by delegate: changes what the engine has decided. What comes out is checked. */
    partition: new HookMap<SyncWaterfallHook<[Partitioning, PartitionOptions]>>(
      (name) => new SyncWaterfallHook(["partitioning", "options"], `partition ${name}`),
    ),
    /** Keyed by delegate: which node takes a partition's place when it is moved into a graph of its own. */
    outline: new HookMap<SyncBailHook<[Outlined], PartitionCall | undefined>>(
      (name) => new SyncBailHook(["outlined"], `outline ${name}`),
    ),
    /**
     * How a node is to be quantized, asked before a recipe decides: the first tap that answers wins.
     *
     * @example
     * compiler.hooks.annotate.tap("mine", (node) =>
     *   node.op === tfl.softmax ? { choice: "float", reason: "its rows are compared" } : undefined,
     * );
     */
    annotate: new SyncBailHook<[Node], QuantAnnotation | undefined>(["node"], "annotate"),
    /**
     * Keyed by what is written, see {@link Serialized}: shows it before it is checked and written, and takes another in its place.
     *
     * @example
     * compiler.hooks.serialize.for("tflite").tap("mine", (file) => ({ ...file, description: "Made by us." }));
     */
    serialize: new HookMap<SyncWaterfallHook<[unknown, unknown]>>(
      (name) => new SyncWaterfallHook(["what", "from"], `serialize ${name}`),
    ) as unknown as SerializeHooks,
    /** Whether the target has a kernel for an op with these types; no answer where nobody knows. */
    kernel: new SyncBailHook<[KernelUse], Support | undefined>(["use"], "kernel"),
    beforePass: new SyncHook<[Pass, Module]>(["pass", "module"], "beforePass"),
    afterPass: new SyncHook<[Pass, Module]>(["pass", "module"], "afterPass"),
    failedPass: new SyncHook<[Pass, Module, Error]>(["pass", "module", "error"], "failedPass"),
    /** Parts of the pass that is running, each with a name. */
    beforeStep: new SyncHook<[string]>(["name"], "beforeStep"),
    afterStep: new SyncHook<[string]>(["name"], "afterStep"),
    /** What passes count, as it happens. */
    statistic: new SyncHook<[Pass, string, number]>(["pass", "what", "by"], "statistic"),
    /** Choices that passes make between forms by what they cost, as they make them. */
    decision: new SyncHook<[Pass, Decision]>(["pass", "decision"], "decision"),
    /** Every diagnostic, as it comes. */
    diagnostic: new SyncHook<[Diagnostic]>(["diagnostic"], "diagnostic"),
  });
  private readonly ops_ = new Map<string, OpDef>();
  private readonly lowerings_ = new Map<string, Lowering<any>[]>();
  private readonly passes_ = new Map<string, PassFactory>();
  private readonly plugins_: Plugin[] = [];

  /** Applies plugins, in order. */
  use(...plugins: readonly Plugin[]): this {
    for (const p of plugins) {
      p.apply(this);
      this.plugins_.push(p);
    }
    return this;
  }
  /** Plugins in use, in order. */
  get plugins(): readonly Plugin[] {
    return this.plugins_;
  }
  /** Makes passes known to whoever reads pipelines from text; those of {@link pipeline} are known anyway. */
  passes(...factories: readonly PassFactory[]): this {
    for (const f of factories) this.passes_.set(f.info.name, f);
    return this;
  }
  /** Passes that plugins have made known beside those of the pipeline. */
  get registeredPasses(): readonly PassFactory[] {
    return [...this.passes_.values()];
  }
  /** Makes ops known to importers and the parser. */
  ops(dialect: Readonly<Record<string, OpDef>> | readonly OpDef[]): this {
    for (const op of Array.isArray(dialect) ? (dialect as readonly OpDef[]) : Object.values(dialect))
      this.ops_.set(op.name, op);
    return this;
  }
  /** Every known op, by name. */
  get knownOps(): ReadonlyMap<string, OpDef> {
    return this.ops_;
  }
  /**
   * Registers lowerings. One with the same name and op as an earlier one takes its place;
   * among the others the highest benefit is tried first. Hooks are made when an op is first met.
   */
  lower(...lowerings: readonly Lowering<any>[]): this {
    for (const l of lowerings) {
      const list = this.lowerings_.get(l.op.name) ?? [];
      const same = list.findIndex((x) => x.name === l.name);
      if (same >= 0) list[same] = l;
      else list.push(l);
      this.lowerings_.set(l.op.name, list);
    }
    return this;
  }
  /** Takes away the lowerings of `op`, or the one called `name`. */
  withoutLowering(op: OpDef, name?: string): this {
    const list = this.lowerings_.get(op.name) ?? [];
    this.lowerings_.set(op.name, name === undefined ? [] : list.filter((l) => l.name !== name));
    return this;
  }
  /** Lowerings of an op, as they are tried. */
  loweringsOf(op: string): readonly Lowering<any>[] {
    return [...(this.lowerings_.get(op) ?? [])].sort((a, b) => b.benefit - a.benefit);
  }
  /** The function that lowers nodes of `op`: taps of `hooks.lower`, then registered lowerings. */
  lowererOf(op: string): (node: Node, context: LowerContext) => readonly Value[] | undefined {
    const hook = this.hooks.lower.get(op);
    const lowerings = this.loweringsOf(op);
    return (node, context) => {
      const tapped = hook?.call(node, context);
      if (tapped) return tapped;
      for (const l of lowerings) {
        const out = l.lower(node.operands, node.attrs, context.emit, node);
        if (!(out instanceof Rejection)) return Array.isArray(out) ? (out as readonly Value[]) : [out as Value];
        context.rejected(l.name, out);
      }
      return undefined;
    };
  }
  /** What a delegate says of nodes: the first tap of its `support` hook that says something. `undefined` when nobody speaks for it. */
  verdictOf(delegate: string): Verdict | undefined {
    const hook = this.hooks.support.get(delegate);
    return hook?.isUsed() ? (node) => hook.call(node) : undefined;
  }
  /**
   * Divides a graph between a delegate and the rest: the engine's answer, as taps of `hooks.partition` change it. Throws a
   * {@link CompileError} when a tap makes something impossible of it.
   */
  partition(graph: Graph, delegate: string, options: PartitionOptions = {}): Partitioning {
    const made = partitionGraph(graph, this.verdictOf(delegate) ?? (() => undefined), options);
    const hook = this.hooks.partition.get(delegate);
    if (!hook?.isUsed()) return made;
    return settlePartitioning(hook.call(made, options));
  }
  /** The pipeline as the plugins in use have it. */
  get pipeline(): Pipeline {
    return this.hooks.pipeline.call(emptyPipeline);
  }
}
