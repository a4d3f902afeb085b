import { type Module, type Node, type Partitioning, type PartitionOptions, partitionGraph } from "@tflower/core";
import { entryGraphs } from "./aot/dispatch-partitions.ts";
import type { Soc } from "./soc.ts";
import { examineNode } from "./support/node-verdict.ts";
import { type SupportVerdict, toSupport } from "./support-verdict.ts";

/** Divides the entry graphs of a module of tfl ops between a system's NPU and the CPU, by the table unless other verdicts are given. */
export const partitionForQnn = (
  module: Module,
  soc: Soc,
  options: PartitionOptions = {},
  verdict: (node: Node) => SupportVerdict = (node) => examineNode(node, soc).verdict,
): readonly Partitioning[] =>
  entryGraphs(module).map((g) => partitionGraph(g, (node) => toSupport(verdict(node)), options));
