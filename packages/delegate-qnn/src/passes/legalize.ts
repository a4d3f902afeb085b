import type { Graph, Pass } from "@tflower/core";
import { expressBools, expressBoolsIn } from "./express-bools.ts";
import { narrowBiases, narrowBiasesIn } from "./narrow-biases.ts";
import { narrowIndices, narrowIndicesIn } from "./narrow-indices.ts";
import { saturateConstants, saturateConstantsIn } from "./saturate-constants.ts";
import { splitActivations, splitActivationsIn } from "./split-activations.ts";
import { unpackWeights, unpackWeightsIn } from "./unpack-weights.ts";
import { unsignActivations, unsignActivationsIn } from "./unsigned-activations.ts";

/** Brings the graph of one partition into forms that QNN has, in place. What goes in and out stays as it is. */
export function legalizeGraph(graph: Graph): void {
  unpackWeightsIn(graph);
  splitActivationsIn(graph);
  expressBoolsIn(graph);
  saturateConstantsIn(graph);
  narrowIndicesIn(graph);
  narrowBiasesIn(graph);
  unsignActivationsIn(graph);
}

/** The same as passes, for pipelines. */
export const legalizePasses = (): readonly Pass[] => [
  unpackWeights(),
  splitActivations(),
  expressBools(),
  saturateConstants(),
  narrowIndices(),
  narrowBiases(),
  unsignActivations(),
];
