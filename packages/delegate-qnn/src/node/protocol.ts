import type { QnnNode, QnnTensor } from "../graph/qnn-graph.ts";

/** A tensor whose elements, if it has any, are a range of a file. */
export type SentTensor = Omit<QnnTensor, "data"> & {
  readonly bytes?: { readonly offset: number; readonly length: number };
};

/** A graph as it is sent to the process that holds QNN's libraries. */
export interface SentGraph {
  readonly name: string;
  readonly tensors: readonly SentTensor[];
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly nodes: readonly QnnNode[];
}

/** What the process is asked for. It works on one thing at a time. */
export type Request =
  | { readonly kind: "describe"; readonly library: string }
  /** Whether QNN takes each node of each graph, by itself. */
  | { readonly kind: "validate"; readonly library: string; readonly graphs: readonly SentGraph[] }
  /** One context with all the graphs, for one system on chip, written to `output`. */
  | {
      readonly kind: "compile";
      readonly library: string;
      readonly soc: number;
      readonly float16: boolean;
      readonly graphs: readonly SentGraph[];
      readonly weights: string;
      readonly output: string;
    };

/** What QNN says of itself. */
export interface QnnDescription {
  /** Name of the library's build, as `v2.51.0.260901120000_123`. */
  readonly build: string;
  readonly provider: string;
  readonly backendId: number;
  readonly api: readonly [core: readonly number[], backend: readonly number[]];
  readonly ops: readonly string[];
}

/** A step at which QNN gave an error code. */
export interface QnnFailure {
  readonly step: string;
  readonly code: number;
  /** The node, tensor or graph it was about. */
  readonly subject?: string;
}

/** What the process answers. */
export type Answer =
  | { readonly kind: "description"; readonly description: QnnDescription }
  | { readonly kind: "verdicts"; readonly codes: readonly (readonly number[])[] }
  | { readonly kind: "compiled"; readonly bytes: number; readonly ms: number }
  | { readonly kind: "failed"; readonly failure: QnnFailure }
  /** The library or the means to call it could not be had. */
  | { readonly kind: "unavailable"; readonly what: "koffi" | "library"; readonly why: string };

/** Printed between the messages of one node and the next, so that what QNN logs can be told apart. */
export const nodeMark = (graph: number, node: number): string => `#tflower-node ${graph} ${node}`;
