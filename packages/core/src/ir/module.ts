import { compileError } from "../diagnostic/diagnostic.ts";
import type { SymbolRange } from "./dim.ts";
import { Graph } from "./graph.ts";

/** One entry point of a module: a graph, and the name callers know it by. */
export interface Signature {
  readonly key: string;
  readonly graph: string;
}

/** Graphs that are compiled together: one per signature, and the bodies of control flow. */
export class Module {
  private readonly graphs_ = new Map<string, Graph>();
  /** Ranges of the symbols in types and attributes. */
  readonly symbols: Map<string, SymbolRange> = new Map();
  signatures: Signature[] = [];
  /** Facts about the program for reports: producer, versions, preconditions. */
  readonly metadata: Map<string, string> = new Map();

  /** Adds an empty graph. Throws when the name is taken. */
  graph(name: string): Graph {
    if (this.graphs_.has(name)) throw compileError("IR0008", `a graph called "@${name}" is there already`);
    const g = new Graph(this, name);
    this.graphs_.set(name, g);
    return g;
  }
  get graphs(): readonly Graph[] {
    return [...this.graphs_.values()];
  }
  find(name: string): Graph | undefined {
    return this.graphs_.get(name);
  }
  remove(name: string): void {
    this.graphs_.delete(name);
  }
  /** A name not taken yet, `base` itself when it is free. */
  freeName(base: string): string {
    let name = base;
    for (let i = 1; this.graphs_.has(name); i++) name = `${base}_${i}`;
    return name;
  }
  /** Bounds of a symbol; one without a range constraint is any non-negative extent. */
  rangeOf = (name: string): SymbolRange => this.symbols.get(name) ?? { min: 0, max: Infinity };
}
