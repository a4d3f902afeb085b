import type { OpDef } from "@tflower/core";
import type { ExportGraph } from "../schema/exported-program.ts";
import { opNameOf } from "./opaque-op.ts";
import { tensorNames } from "./scope.ts";

/** Whether a program may write in place to a tensor with one of `names`, or to a view of one. Errs towards yes. */
export function mayBeWritten(graph: ExportGraph, names: Iterable<string>, ops: ReadonlyMap<string, OpDef>): boolean {
  const aliases = new Set(names);
  for (const node of graph.nodes) {
    const given = node.inputs.map(({ name, arg }) => ({
      name,
      arg,
      aliased: tensorNames(arg).some((n) => aliases.has(n)),
    }));
    if (!given.some((g) => g.aliased)) continue;
    const traits = ops.get(opNameOf(node.target))?.traits;
    const written = traits?.inplace?.operand;
    // an op that nobody knows may do anything, and so may the body of a higher-order one
    if (!traits || given.some((g) => g.arg.kind === "graph" || (g.aliased && g.name === written))) return true;
    if (traits.view || traits.inplace) for (const n of node.outputs.flatMap(tensorNames)) aliases.add(n);
  }
  return false;
}
