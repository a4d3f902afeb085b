import { MemorySink, toTfliteFile, writeTflite } from "@tflower/backend-tflite";
import { decode, encode, type Module, type TensorData } from "@tflower/core";
import { loadModel, tensorBytes, tensorFromBytes } from "@tflower/runtime-litert";

/** Writes a module whose stages are all done, and runs the file on LiteRT. */
export async function runOnLiteRt(module: Module, inputs: readonly TensorData[]): Promise<readonly TensorData[]> {
  const sink = new MemorySink();
  await writeTflite(toTfliteFile(module), sink);
  const model = await loadModel(sink.bytes());
  try {
    const results = await model.run(inputs.map((t) => tensorFromBytes(t.type.dtype, t.type.shape, encode(t))));
    return results.map((r) => decode({ dtype: r.dtype, shape: r.shape }, tensorBytes(r)));
  } finally {
    model.dispose();
  }
}
