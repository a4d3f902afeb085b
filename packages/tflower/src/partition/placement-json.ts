import { boundaryBytes, bytesOfValue, type Node, showType, userFrame, type Value } from "@tflower/core";
import { bytesOf, macsOf, weightBytesOf } from "../report/node-facts.ts";
import { opName, valueName } from "./node-words.ts";
import type { PlacedNode, Placement } from "./placement.ts";

const place = (node: Node): object => {
  const at = node.locations[0];
  const frame = at && userFrame(at);
  return {
    ...(at?.module !== undefined && { module: at.module }),
    ...(frame && { location: `${frame.file}:${frame.line}` }),
  };
};
const tensor = (v: Value): object => ({
  name: valueName(v) ?? null,
  type: showType(v.type),
  bytes: bytesOfValue(v) ?? null,
});

/** One op of the list, in the words of AI Hub's profiles. */
function detail(p: Placement, { graph, node, partition, outside }: PlacedNode): object {
  return {
    name: (node.results[0] && valueName(node.results[0])) ?? opName(node),
    type: opName(node),
    compute_unit: partition === undefined ? "CPU" : p.target.unit,
    delegate: partition === undefined ? null : p.target.key,
    ...(partition !== undefined && { partition: partition + 1 }),
    ...(outside && { reason: outside.reason }),
    ...(outside?.help !== undefined && { help: outside.help }),
    ...(outside?.source !== undefined && { source: outside.source }),
    graph: graph.name,
    ...place(node),
    macs: macsOf(node) ?? null,
    bytes: weightBytesOf(node) + node.results.reduce((n, r) => n + (bytesOf(r.type) ?? 0), 0),
  };
}

/**
 * The report for scripts: `execution_summary` and `execution_detail` as in AI Hub's profile results, without anything that only a device
 * can know, and with what a table knows.
 */
export function placementJson(p: Placement, file: string): object {
  const inside = p.nodes.filter((n) => n.partition !== undefined);
  let number = 0;
  return {
    file,
    target: p.target.key,
    execution_summary: {
      ops: p.nodes.length,
      delegated_ops: inside.length,
      partitions: p.partitions,
      fewest_partitions: p.fewest,
      partitions_as_runs: p.runs,
      macs: p.macs.all,
      delegated_macs: p.macs.inside,
    },
    partitions: p.partitionings.flatMap(({ graph, partitions }) =>
      partitions.map((x) => {
        const bytes = boundaryBytes(x);
        return {
          number: ++number,
          graph: graph.name,
          ops: x.nodes.length,
          macs: x.nodes.reduce((n, y) => n + (macsOf(y) ?? 0), 0),
          bytes_in: bytes.in,
          bytes_out: bytes.out,
          inputs: x.inputs.map(tensor),
          outputs: x.outputs.map(tensor),
        };
      }),
    ),
    changes: p.changes.map((c) => ({
      types: [...new Set(c.nodes.map(opName))],
      reason: c.reason,
      ...(c.help !== undefined && { help: c.help }),
      ops: c.nodes.length,
      partitions: c.partitions,
      saved: c.saved,
    })),
    execution_detail: p.nodes.map((n) => detail(p, n)),
  };
}
