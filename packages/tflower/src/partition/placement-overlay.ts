import type { Module } from "@tflower/core";
import { explorerGraphId, explorerNodeIds } from "../model-explorer/to-model-explorer.ts";
import { opName } from "./node-words.ts";
import type { Placement } from "./placement.ts";

/** An overlay of Model Explorer that says in words where nodes run. */
export interface PlacementOverlay {
  readonly name: string;
  readonly results: Readonly<Record<string, { readonly value: string; readonly bgColor: string }>>;
}

const outside = "#e8590c";
/** Neighbours differ. */
const inside = ["#a5d8ff", "#b2f2bb", "#ffec99", "#d0bfff", "#99e9f2", "#fcc2d7"] as const;

/** Where each node of a module runs, for the drawing of `stage`. */
export function placementOverlay(
  module: Module,
  stage: string,
  placement: Placement,
): Readonly<Record<string, PlacementOverlay>> {
  const placed = new Map(placement.nodes.map((n) => [n.node, n]));
  return Object.fromEntries(
    module.graphs.map((g) => {
      const results: Record<string, { value: string; bgColor: string }> = {};
      for (const [node, id] of explorerNodeIds(g)) {
        const { partition, outside: why } = placed.get(node)!;
        results[id] =
          partition === undefined
            ? { value: `${opName(node)} on CPU: ${why?.reason}`, bgColor: outside }
            : { value: `partition ${partition + 1}`, bgColor: inside[partition % inside.length]! };
      }
      return [explorerGraphId(stage, g.name), { name: `where it runs: ${placement.target.name}`, results }];
    }),
  );
}
