import type { Compiler } from "../compiler.ts";
import type { Diagnostic } from "../diagnostic/diagnostic.ts";
import type { Graph } from "../ir/graph.ts";
import type { Module } from "../ir/module.ts";
import { showAttr } from "../op/attr.ts";
import type { AttrInput, Attrs, AttrsOf } from "../op/define-op.ts";
import type { Analysis, Preserved } from "./analyses.ts";
import type { Decision } from "./decision.ts";
import { type PassRef, passName } from "./pass-ref.ts";

/** What a pass gets beside its target. */
export interface PassContext<A extends Attrs = Attrs> {
  readonly compiler: Compiler;
  readonly module: Module;
  readonly options: AttrsOf<A>;
  /** Notes a problem; errors end the compilation after this pass. */
  report(diagnostic: Diagnostic): void;
  /** The result of an analysis for `graph` as it is now, computed when no valid one is at hand. */
  analysis<T>(analysis: Analysis<T>, graph: Graph): T;
  /** Adds to a statistic of this pass, such as how often a rule has applied. */
  count(what: string, by?: number): void;
  /** Tells of a choice between forms by their costs; `decision` is asked only where somebody listens. */
  decide(decision: () => Decision): void;
  /** Runs a part of the pass that the timing tree shows by itself. */
  step<T>(name: string, part: () => T): T;
  /** Runs other passes as part of this one. */
  run(passes: readonly Pass[]): Promise<void>;
}

/** One step of a pipeline: a value that can stand in an array. */
export interface Pass {
  readonly name: string;
  readonly summary: string;
  /** `name{option=value}`, as the pipeline text writes it. */
  readonly text: string;
  /** What makes passes like this one; absent where it is made of others. */
  readonly factory?: PassFactory;
  /** Passes that this one is made of. */
  readonly parts?: readonly Pass[];
  /** Names of passes that come before it, somewhere. */
  readonly requires?: readonly string[];
  /** Names of passes that do not come after it only. */
  readonly after?: readonly string[];
  /** Analyses that are still valid after it, whatever it edited. */
  readonly preserves?: Preserved;
  run(module: Module, context: PassContext): void | Promise<void>;
}

interface PassSpec<A extends Attrs> {
  /** A verb, in kebab-case. */
  readonly name: string;
  readonly summary: string;
  readonly options?: A;
  /**
   * Passes that must have run before, by their factories or names: what the pass could not do without. See {@link after} for one that merely
   * does more behind another.
   */
  readonly requires?: readonly PassRef[];
  /** Passes that must come before it where they come at all: it would be in their way, or they would undo what it does. */
  readonly after?: readonly PassRef[];
  /** Analyses that hold after the pass where they held before. One that edits nothing needs not say so. */
  readonly preserves?: Preserved;
}

/** What a pass's name, help and pipeline text are made of. */
export interface PassInfo<A extends Attrs = Attrs> {
  readonly name: string;
  readonly summary: string;
  readonly options: A;
  /** Names of passes that come before it. */
  readonly requires: readonly string[];
  /** Names of passes that come before it where they come at all. */
  readonly after: readonly string[];
}

/** Makes a {@link Pass} from options; `info` serves whoever reads passes from text. */
export interface PassFactory<A extends Attrs = any> {
  (...options: {} extends AttrInput<A> ? [options?: AttrInput<A>] : [options: AttrInput<A>]): Pass;
  readonly info: PassInfo<A>;
}

/**
 * Declares a pass over each graph, or over the module. The result makes a {@link Pass} from options.
 *
 * @example
 * const countNodes = definePass({
 *   name: "count-nodes",
 *   summary: "Notes how many nodes of an op there are.",
 *   options: { op: attr.str.about("name of the op").default_("tfl.transpose") },
 *   scope: "graph",
 *   run(graph, { options, report }) {
 *     const count = [...graph.nodes].filter((n) => n.op.name === options.op).length;
 *     report({ severity: "note", code: "COUNT", message: `@${graph.name} has ${count} of ${options.op}` });
 *   },
 * });
 * const passes = [countNodes(), countNodes({ op: "tfl.reshape" })];
 */
export function definePass<const A extends Attrs = {}>(
  spec: PassSpec<A> &
    (
      | { readonly scope: "graph"; readonly run: (graph: Graph, context: PassContext<A>) => void | Promise<void> }
      | { readonly scope: "module"; readonly run: (module: Module, context: PassContext<A>) => void | Promise<void> }
    ),
): PassFactory<A> {
  const make = (...given: readonly [options?: unknown]): Pass => {
    const options: Record<string, unknown> = {};
    for (const [k, a] of Object.entries(spec.options ?? {})) {
      const v = (given[0] as Record<string, unknown> | undefined)?.[k] ?? a.default;
      if (!a.check(v))
        throw new TypeError(`pass "${spec.name}": option "${k}" must be ${a.expected}, got ${String(v)}`);
      options[k] = v;
    }
    const unknown = Object.keys((given[0] as object | undefined) ?? {}).find((k) => !(k in (spec.options ?? {})));
    if (unknown !== undefined)
      throw new TypeError(
        `pass "${spec.name}" has no option "${unknown}"; it has ${Object.keys(spec.options ?? {}).join(", ") || "none"}`,
      );
    const shown = Object.entries(spec.options ?? {})
      .filter(([k, a]) => showAttr(a, options[k]) !== showAttr(a, a.default))
      .map(([k, a]) => `${k}=${showAttr(a, options[k])}`);
    return Object.freeze({
      name: spec.name,
      summary: spec.summary,
      text: spec.name + (shown.length ? `{${shown.join(",")}}` : ""),
      factory,
      ...(info.requires.length > 0 && { requires: info.requires }),
      ...(info.after.length > 0 && { after: info.after }),
      ...(spec.preserves && { preserves: spec.preserves }),
      async run(module: Module, context: PassContext) {
        const ctx = { ...context, options: options as AttrsOf<A> };
        if (spec.scope === "module") return spec.run(module, ctx);
        const { graphs } = module;
        // one graph needs no level of its own among the times
        for (const g of graphs)
          await (graphs.length === 1 ? spec.run(g, ctx) : context.step(`@${g.name}`, () => spec.run(g, ctx)));
      },
    });
  };
  const info = Object.freeze({
    name: spec.name,
    summary: spec.summary,
    options: (spec.options ?? {}) as A,
    requires: Object.freeze((spec.requires ?? []).map(passName)),
    after: Object.freeze((spec.after ?? []).map(passName)),
  });
  const factory = Object.assign(make, { info }) as PassFactory<A>;
  return factory;
}
