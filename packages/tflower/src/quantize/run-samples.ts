import type { Module, TensorData } from "@tflower/core";
import type { LiteRtModel } from "@tflower/runtime-litert";
import { graphOf } from "../calibrate/lite-rt-executor.ts";
import { fileWithOutputs } from "../compare/file-with-outputs.ts";
import { fromRuntime, toRuntime } from "../compare/runtime-data.ts";
import { asCodes } from "./as-codes.ts";

/** Loads a file: `loadModel` of `@tflower/runtime-litert`. */
export type LoadModel = (bytes: Uint8Array) => Promise<LiteRtModel>;

/** What the first signature of a module gives on LiteRT for each sample. Inputs that are integers in the module get the samples' codes. */
export async function runSamples(
  module: Module,
  samples: readonly (readonly TensorData[])[],
  load: LoadModel,
): Promise<readonly (readonly TensorData[])[]> {
  const graph = graphOf(module);
  const model = await load(await fileWithOutputs(module, graph, graph.outputs));
  try {
    const key = module.signatures.find((s) => s.graph === graph.name)?.key;
    const options = key === undefined ? {} : { signature: key };
    const all: (readonly TensorData[])[] = [];
    for (const sample of samples) {
      const given = sample.map((t, i) => toRuntime(asCodes(t, graph.inputs[i]!.type)));
      const results = await model.run(given, options);
      all.push(results.map((r, i) => fromRuntime(r, graph.outputs[i]!)));
    }
    return all;
  } finally {
    model.dispose();
  }
}
