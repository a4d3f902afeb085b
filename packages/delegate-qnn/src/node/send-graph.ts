import { constantByteLength } from "@tflower/core";
import type { QnnGraph } from "../graph/qnn-graph.ts";
import type { SentGraph, SentTensor } from "./protocol.ts";

/** Bytes of four-bit elements are one each in QNN. */
export const staticBytes = (t: { readonly dims: readonly number[] }, packed: number): number =>
  Math.max(
    packed,
    t.dims.reduce((n, d) => n * d, 1),
  );

/** A graph to be sent, with the places of its weights from `placeOf`. */
export const sentGraph = (
  graph: QnnGraph,
  placeOf: (id: number) => { readonly offset: number; readonly length: number },
): SentGraph => ({
  ...graph,
  tensors: graph.tensors.map(({ data, ...t }): SentTensor => (data ? { ...t, bytes: placeOf(t.id) } : t)),
});

/** A graph for the validator, which looks at no weights: places are of the right length, and nowhere. */
export const graphWithoutWeights = (graph: QnnGraph): SentGraph =>
  sentGraph(graph, (id) => {
    const t = graph.tensors[id]!;
    return { offset: 0, length: staticBytes(t, constantByteLength(t.data!)) };
  });
