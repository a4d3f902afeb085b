import type { Module, Node } from "@tflower/core";
import { bytesOf, macsOf, weightBytesOf } from "../report/node-facts.ts";
import { explorerGraphId, explorerNodeIds } from "./to-model-explorer.ts";

/** One overlay of Model Explorer: a number for each node, shown as a colour. */
export interface GraphNodeData {
  readonly name: string;
  readonly results: Readonly<Record<string, { readonly value: number }>>;
  readonly gradient: readonly { readonly stop: number; readonly bgColor: string }[];
}
/** An overlay for several graphs, by their ids: what a node data file holds. */
export type NodeDataFile = Readonly<Record<string, GraphNodeData>>;

const gradient = [
  { stop: 0, bgColor: "#ffffff" },
  { stop: 1, bgColor: "#e8590c" },
] as const;

/** An overlay for the graphs of a module in a stage; nodes without a number are left out. */
export function nodeData(
  module: Module,
  stage: string,
  name: string,
  of: (node: Node) => number | undefined,
): NodeDataFile {
  return Object.fromEntries(
    module.graphs.map((g) => {
      const results: Record<string, { value: number }> = {};
      for (const [node, id] of explorerNodeIds(g)) {
        const value = of(node);
        if (value !== undefined && Number.isFinite(value)) results[id] = { value };
      }
      return [explorerGraphId(stage, g.name), { name, results, gradient }];
    }),
  );
}

/** Multiply-accumulates of each node. */
export const macsOverlay = (module: Module, stage: string): NodeDataFile =>
  nodeData(module, stage, "multiply-accumulates", macsOf);

/** Bytes of each node's weights and results. */
export const bytesOverlay = (module: Module, stage: string): NodeDataFile =>
  nodeData(
    module,
    stage,
    "bytes",
    (n) => weightBytesOf(n) + n.results.reduce((sum, r) => sum + (bytesOf(r.type) ?? 0), 0),
  );
