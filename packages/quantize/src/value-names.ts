import { type Graph, isFloat, type Module, type Node, type Value } from "@tflower/core";

/**
 * Names of all values that a graph computes or takes, by which statistics know them. A name says where the value comes from, not at which
 * place it stands: `main/in.0` for an input, and `main/layers.0.conv/conv2d_1/conv_2d` for the result of `tfl.conv_2d` that came about from
 * node `conv2d_1` (the last one, of those fused into it) in module `layers.0.conv`. `.1` follows for a second result, `:i32` for numbers that are no floats
 * (so that the arithmetic of shapes changes no name of a float), and `#2` for the second value that would have the same name. So they are the same whenever the same program is compiled with the same options, and most
 * are when options change.
 */
export function valueNames(graph: Graph): ReadonlyMap<Value, string> {
  const out = new Map<Value, string>();
  const times = new Map<string, number>();
  for (const [i, v] of graph.inputs.entries()) out.set(v, `${graph.name}/in.${i}`);
  for (const node of graph.nodes)
    for (const [i, v] of node.results.entries()) {
      const wanted = `${graph.name}/${originOf(node)}${i ? `.${i}` : ""}${isFloat(v.type.dtype) ? "" : `:${v.type.dtype}`}`;
      const n = (times.get(wanted) ?? 0) + 1;
      times.set(wanted, n);
      out.set(v, n === 1 ? wanted : `${wanted}#${n}`);
    }
  return out;
}

function originOf(node: Node): string {
  const module = node.locations.find((l) => l.module)?.module;
  const id = node.locations.findLast((l) => l.id)?.id;
  const op = node.op.name.slice(node.op.name.indexOf(".") + 1);
  return [module, id, op].filter((x) => x !== undefined && x !== "").join("/");
}

/** {@link valueNames} of every graph of a module. */
export const moduleValueNames = (module: Module): ReadonlyMap<Value, string> =>
  new Map(module.graphs.flatMap((g) => [...valueNames(g)]));
