import type { Compiler } from "../compiler.ts";
import type { Diagnostic } from "../diagnostic/diagnostic.ts";
import type { Graph } from "../ir/graph.ts";
import type { Module } from "../ir/module.ts";
import { showAttr } from "../op/attr.ts";
import type { AttrInput, Attrs, AttrsOf } from "../op/define-op.ts";

/** What a pass gets beside its target. */
export interface PassContext<A extends Attrs = Attrs> {
  readonly compiler: Compiler;
  readonly module: Module;
  readonly options: AttrsOf<A>;
  /** Notes a problem; errors end the compilation after this pass. */
  report(diagnostic: Diagnostic): void;
}

/** One step of a pipeline: a value that can stand in an array. */
export interface Pass {
  readonly name: string;
  readonly summary: string;
  /** `name{option=value}`, as the pipeline text writes it. */
  readonly text: string;
  run(module: Module, context: PassContext): void | Promise<void>;
}

interface PassSpec<A extends Attrs> {
  /** A verb, in kebab-case. */
  readonly name: string;
  readonly summary: string;
  readonly options?: A;
}

/** What a pass's name, help and pipeline text are made of. */
export interface PassInfo<A extends Attrs = Attrs> {
  readonly name: string;
  readonly summary: string;
  readonly options: A;
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
 *   options: { op: attr.str.default_("tfl.transpose") },
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
    const shown = Object.entries(spec.options ?? {})
      .filter(([k, a]) => options[k] !== a.default)
      .map(([k, a]) => `${k}=${showAttr(a, options[k])}`);
    return Object.freeze({
      name: spec.name,
      summary: spec.summary,
      text: spec.name + (shown.length ? `{${shown.join(",")}}` : ""),
      async run(module: Module, context: PassContext) {
        const ctx = { ...context, options: options as AttrsOf<A> };
        if (spec.scope === "module") await spec.run(module, ctx);
        else for (const g of module.graphs) await spec.run(g, ctx);
      },
    });
  };
  const info = Object.freeze({ name: spec.name, summary: spec.summary, options: (spec.options ?? {}) as A });
  return Object.assign(make, { info }) as PassFactory<A>;
}
