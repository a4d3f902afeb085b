import { tfl } from "@tflower/backend-tflite";
import { type Graph, type Node, showType, userFrame } from "@tflower/core";

/** A transpose that the compiler could not get rid of. */
export interface TransposeLeft {
  readonly graph: string;
  readonly type: string;
  readonly perm: readonly number[];
  /** What keeps it there. */
  readonly why: string;
  readonly module?: string;
  readonly location?: string;
}

const nameOf = (node: Node): string => node.op.name.slice(node.op.name.indexOf(".") + 1);
const list = (names: readonly string[]): string => [...new Set(names)].join(", ");

/** Every transpose of a graph, with what stands on both sides of it. */
export function transposesLeft(graph: Graph): readonly TransposeLeft[] {
  const out: TransposeLeft[] = [];
  for (const node of graph.nodes) {
    if (!node.is(tfl.transpose)) continue;
    const location = node.locations[0];
    const frame = location && userFrame(location);
    out.push({
      graph: graph.name,
      type: showType(node.operands.input.type),
      perm: node.attrs.perm as readonly number[],
      why: reasonFor(graph, node),
      ...(location?.module !== undefined && { module: location.module }),
      ...(frame && { location: `${frame.file}:${frame.line}` }),
    });
  }
  return out;
}

function reasonFor(graph: Graph, node: Node): string {
  const from = node.inputs[0]!;
  const to = node.results[0]!;
  const readers = list([...to.users].map(nameOf));
  if (graph.inputs.includes(from))
    return `input "${from.name}" keeps the program's layout${readers ? `, and ${readers} reads another` : ""}`;
  if (graph.isOutput(to) && to.users.size === 0)
    return `an output keeps the program's layout, and ${from.producer ? nameOf(from.producer) : "its value"} has another`;
  if (graph.isOutput(to)) return `the value is an output in the program's layout, and ${readers} reads it, too`;
  const giver = from.producer ? nameOf(from.producer) : from.constant ? "a constant" : "a state";
  return `${giver} gives one layout and ${readers} reads another; neither can take the other's`;
}
