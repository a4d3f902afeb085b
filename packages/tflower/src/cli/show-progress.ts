import type { ByteSink, TfliteFile } from "@tflower/backend-tflite";

/** Work that is done sooner needs no bar. */
const patience = 500;

/** Bytes of all constants of a file, those that tensors share once. */
export function constantBytes(file: TfliteFile): number {
  const buffers = new Set(file.subgraphs.flatMap((g) => g.tensors.flatMap((t) => (t.buffer ? [t.buffer] : []))));
  return [...buffers].reduce((n, b) => n + b.byteLength, 0);
}

/** A sink that shows on a terminal how far the writing of `total` bytes has come, once it takes longer than half a second. */
export async function showProgress(sink: ByteSink, total: number, label: string): Promise<ByteSink & { end(): void }> {
  const { SingleBar } = await import("cli-progress");
  const bar = new SingleBar({
    format: `${label} [{bar}] {percentage}% {eta_formatted}`,
    stream: process.stderr,
    clearOnComplete: true,
    hideCursor: true,
  });
  const start = performance.now();
  let written = 0;
  let shown = false;
  return {
    async write(chunk) {
      await sink.write(chunk);
      written += chunk.byteLength;
      if (!shown && performance.now() - start > patience) {
        bar.start(total, written);
        shown = true;
      }
      if (shown) bar.update(Math.min(written, total));
    },
    end() {
      if (shown) bar.stop();
    },
  };
}
