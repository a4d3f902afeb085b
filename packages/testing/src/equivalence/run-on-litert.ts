import { MemorySink, toTfliteFile, writeTflite } from "@tflower/backend-tflite";
import { CompileError, countOf, decode, encode, isStaticShape, type Module, type TensorData } from "@tflower/core";
import { LiteRtError, type LiteRtModel, loadModel, tensorBytes, tensorFromBytes } from "@tflower/runtime-litert";

/** What became of a module on LiteRT. */
export type RuntimeOutcome =
  | { readonly kind: "ran"; readonly results: readonly TensorData[] }
  /** There is no kernel for it, which the writer says. */
  | { readonly kind: "refused"; readonly why: string }
  /** It runs, and the WebAssembly build cannot give out a result. */
  | { readonly kind: "held back" }
  | { readonly kind: "failed"; readonly why: string };

/** Writes a module whose stages are all done, and runs the file on LiteRT. */
export async function runOnLiteRt(module: Module, inputs: readonly TensorData[]): Promise<RuntimeOutcome> {
  const sink = new MemorySink();
  try {
    await writeTflite(toTfliteFile(module), sink);
  } catch (e) {
    if (e instanceof CompileError && e.diagnostics.every((d) => d.code === "TFL0002"))
      return { kind: "refused", why: e.diagnostics[0]!.message };
    return { kind: "failed", why: messageOf(e) };
  }
  let model: LiteRtModel | undefined;
  try {
    model = await loadModel(sink.bytes());
    const results = await model.run(inputs.map((t) => tensorFromBytes(t.type.dtype, t.type.shape, encode(t))));
    return {
      kind: "ran",
      results: results.map((r) => decode({ dtype: r.dtype, shape: r.shape }, tensorBytes(r))),
    };
  } catch (e) {
    const held = (e instanceof LiteRtError && e.code === "RUN0008") || hasOddSizes(module, inputs);
    return held ? { kind: "held back" } : { kind: "failed", why: messageOf(e) };
  } finally {
    model?.dispose();
  }
}

/** Buffers of no bytes, or of as many as data says, are what the WebAssembly build cannot make. */
const hasOddSizes = (module: Module, inputs: readonly TensorData[]): boolean =>
  inputs.some((t) => countOf(t.type.shape) === 0) ||
  module.find("main")!.outputs.some((v) => !isStaticShape(v.type.shape) || countOf(v.type.shape) === 0);

const messageOf = (e: unknown): string => (e instanceof Error ? e.message : String(e));
