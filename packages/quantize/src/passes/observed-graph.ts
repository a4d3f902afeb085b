import type { Graph, Module } from "@tflower/core";

/** The graph that samples are run through: that of the first signature. */
export function observedGraph(module: Module): Graph | undefined {
  const signature = module.signatures[0];
  return signature ? module.find(signature.graph) : module.graphs[0];
}
