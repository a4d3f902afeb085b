import { tfl } from "@tflower/backend-tflite";
import { countOf, definePass, isStaticShape } from "@tflower/core";

/** A pass of one's own: it changes nothing, and reports how many multiply-accumulates the convolutions and linear layers take. */
export const countMacs = definePass({
  name: "count-macs",
  summary: "Reports the multiply-accumulates of convolutions and linear layers.",
  scope: "graph",
  run(graph, { report }) {
    let macs = 0;
    for (const node of graph.nodes) {
      const out = node.results[0]?.type.shape;
      if (!out || !isStaticShape(out)) continue;
      if (node.is(tfl.conv2d) || node.is(tfl.fullyConnected)) {
        const filter = node.inputs[1]!.type.shape as readonly number[];
        macs += countOf(out) * countOf(filter.slice(1));
      } else if (node.is(tfl.depthwiseConv2d)) {
        const [, height, width] = node.inputs[1]!.type.shape as readonly number[];
        macs += countOf(out) * height! * width!;
      }
    }
    report({ severity: "note", code: "MACS", message: `@${graph.name} takes ${macs} multiply-accumulates a run` });
  },
});
