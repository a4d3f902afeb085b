import { type Subgraph, type TfliteFile, toTfliteFile } from "@tflower/backend-tflite";
import type { Graph, Location, Module, Value } from "@tflower/core";
import type { LocationsOf } from "./find-lowered.ts";

/**
 * Where the nodes of a module that was read from a file come from: the same program, compiled again, has tensors of the same names in graphs
 * of the same names, and knows. Gives how many of the file's tensors are known by name, too.
 */
export function locationsByName(
  compiled: Module,
  read: Module,
  file: TfliteFile,
): { readonly locationsOf: LocationsOf; readonly known: number; readonly of: number } {
  const again = toTfliteFile(compiled);
  // the main graph of a file has the name that its maker gave it
  const byGraph = new Map(
    again.subgraphs.map((s, i) => [i ? s.name : "", locationsByTensor(compiled.find(s.name!)!, s)]),
  );
  const byValue = new Map<Value, readonly Location[]>();
  let known = 0;
  let of = 0;
  for (const [i, graph] of read.graphs.entries()) {
    const written = file.subgraphs[i]!;
    const byName = byGraph.get(i ? written.name : "");
    for (const [n, node] of [...graph.nodes].entries())
      for (const [k, value] of node.results.entries()) {
        of++;
        const found = byName?.get(written.tensors[written.operators[n]!.outputs[k]!]!.name ?? "");
        if (!found) continue;
        byValue.set(value, found);
        known++;
      }
  }
  return { locationsOf: (v) => byValue.get(v) ?? [], known, of };
}

function locationsByTensor(graph: Graph, { operators, tensors }: Subgraph): ReadonlyMap<string, readonly Location[]> {
  const nodes = [...graph.nodes];
  return new Map(operators.flatMap((o, i) => o.outputs.map((t) => [tensors[t]!.name!, nodes[i]!.locations] as const)));
}
