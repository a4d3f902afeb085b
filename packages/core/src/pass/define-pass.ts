import type { Diagnostic } from "../diagnostic/diagnostic.ts";
import type { Graph } from "../ir/graph.ts";
import type { Module } from "../ir/module.ts";
import { type Attrs, type AttrInput, type AttrsOf } from "../op/define-op.ts";
import { showAttr } from "../op/attr.ts";
import type { Compiler } from "../compiler.ts";

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

/** Declares a pass over each graph, or over the module. The result makes a {@link Pass} from options. */
export function definePass<const A extends Attrs = {}>(
  spec: PassSpec<A> &
    (
      | { readonly scope: "graph"; readonly run: (graph: Graph, context: PassContext<A>) => void | Promise<void> }
      | { readonly scope: "module"; readonly run: (module: Module, context: PassContext<A>) => void | Promise<void> }
    ),
): (...options: {} extends AttrInput<A> ? [options?: AttrInput<A>] : [options: AttrInput<A>]) => Pass {
  return (...given) => {
    const options: Record<string, unknown> = {};
    for (const [k, a] of Object.entries(spec.options ?? {})) {
      const v = (given[0] as Record<string, unknown> | undefined)?.[k] ?? a.default;
      if (!a.check(v)) throw new TypeError(`pass "${spec.name}": option "${k}" must be ${a.expected}, got ${String(v)}`);
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
}
