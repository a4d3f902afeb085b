import { MemorySink, toTfliteFile, writeTflite } from "@tflower/backend-tflite";
import type { Graph, Module, Value } from "@tflower/core";

/** The bytes of a `.tflite` in which `graph` gives `wanted`, and is the same otherwise. The module stays as it is. */
export async function fileWithOutputs(module: Module, graph: Graph, wanted: readonly Value[]): Promise<Uint8Array> {
  const outputs = [...graph.outputs];
  const names = [...graph.outputNames];
  try {
    graph.outputs = wanted;
    graph.outputNames = wanted.map((_, i) => `value_${i}`);
    const sink = new MemorySink();
    await writeTflite(toTfliteFile(module), sink);
    return sink.bytes();
  } finally {
    graph.outputs = outputs;
    graph.outputNames = names;
  }
}
