import { attr, type Dim, definePass, type Graph, type Node, showDim, type Value } from "@tflower/core";
import type { TfliteCode } from "../codes.ts";
import { reshape, transpose } from "../dialect/layout.ts";
import { batchMatmul } from "../dialect/matmul.ts";
import { placeTransposes } from "./place-transposes.ts";

/** Says of each transpose that is left what keeps it: one end or the other that no transpose can pass. */
export const explainTransposes = definePass({
  name: "explain-transposes",
  summary: "Notes each transpose that is left, and why.",
  options: { enabled: attr.bool.default_(false) },
  after: [placeTransposes],
  scope: "graph",
  run(graph, { options, report }) {
    if (!options.enabled) return;
    for (const node of graph.nodes) {
      if (!node.is(transpose)) continue;
      const t = node as unknown as Node<typeof transpose>;
      const v = t.operands.input as Value;
      const location = node.locations[0];
      report({
        severity: "note",
        code: "TFL0023" satisfies TfliteCode,
        message: `a transpose ${show(v.type.shape)} -> ${show(t.result.type.shape)} (perm ${t.attrs.perm.join()}) is left`,
        op: node.op.name,
        ...(location && { location }),
        notes: [`in front of it: ${whyBefore(v, graph)}`, `behind it: ${whyBehind(t.result, graph)}`],
      });
    }
  },
});

const show = (shape: readonly Dim[]): string => `[${shape.map(showDim).join(",")}]`;

function whyBefore(v: Value, graph: Graph): string {
  const node = v.producer;
  if (!node)
    return graph.inputs.includes(v)
      ? `the input "${v.name ?? graph.inputs.indexOf(v)}" of the program has its axes in this order (--nhwc-inputs changes images)`
      : "a constant or state";
  return `${node.op.name} ${reason(node)}`;
}

function whyBehind(v: Value, graph: Graph): string {
  const readers = [...new Set([...v.users].map((u) => `${u.op.name} ${reason(u)}`))];
  if (graph.isOutput(v))
    readers.push("an output of the program has its axes in this order (--nhwc-outputs changes images)");
  return readers.join("; ");
}

/** What about `node` stops a transpose. */
function reason(node: Node): string {
  if (node.is(reshape))
    return `${show(node.inputs[0]!.type.shape)} -> ${show(node.results[0]!.type.shape)} joins or parts axes that would not lie side by side`;
  if (node.is(batchMatmul)) return "wants the axes of its matrices last";
  if (node.op.traits.elementwise) return "has operands in both orders, and this side is the smaller one";
  return node.op.traits.permuted
    ? "takes its axes in this order from its other operands or readers"
    : "is bound to an order of axes";
}
