import { scalarData } from "../eval/tensor-data.ts";
import { type Dim, showDim } from "../ir/dim.ts";
import type { Graph } from "../ir/graph.ts";
import type { Node } from "../ir/node.ts";
import type { Settings } from "../settings.ts";
import type { Emit } from "./define-lowering.ts";
import { type Place, Rewriter } from "./rewriter.ts";

/** Where and how {@link emitInto} emits. */
export interface EmitOptions {
  readonly place: Place;
  readonly settings: Settings;
  readonly dim: Emit["dim"];
  /** Hears of every node in the graph itself. */
  readonly made?: (node: Node) => void;
  /** Hears of every graph, those inside others after them. */
  readonly body?: (graph: Graph) => void;
}

/** What lowerings emit through, at one place of a graph. */
export function emitInto(rewriter: Rewriter, o: EmitOptions): Emit {
  const emit = ((op, operands, attrs) => {
    const n = rewriter.create(op, operands, attrs as Record<string, unknown>, o.place);
    o.made?.(n as unknown as Node);
    return n.results[0]!;
  }) as Emit & { settings: Settings };
  emit.all = (op, operands, attrs, types) => {
    const n = rewriter.create(op, operands, attrs, { ...o.place, ...(types && { types }) });
    o.made?.(n as unknown as Node);
    return n.results;
  };
  emit.constant = (data, name) => rewriter.constant(data, name);
  emit.dim = o.dim;
  emit.graph = (wanted, types, build) => {
    const { module } = rewriter.graph;
    const graph = module.graph(module.freeName(wanted));
    o.body?.(graph);
    const inside = emitInto(new Rewriter(graph), {
      place: { locations: o.place.locations ?? o.place.before?.locations ?? [] },
      settings: o.settings,
      dim: (d) => inside.constant(scalarData("i32", staticExtent(d))),
      ...(o.body && { body: o.body }),
    });
    const inputs = types.map((t) => graph.input(t));
    graph.outputs = build(inside, inputs);
    return graph.name;
  };
  return Object.assign(emit, { settings: o.settings });
}

function staticExtent(d: Dim): number {
  if (typeof d !== "number")
    throw new RangeError(`a graph does not know the extent ${showDim(d)}: compute it outside, and make it an input`);
  return d;
}
