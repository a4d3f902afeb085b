import { type Graph, Module, mapOperands, type Node, Rewriter, type Value } from "@tflower/core";

/** A graph with a copy of one node, whose operands come from outside but for constants. */
export function graphOfNode(node: Node): Graph {
  const graph = new Module().graph("node");
  const map = new Map<Value, Value>();
  for (const v of node.inputs)
    if (!map.has(v)) map.set(v, v.constant ? graph.constant(v.constant, v.name) : graph.input(v.type, v.name));
  const copy = new Rewriter(graph).create(
    node.op,
    mapOperands(node.operands_, (v) => map.get(v)!) as never,
    node.attrs as never,
    { types: node.results.map((r) => r.type), locations: node.locations },
  );
  // results that nobody reads are outputs, too: there must be something that keeps the node
  graph.outputs = copy.results;
  return graph;
}
