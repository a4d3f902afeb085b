import { type Graph, isFloat, type Module, type TensorData, type Value } from "@tflower/core";
import { type Executor, programOf, valueNames } from "@tflower/quantize";
import type { LiteRtModel } from "@tflower/runtime-litert";
import { batchValues } from "../compare/batch-values.ts";
import { fileWithOutputs } from "../compare/file-with-outputs.ts";
import { fromRuntime, toRuntime } from "../compare/runtime-data.ts";

/** Choices of {@link liteRtExecutor}. */
export interface LiteRtExecutorOptions {
  /** Loads a file: `loadModel` of `@tflower/runtime-litert`, told where a page has LiteRT's WebAssembly. */
  readonly load: (bytes: Uint8Array) => Promise<LiteRtModel>;
  /** The signature to run; the first by default. */
  readonly signature?: string;
  /** Names of the values wanted, as `valueNames` gives them; all float ones by default. */
  readonly values?: ReadonlySet<string>;
  /** Bytes of values that one loaded model gives out; for more there are several, which run one after the other. 512 MB by default. */
  readonly bytesPerModel?: number;
  /** Bytes of files that stay loaded; beyond, models are loaded for each sample anew. 1 GB by default. */
  readonly bytesLoaded?: number;
}

const mega = 1024 * 1024;

/** The graph of a signature. Throws a `RangeError` where there is none. */
export function graphOf(module: Module, key?: string): Graph {
  const found = key === undefined ? module.signatures[0] : module.signatures.find((s) => s.key === key);
  const graph = found ? module.find(found.graph) : key === undefined ? module.graphs[0] : undefined;
  if (graph) return graph;
  throw new RangeError(
    `the module has no signature "${key}"; it has ${module.signatures.map((s) => s.key).join(", ") || "none"}`,
  );
}

/** Whether what a graph computes depends on earlier runs. */
export const keepsState = (graph: Graph): boolean => [...graph.nodes].some((n) => n.op.traits.effects);

/** Whether the runtime can give a value out: it has a buffer before the run. */
const canBeSeen = (v: Value): boolean => isFloat(v.type.dtype) && !v.producer?.op.traits.allocatesResult;

/**
 * Runs a compiled module on LiteRT: values wanted become outputs of a file that is the same otherwise, loaded once for all samples. Values
 * inside the bodies of control flow are not seen. State goes on from one sample to the next, as it does for whoever runs the model.
 */
export async function liteRtExecutor(module: Module, o: LiteRtExecutorOptions): Promise<Executor> {
  const graph = graphOf(module, o.signature);
  const key = module.signatures.find((s) => s.graph === graph.name)?.key;
  const options = key === undefined ? {} : { signature: key };
  const names = valueNames(graph);
  const wanted = [...names].filter(([v, name]) => canBeSeen(v) && (o.values?.has(name) ?? true)).map(([v]) => v);
  const inputs = graph.inputs.flatMap((v, i) => (wanted.includes(v) ? [[names.get(v)!, i] as const] : []));
  const batches = batchValues(
    wanted.filter((v) => v.producer),
    o.bytesPerModel ?? 512 * mega,
  ).map((values) => ({ values, model: undefined as LiteRtModel | undefined }));
  let keep = batches.length < 2 || keepsState(graph);
  const modelOf = async (b: (typeof batches)[number]): Promise<LiteRtModel> => {
    if (b.model) return b.model;
    const bytes = await fileWithOutputs(module, graph, b.values);
    keep ||= bytes.byteLength * batches.length <= (o.bytesLoaded ?? 1024 * mega);
    b.model = await o.load(bytes);
    return b.model;
  };
  return {
    program: programOf(module),
    async run(sample, observe) {
      for (const [name, i] of inputs) observe(name, sample[i]!);
      const given = sample.map(toRuntime);
      for (const b of batches) {
        const model = await modelOf(b);
        await model.look(given, (i, t) => observe(names.get(b.values[i]!)!, fromRuntime(t, b.values[i]!)), options);
        if (keep) continue;
        b.model = undefined;
        model.dispose();
      }
    },
    async dispose() {
      for (const b of batches) {
        b.model?.dispose();
        b.model = undefined;
      }
    },
  };
}

/** The samples' type: inputs in the order of the graph. */
export type Samples = Iterable<readonly TensorData[]> | AsyncIterable<readonly TensorData[]>;
