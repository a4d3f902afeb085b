import type { Graph } from "../ir/graph.ts";

/** Something that can be computed from a graph, and is kept until the graph changes. Compared by identity. */
export interface Analysis<T> {
  readonly name: string;
  readonly summary: string;
  /** Computes it; `get` asks for other analyses of the same graph. */
  readonly compute: (graph: Graph, get: <U>(analysis: Analysis<U>) => U) => T;
  /** Whether two results say the same. With it, a pass that wrongly says it preserves the analysis is found out. */
  readonly same?: (a: T, b: T) => boolean;
}

/**
 * Declares an {@link Analysis}. A pass asks for it with `context.analysis(a, graph)`: it is computed once, and again after an edit
 * unless the pass that made the edit says `preserves: [a]`.
 *
 * @example
 * const nodeCount = defineAnalysis({
 *   name: "node-count",
 *   summary: "How many nodes there are.",
 *   compute: (graph) => [...graph.nodes].length,
 *   same: (a, b) => a === b,
 * });
 */
export const defineAnalysis = <T>(analysis: Analysis<T>): Analysis<T> => Object.freeze(analysis);

/** Which analyses hold after a pass that held before it. */
export type Preserved = "all" | readonly Analysis<any>[];

interface Entry {
  version: number;
  readonly value: unknown;
}

/**
 * Results of analyses by graph. A result is valid while the graph's `version` is what it was: every edit through a `Rewriter` counts it up.
 */
export class AnalysisCache {
  private readonly known = new Map<Graph, Map<Analysis<any>, Entry>>();

  /** The result for `graph` as it is now. */
  get<T>(analysis: Analysis<T>, graph: Graph): T {
    const entries = this.known.get(graph) ?? new Map<Analysis<any>, Entry>();
    this.known.set(graph, entries);
    const entry = entries.get(analysis);
    if (entry?.version === graph.version) return entry.value as T;
    const value = analysis.compute(graph, (a) => this.get(a, graph));
    entries.set(analysis, { version: graph.version, value });
    return value;
  }
  /** What is valid now, to be given to {@link carryOver} after edits. */
  valid(): readonly ValidAnalysis[] {
    return [...this.known].flatMap(([graph, entries]) =>
      [...entries].flatMap(([analysis, e]) => (e.version === graph.version ? [{ graph, analysis, entry: e }] : [])),
    );
  }
  /** Says that the preserved ones among `before` hold for the graphs as they are now. */
  carryOver(before: readonly ValidAnalysis[], preserved: Preserved): void {
    for (const { graph, analysis, entry } of before)
      if (this.known.get(graph)?.get(analysis) === entry && (preserved === "all" || preserved.includes(analysis)))
        entry.version = graph.version;
  }
  /** Names of the preserved ones among `before` that say something else when they are computed anew. */
  broken(before: readonly ValidAnalysis[], preserved: Preserved): readonly string[] {
    const fresh = new AnalysisCache();
    return before.flatMap(({ graph, analysis, entry }) =>
      (preserved === "all" || preserved.includes(analysis)) &&
      analysis.same?.(entry.value, fresh.get(analysis, graph)) === false
        ? [analysis.name]
        : [],
    );
  }
}

/** One result that was valid at some moment. */
export interface ValidAnalysis {
  readonly graph: Graph;
  readonly analysis: Analysis<any>;
  readonly entry: Entry;
}
