import { type Graph, type Module, runGraph, type TensorData, type Value } from "@tflower/core";
import type { LiteRtModel } from "@tflower/runtime-litert";
import { batchValues } from "./batch-values.ts";
import { fileWithOutputs } from "./file-with-outputs.ts";
import { fromRuntime, toRuntime } from "./runtime-data.ts";

/** Runs one graph, once or again and again. */
export interface Runner {
  /** Gives the graph's outputs, and the inner values that were asked for. */
  run(inputs: readonly TensorData[]): Promise<ReadonlyMap<Value, TensorData>>;
  dispose(): void;
}
/** Makes a graph of a module ready to be run by itself, and to give inner values beside its outputs. */
export type Execute = (module: Module, graph: Graph, inner: readonly Value[]) => Runner;

/** By the reference semantics of TFLite's ops. */
export const executeByEvaluator: Execute = (_, graph, inner) => {
  const wanted = new Set(inner);
  return {
    async run(inputs) {
      const out = new Map<Value, TensorData>();
      const results = await runGraph(graph, inputs, {
        observe: (node, all) =>
          node.results.forEach((r, i) => {
            if (wanted.has(r)) out.set(r, all[i]!);
          }),
      });
      graph.outputs.forEach((v, i) => void out.set(v, results[i]!));
      return out;
    },
    dispose: () => undefined,
  };
};

/** Bytes of inner values that one run gives out; more take several runs. */
const bytesPerRun = 256 * 1024 * 1024;

/** On LiteRT itself: inner values become outputs of a file that is the same otherwise. */
export const executeOnLiteRt =
  (load: (bytes: Uint8Array) => Promise<LiteRtModel>): Execute =>
  (module, graph, inner) => {
    const batches = batchValues(inner, bytesPerRun);
    const wantedBy = (batches.length ? batches : [[]]).map((batch) => [...new Set([...graph.outputs, ...batch])]);
    const key = module.signatures.find((s) => s.graph === graph.name)?.key;
    // the only file stays loaded for the next run; of several, one is in memory at a time
    let kept: LiteRtModel | undefined;
    const open = async (wanted: readonly Value[]): Promise<LiteRtModel> =>
      load(await (key === undefined ? fileOf(module, graph, wanted) : fileWithOutputs(module, graph, wanted)));
    return {
      async run(inputs) {
        const out = new Map<Value, TensorData>();
        const given = inputs.map(toRuntime);
        for (const wanted of wantedBy) {
          const model = kept ?? (await open(wanted));
          if (wantedBy.length === 1) kept = model;
          try {
            const results = await model.run(given, key === undefined ? {} : { signature: key });
            wanted.forEach((v, i) => void out.set(v, fromRuntime(results[i]!, v)));
          } finally {
            if (model !== kept) model.dispose();
          }
        }
        return out;
      },
      dispose() {
        kept?.dispose();
        kept = undefined;
      },
    };
  };

/** A file of a graph that other graphs run, and of nothing else. */
async function fileOf(module: Module, graph: Graph, wanted: readonly Value[]): Promise<Uint8Array> {
  const { signatures } = module;
  try {
    module.signatures = [{ key: "serving_default", graph: graph.name }];
    return await fileWithOutputs(module, graph, wanted);
  } finally {
    module.signatures = signatures;
  }
}
