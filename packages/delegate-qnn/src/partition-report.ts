import type { Soc } from "./soc.ts";
import type { SupportVerdict } from "./support-verdict.ts";

/** One node of a graph, and where it goes. */
export interface NodePlacement {
  /** Place in the graph's order. */
  readonly index: number;
  readonly op: string;
  /** Module path in the user's program. */
  readonly module?: string;
  readonly verdict: SupportVerdict;
  /** Number of the partition, when it is in one. A supported node may stay outside, where moving data costs more than it gains. */
  readonly partition?: number;
}

/** Nodes that run on the NPU in one go. */
export interface Partition {
  readonly number: number;
  /** Name of the QNN graph. */
  readonly name: string;
  /** Places of its nodes. */
  readonly nodes: readonly number[];
  /** Names of the values that go in and out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Bytes of constants that it holds. */
  readonly constantBytes: number;
}

/** Which node of a program runs where, and why not on the NPU. Plain data: `--json` prints it. */
export interface PartitionReport {
  readonly target: Soc;
  readonly graphs: readonly {
    readonly graph: string;
    readonly nodes: readonly NodePlacement[];
    readonly partitions: readonly Partition[];
  }[];
}
