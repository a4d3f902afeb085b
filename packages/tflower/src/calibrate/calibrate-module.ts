import { CompileError, type Graph, type Module } from "@tflower/core";
import { type CollectOptions, collectStatistics, type QuantizeCode, type Statistics } from "@tflower/quantize";
import type { SafetensorsFile } from "../safetensors/safetensors-file.ts";
import { checkSamples } from "./check-samples.ts";
import { graphOf, keepsState, type LiteRtExecutorOptions, liteRtExecutor, type Samples } from "./lite-rt-executor.ts";
import { type Shard, samplesOf } from "./sample-file.ts";

/** Choices of {@link calibrateModule}. */
export interface CalibrateOptions
  extends LiteRtExecutorOptions,
    Pick<CollectOptions, "channels" | "signal" | "firstSample"> {
  /** Which part of a file's samples is run; all by default. */
  readonly shard?: Shard;
  /** Is told after each sample how many are done, and of how many, where that is known. */
  readonly progress?: (done: number, of: number | undefined) => void;
}

/**
 * Statistics of what a compiled module computes from samples: from a `.safetensors` file, or any iterator over inputs in the order of the
 * program's. It runs on LiteRT, in Node and in a page.
 *
 * @example
 * const { module } = await convert("model.pt2", { settings: { quantize: true } });
 * const statistics = await calibrateModule(module, samples, { load: loadModel });
 */
export async function calibrateModule(
  module: Module,
  source: Samples | SafetensorsFile,
  o: CalibrateOptions,
): Promise<Statistics> {
  const graph = graphOf(module, o.signature);
  const fromFile = "tensors" in source ? samplesOf(source, graph, o.shard) : undefined;
  if (fromFile && (o.shard?.count ?? 1) > 1) refuseState(graph);
  const samples = fromFile?.samples ?? checkSamples(graph, source as Samples);
  const executor = await liteRtExecutor(module, o);
  try {
    const statistics = await collectStatistics(executor, samples, {
      ...(o.channels && { channels: o.channels }),
      ...(o.signal && { signal: o.signal }),
      firstSample: fromFile?.first ?? o.firstSample ?? 0,
      progress: (done) => o.progress?.(done, fromFile?.count),
    });
    if (statistics.samples === 0 && !fromFile)
      throw new CompileError([
        {
          severity: "error",
          code: "QNT0104" satisfies QuantizeCode,
          message: "there are no calibration samples: expected at least one, and the iterator gave none",
          help: "give samples as arrays of tensors, one per input of the program",
        },
      ]);
    return statistics;
  } finally {
    await executor.dispose?.();
  }
}

/** What a sample does depends on those before it, which another shard has. */
function refuseState(graph: Graph): void {
  if (!keepsState(graph)) return;
  throw new CompileError([
    {
      severity: "error",
      code: "QNT0106" satisfies QuantizeCode,
      message: `"${graph.name}" keeps state from one sample to the next, and a shard lacks the samples before it`,
      help: "calibrate it without --shard",
    },
  ]);
}
