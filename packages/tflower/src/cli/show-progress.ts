import type { ByteSink, TfliteFile } from "@tflower/backend-tflite";
import { progressBar } from "./progress-bar.ts";

/** Bytes of all constants of a file, those that tensors share once. */
export function constantBytes(file: TfliteFile): number {
  const buffers = new Set(file.subgraphs.flatMap((g) => g.tensors.flatMap((t) => (t.buffer ? [t.buffer] : []))));
  return [...buffers].reduce((n, b) => n + b.byteLength, 0);
}

/** A sink that shows on a terminal how far the writing of `total` bytes has come, once it takes longer than half a second. */
export async function showProgress(sink: ByteSink, total: number, label: string): Promise<ByteSink & { end(): void }> {
  const bar = await progressBar(total, label);
  let written = 0;
  return {
    async write(chunk) {
      await sink.write(chunk);
      written += chunk.byteLength;
      bar.update(written);
    },
    end: bar.end,
  };
}
