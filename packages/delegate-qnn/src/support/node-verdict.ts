import type { Node } from "@tflower/core";
import { buildQnnGraph } from "../graph/build-qnn-graph.ts";
import type { QnnGraph } from "../graph/qnn-graph.ts";
import { QnnRefusal } from "../graph/refusal.ts";
import { legalizeGraph } from "../passes/legalize.ts";
import type { Soc } from "../soc.ts";
import { hasHtp } from "../soc-table.ts";
import type { SupportVerdict } from "../support-verdict.ts";
import { graphOfNode } from "./node-graph.ts";
import { objectionTo } from "./qnn-node-rules.ts";

/** What one node becomes by itself, and what the table says of it. */
export interface Examined {
  readonly verdict: SupportVerdict;
  /** Absent where the node has no form in QNN. */
  readonly graph?: QnnGraph;
}

const table = { kind: "static-table" } as const;

/** Puts one node in QNN's terms and looks it up in the table. */
export function examineNode(node: Node, soc: Soc): Examined {
  if (!node.op.traits.tfl) return { verdict: { supported: false, reason: "it is no op of TFLite", source: table } };
  if (!hasHtp(soc))
    return {
      verdict: {
        supported: false,
        reason: `${soc.name} has a Hexagon ${soc.hexagon}, and the HTP begins with v68`,
        fix: "target a system with an HTP, or run on the CPU or GPU",
        source: table,
      },
    };
  try {
    const graph = graphOfNode(node);
    legalizeGraph(graph);
    const names = (values: readonly unknown[], what: string): string[] => values.map((_, i) => `${what}_${i}`);
    const built = buildQnnGraph(graph, "node", {
      inputs: names(graph.inputs, "in"),
      outputs: names(graph.outputs, "out"),
    });
    for (const n of built.nodes) {
      const objection = objectionTo(built, n, soc);
      if (objection) return { graph: built, verdict: { supported: false, ...objection, source: table } };
    }
    return {
      graph: built,
      verdict: { supported: true, qnnOps: [...new Set(built.nodes.map((n) => n.type))], source: table },
    };
  } catch (e) {
    if (!(e instanceof QnnRefusal)) throw e;
    return {
      verdict: {
        supported: false,
        reason: e.message,
        ...(e.fix !== undefined && { fix: e.fix }),
        source: table,
      },
    };
  }
}
