import { MemorySink, toTfliteFile, writeTflite } from "@tflower/backend-tflite";
import {
  byteLength,
  countOf,
  decode,
  dtypes,
  encode,
  type Graph,
  isStaticShape,
  type Module,
  runGraph,
  type TensorData,
  tensor,
  type Value,
} from "@tflower/core";
import type { LiteRtModel, RuntimeTensor } from "@tflower/runtime-litert";

/** Computes outputs and some inner values of a module's first graph. */
export type Execute = (
  module: Module,
  graph: Graph,
  inputs: readonly TensorData[],
  inner: readonly Value[],
) => Promise<ReadonlyMap<Value, TensorData>>;

/** By the reference semantics of TFLite's ops. */
export const executeByEvaluator: Execute = async (_, graph, inputs, inner) => {
  const wanted = new Set(inner);
  const out = new Map<Value, TensorData>();
  const results = await runGraph(graph, inputs, {
    observe: (node, all) =>
      node.results.forEach((r, i) => {
        if (wanted.has(r)) out.set(r, all[i]!);
      }),
  });
  graph.outputs.forEach((v, i) => void out.set(v, results[i]!));
  return out;
};

/** Bytes of inner values that one run gives out; more take several runs. */
const bytesPerRun = 256 * 1024 * 1024;
const bytesOf = (v: Value): number =>
  isStaticShape(v.type.shape) ? byteLength(v.type.dtype, countOf(v.type.shape)) : 1024 * 1024;

/** On LiteRT itself: inner values become outputs of a file that is the same otherwise. */
export const executeOnLiteRt =
  (load: (bytes: Uint8Array) => Promise<LiteRtModel>): Execute =>
  async (module, graph, inputs, inner) => {
    const out = new Map<Value, TensorData>();
    const outputs = [...graph.outputs];
    const names = [...graph.outputNames];
    const given = inputs.map(toRuntime);
    try {
      for (let at = 0; at === 0 || at < inner.length; ) {
        const batch: Value[] = [];
        for (let bytes = 0; at < inner.length && (batch.length === 0 || bytes < bytesPerRun); at++) {
          batch.push(inner[at]!);
          bytes += bytesOf(inner[at]!);
        }
        const wanted = [...new Set([...outputs, ...batch])];
        graph.outputs = wanted;
        graph.outputNames = wanted.map((_, i) => `value_${i}`);
        const sink = new MemorySink();
        await writeTflite(toTfliteFile(module), sink);
        const model = await load(sink.bytes());
        try {
          const key = module.signatures.find((s) => s.graph === graph.name)?.key;
          const results = await model.run(given, key === undefined ? {} : { signature: key });
          wanted.forEach((v, i) => void out.set(v, fromRuntime(results[i]!, v)));
        } finally {
          model.dispose();
        }
        if (at >= inner.length) break;
      }
    } finally {
      graph.outputs = outputs;
      graph.outputNames = names;
    }
    return out;
  };

/** A tensor as the runtime takes it. */
function toRuntime(t: TensorData): RuntimeTensor {
  const { dtype, shape } = t.type;
  const bytes = encode(t).slice();
  const half = dtype === "f16" || dtype === "bf16";
  const Make = (half ? Uint16Array : t.data.constructor) as new (buffer: ArrayBuffer) => unknown;
  return { dtype, shape, data: new Make(bytes.buffer as ArrayBuffer) } as RuntimeTensor;
}
function fromRuntime(t: RuntimeTensor, v: Value): TensorData {
  const { data } = t;
  const { quant } = v.type;
  const bytes = new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength);
  const dtype = Object.hasOwn(dtypes, t.dtype) ? t.dtype : v.type.dtype;
  return decode(tensor(dtype, t.shape, quant), bytes);
}
