import type { Compiler } from "../../compiler.ts";
import type { Module } from "../../ir/module.ts";

/** What one pass did. */
export interface PassStatistics {
  readonly pass: string;
  /** Nodes of the module before and after. */
  readonly nodes: readonly [before: number, after: number];
  /** Difference in the number of nodes, by op; ops that stayed as many are left out. */
  readonly ops: Readonly<Record<string, number>>;
  /** What the pass counted with `context.count`. */
  readonly counts: Readonly<Record<string, number>>;
}

function opsOf(module: Module): Map<string, number> {
  const out = new Map<string, number>();
  for (const g of module.graphs) for (const n of g.nodes) out.set(n.op.name, (out.get(n.op.name) ?? 0) + 1);
  return out;
}
const sum = (counts: ReadonlyMap<string, number>): number => [...counts.values()].reduce((a, b) => a + b, 0);

/** Counts nodes around every pass that `compiler` runs from now on. The list fills as they end. */
export function collectStatistics(compiler: Compiler): readonly PassStatistics[] {
  const out: PassStatistics[] = [];
  const open: { readonly ops: ReadonlyMap<string, number>; readonly counts: Map<string, number> }[] = [];
  compiler.hooks.beforePass.tap("statistics", (_, module) => {
    open.push({ ops: opsOf(module), counts: new Map() });
  });
  compiler.hooks.statistic.tap("statistics", (_, what, by) => {
    const counts = open.at(-1)?.counts;
    counts?.set(what, (counts.get(what) ?? 0) + by);
  });
  compiler.hooks.failedPass.tap("statistics", () => void open.pop());
  compiler.hooks.afterPass.tap("statistics", (pass, module) => {
    const { ops: before, counts } = open.pop()!;
    if (pass.parts) return;
    const after = opsOf(module);
    const names = [...new Set([...before.keys(), ...after.keys()])].sort();
    const changed = names
      .map((n) => [n, (after.get(n) ?? 0) - (before.get(n) ?? 0)] as const)
      .filter(([, by]) => by !== 0);
    out.push({
      pass: pass.text,
      nodes: [sum(before), sum(after)],
      ops: Object.fromEntries(changed),
      counts: Object.fromEntries(counts),
    });
  });
  return out;
}

/** The statistics for people: passes that did something, and how many did not. */
export function renderStatistics(statistics: readonly PassStatistics[]): string {
  const idle = (s: PassStatistics): boolean => Object.keys(s.ops).length + Object.keys(s.counts).length === 0;
  const signed = (n: number): string => (n > 0 ? `+${n}` : String(n));
  const shown = statistics
    .filter((s) => !idle(s))
    .map((s) => {
      const ops = Object.entries(s.ops).map(([k, n]) => `${signed(n).padStart(12)} ${k}\n`);
      const counts = Object.entries(s.counts).map(([k, n]) => `${String(n).padStart(12)} x ${k}\n`);
      return `${s.pass}: ${s.nodes[0]} -> ${s.nodes[1]} nodes\n${ops.join("")}${counts.join("")}`;
    });
  const rest = statistics.filter(idle).length;
  return shown.join("") + (rest ? `${rest} ${rest > 1 ? "passes" : "pass"} neither added nor dropped nodes\n` : "");
}
