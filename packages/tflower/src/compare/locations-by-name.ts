import { type TfliteFile, toTfliteFile } from "@tflower/backend-tflite";
import type { Graph, Location, Module, Value } from "@tflower/core";
import type { LocationsOf } from "./find-lowered.ts";

/**
 * Where the nodes of a graph that was read from a file come from: the same program, compiled again, has tensors of the same names, and
 * knows. Gives how many of the file's tensors are known by name, too.
 */
export function locationsByName(
  compiled: Module,
  read: Graph,
  file: TfliteFile,
): { readonly locationsOf: LocationsOf; readonly known: number; readonly of: number } {
  const again = toTfliteFile(compiled);
  const main = compiled.signatures[0]?.graph ?? compiled.graphs[0]!.name;
  const byName = new Map<string, readonly Location[]>();
  const operators = again.subgraphs[0]!.operators;
  for (const [i, node] of [...compiled.find(main)!.nodes].entries())
    for (const t of operators[i]?.outputs ?? []) byName.set(again.subgraphs[0]!.tensors[t]!.name!, node.locations);
  const byValue = new Map<Value, readonly Location[]>();
  const written = file.subgraphs[0]!;
  let known = 0;
  for (const [i, node] of [...read.nodes].entries())
    for (const [k, value] of node.results.entries()) {
      const found = byName.get(written.tensors[written.operators[i]!.outputs[k]!]!.name ?? "");
      if (!found) continue;
      byValue.set(value, found);
      known++;
    }
  return { locationsOf: (v) => byValue.get(v) ?? [], known, of: [...read.nodes].flatMap((n) => n.results).length };
}
