import { type Graph, type Node, showType, type Value } from "@tflower/core";
import { qnnMappings } from "../ops/mappings.ts";
import type { QnnGraph } from "./qnn-graph.ts";
import { mostAxes, QnnGraphBuilder } from "./qnn-graph-builder.ts";
import { refuse } from "./refusal.ts";

/** What {@link buildQnnGraph} may be told. */
export interface QnnGraphNames {
  /** What callers call the inputs and outputs, in order. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

const nameOf = (node: Node): string => node.op.traits.tfl?.customCode ?? node.op.traits.tfl?.builtin ?? node.op.name;

/** A graph of tfl ops that have been legalised, in QNN's ops. Refuses what has no form there. */
export function buildQnnGraph(graph: Graph, name: string, names: QnnGraphNames): QnnGraph {
  const b = new QnnGraphBuilder(name);
  for (const [i, v] of graph.inputs.entries()) b.input(v, names.inputs[i]!);
  const given = new Set<Value>(graph.inputs);
  graph.outputs.forEach((v, i) => {
    if (v.constant || given.has(v))
      refuse("an output of the partition is one of its inputs, a constant or another output");
    given.add(v);
    b.output(v, names.outputs[i]!);
  });
  let index = 0;
  for (const node of graph.nodes) {
    const mapping = qnnMappings.get(node.op.name) ?? refuse(`${nameOf(node)} has no counterpart among the HTP's ops`);
    const deep = [...node.inputs, ...node.results].find((v) => v.type.shape.length > mostAxes);
    if (deep && !mapping.deep)
      refuse(
        `the HTP's tensors have up to ${mostAxes} axes, and this has ${deep.type.shape.length}: ${showType(deep.type)}`,
        "join axes by a reshape before it",
      );
    const where = node.locations[0]?.module;
    b.scope = `${where ? `${where}/` : ""}${node.op.name.slice(node.op.name.indexOf(".") + 1)}_${index++}`;
    mapping.build(node, b);
  }
  return b.graph();
}
