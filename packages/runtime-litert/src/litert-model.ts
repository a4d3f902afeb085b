/// <reference lib="esnext.disposable" preserve="true" />
import { type CompiledVariant, dependsOnValuesHelp, type RawRun, type Visit } from "./compiled-variant.ts";
import { doubtsOf } from "./doubtful-outputs.ts";
import { LiteRtError } from "./litert-error.ts";
import { matchInputs } from "./match-inputs.ts";
import { type FilePort, type FileSignature, type ModelFile, readModelFile } from "./model-file.ts";
import {
  byteLengthOf,
  isRuntimeDType,
  type RuntimeTensor,
  showType,
  tensorBytes,
  tensorFromBytes,
} from "./runtime-tensor.ts";
import type { Port, RuntimeInputs, Signature } from "./signature.ts";
import { isOpen, type OutputSource } from "./specialise.ts";
import { type InputShapes, VariantCache } from "./variant-cache.ts";
import type { WasmOptions } from "./wasm-build.ts";
import { acquireInstance, releaseInstance, type WasmInstance } from "./wasm-instance.ts";

/** Options of {@link LiteRtModel.run}. */
export interface RunOptions {
  /** Which signature to run; may be left out where there is only one. */
  readonly signature?: string;
}

/**
 * Loads a `.tflite` file into LiteRT's WebAssembly build. Rejects with a {@link LiteRtError} when the runtime refuses it.
 * The bytes must stay as they are while the model is in use: another input shape or a reset compiles them again.
 *
 * @example
 * const model = await loadModel(bytes);
 * const [logits] = await model.run([{ dtype: "f32", shape: [1, 3], data: Float32Array.of(1, 2, 3) }]);
 * model.dispose();
 */
export async function loadModel(bytes: Uint8Array, options: WasmOptions = {}): Promise<LiteRtModel> {
  const file = readModelFile(bytes);
  const signatures = file.signatures.map(publicSignature);
  const instance = await acquireInstance(bytes.byteLength, options);
  try {
    return new LiteRtModel(file, signatures, instance);
  } catch (error) {
    releaseInstance(instance);
    throw error;
  }
}

/**
 * A model in LiteRT's memory. Give the memory back with {@link LiteRtModel.dispose} or a `using` declaration.
 * Runs block the thread until they are done: in a page, use a worker for what takes long.
 */
export class LiteRtModel {
  /** The ways to call the model, in the file's order. */
  readonly signatures: readonly Signature[];
  private readonly file: ModelFile;
  private readonly instance: WasmInstance;
  private readonly variants: VariantCache;
  /** Variants and signatures whose doubtful outputs turned out right. */
  private readonly settled = new WeakMap<CompiledVariant, Set<number>>();
  private disposed = false;

  /** @internal Use {@link loadModel}. */
  constructor(file: ModelFile, signatures: readonly Signature[], instance: WasmInstance) {
    this.file = file;
    this.signatures = signatures;
    this.instance = instance;
    this.variants = new VariantCache(file, instance);
    this.variants.get(0, undefined); // so that a file that cannot run is refused when it is loaded
  }

  /** Runs a signature. Results are in the order of the graph's outputs and belong to the caller. */
  async run(inputs: RuntimeInputs, options: RunOptions = {}): Promise<readonly RuntimeTensor[]> {
    const { run, sources, outputs, tensors } = this.start(inputs, options);
    return sources.map((source, i) => resultOf(outputs[i]!, source, run, tensors));
  }

  /**
   * As {@link run}, but shows each result where it lies in LiteRT's memory instead of copying it from there: `look` gets the output's place
   * among the outputs and its tensor, whose elements are no longer there when it has returned. For large results that are only summed up.
   * Results come in no certain order.
   */
  async look(
    inputs: RuntimeInputs,
    look: (output: number, tensor: RuntimeTensor) => void,
    options: RunOptions = {},
  ): Promise<void> {
    const failures: unknown[] = [];
    const show = (output: number, tensor: () => RuntimeTensor): void => {
      if (failures.length > 0) return;
      try {
        look(output, tensor());
      } catch (error) {
        failures.push(error); // the caller's own, and no failure of LiteRT's
      }
    };
    const index = this.signatureIndex(options.signature);
    const { outputs } = this.signatures[index]!;
    const { sources, tensors, run } = this.start(inputs, options, (known, position, shape, bytes) =>
      known.forEach((source, i) => {
        if (source.from !== "run" || source.position !== position) return;
        show(i, () => checkedResult(outputs[i]!, shape, bytes));
      }),
    );
    sources.forEach((source, i) => {
      if (source.from !== "run") show(i, () => resultOf(outputs[i]!, source, run, tensors));
    });
    if (failures.length > 0) throw failures[0];
  }

  /** Runs a signature, and gives what it takes to find the results. */
  private start(
    inputs: RuntimeInputs,
    options: RunOptions,
    visit?: (
      sources: readonly OutputSource[],
      position: number,
      shape: readonly number[],
      bytes: Uint8Array<ArrayBuffer>,
    ) => void,
  ) {
    this.ensureAlive();
    const index = this.signatureIndex(options.signature);
    const { outputs } = this.signatures[index]!;
    const tensors = matchInputs(this.signatures[index]!, inputs);
    const { inputs: ports, subgraph } = this.file.signatures[index]!;
    const shapes = ports.some(isOpen) ? tensors.map((t) => t.shape) : undefined;
    const variant = this.variants.get(subgraph, shapes);
    const { sources } = variant.file.signatures[index]!;
    const run = this.runOn(
      variant,
      index,
      tensors,
      visit && ((position, shape, bytes) => visit(sources, position, shape, bytes)),
    );
    this.settle(variant, index, tensors, shapes, run);
    return { run, sources, outputs, tensors };
  }

  /** As {@link run}, with results by name. */
  async runNamed(inputs: RuntimeInputs, options: RunOptions = {}): Promise<Readonly<Record<string, RuntimeTensor>>> {
    const results = await this.run(inputs, options);
    const { outputs } = this.signatures[this.signatureIndex(options.signature)]!;
    return Object.fromEntries(outputs.map((port, i) => [port.name, results[i]!]));
  }

  /** Makes the model as it was when it was loaded: variables have their initial values again. */
  reset(): void {
    this.ensureAlive();
    this.variants.drop(0);
    this.variants.get(0, undefined);
  }

  /** Gives the memory back. Calling it again does nothing. */
  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    this.variants.drop(0);
    releaseInstance(this.instance);
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  private ensureAlive(): void {
    if (this.disposed) throw new LiteRtError("RUN0010", "the model was disposed", { help: "load it again" });
  }

  private signatureIndex(key: string | undefined): number {
    if (key === undefined && this.signatures.length === 1) return 0;
    const index = this.signatures.findIndex((s) => s.key === key);
    if (index >= 0) return index;
    const known = this.signatures.map((s) => `"${s.key}"`).join(", ");
    throw key === undefined
      ? new LiteRtError("RUN0009", `expected options.signature, for the model has ${this.signatures.length}`, {
          help: `name one of ${known}`,
        })
      : new LiteRtError("RUN0009", `the model has no signature "${key}"`, { help: `it has ${known}` });
  }

  private runOn(variant: CompiledVariant, index: number, tensors: readonly RuntimeTensor[], visit?: Visit): RawRun {
    const plan = variant.file.signatures[index]!;
    // LiteRT cannot run a graph that gives nothing; without state there is nothing to run it for.
    if (plan.outputs.length === 0 && !this.file.stateful) return { outputs: [], fromConstants: new Set() };
    this.variants.touch();
    try {
      return variant.run(
        index,
        plan.inputs.map((i) => tensorBytes(tensors[i]!)),
        visit,
      );
    } catch (error) {
      // A failed run can leave LiteRT's graph unusable. It is compiled again when needed, unless that would lose state.
      if (!this.file.stateful) this.variants.drop(0);
      throw error;
    }
  }

  /** Makes sure that doubtful outputs of a run are right, by running a spare variant twice. */
  private settle(
    variant: CompiledVariant,
    index: number,
    tensors: readonly RuntimeTensor[],
    shapes: InputShapes | undefined,
    run: RawRun,
  ): void {
    const file = this.file.signatures[index]!;
    const { open, late } = doubtsOf(file, index, variant, run);
    if (open.length + late.length === 0 || this.settled.get(variant)?.has(index)) return;
    if (this.file.stateful) throw dependsOnValues(file, [...open, ...late]); // trying would change the state
    const spare = this.variants.spare(file.subgraph, shapes);
    try {
      const [first, second] = [0, 1].map(() => doubtsOf(file, index, spare, this.runOn(spare, index, tensors)));
      const wrong = [...first!.open, ...first!.late.filter((i) => !second!.late.includes(i))];
      if (wrong.length > 0) throw dependsOnValues(file, wrong);
    } catch (error) {
      // Having lost its buffer to the kernel in one run, LiteRT fails in the next.
      if (error instanceof LiteRtError && error.code !== "RUN0008")
        throw dependsOnValues(file, [...open, ...late], error);
      throw error;
    } finally {
      spare.dispose();
    }
    const settled = this.settled.get(variant) ?? new Set();
    this.settled.set(variant, settled.add(index));
  }
}

function dependsOnValues(file: FileSignature, outputs: readonly number[], cause?: unknown): LiteRtError {
  const names = outputs.map((i) => `"${file.outputs[i]!.name}"`).join(" and ");
  return new LiteRtError(
    "RUN0008",
    `LiteRT's WebAssembly build cannot give out ${names}: the size depends on values, or the result depends on such a size`,
    {
      help: dependsOnValuesHelp,
      ...(cause === undefined ? {} : { cause }),
    },
  );
}

function resultOf(port: Port, source: OutputSource, run: RawRun, inputs: readonly RuntimeTensor[]): RuntimeTensor {
  if (source.from === "nothing") return tensorFromBytes(port.dtype, port.shape, new Uint8Array(0));
  if (source.from === "input") {
    const input = inputs[source.position]!;
    return tensorFromBytes(port.dtype, input.shape, tensorBytes(input).slice());
  }
  const { shape, bytes } = run.outputs[source.position]!;
  // Every result is the caller's own, also where two outputs are one tensor.
  return checkedResult(port, shape, source.shared ? bytes.slice() : bytes);
}

function checkedResult(port: Port, shape: readonly number[], bytes: Uint8Array): RuntimeTensor {
  if (bytes.byteLength !== byteLengthOf(port.dtype, shape))
    throw new LiteRtError(
      "RUN0006",
      `expected ${byteLengthOf(port.dtype, shape)} bytes for output "${port.name}" ${showType(port.dtype, shape)}, LiteRT gave ${bytes.byteLength}`,
    );
  return tensorFromBytes(port.dtype, shape, bytes);
}

function publicSignature(signature: FileSignature): Signature {
  const port = (p: FilePort, what: string): Port => {
    const { name, dtype, shape } = p;
    if (isRuntimeDType(dtype)) return { name, dtype, shape };
    throw new LiteRtError(
      "RUN0007",
      `${what} "${name}" of signature "${signature.key}" is ${showType(dtype, shape)}, which cannot be passed to LiteRT's WebAssembly build`,
    );
  };
  return {
    key: signature.key,
    inputs: signature.inputs.map((p) => port(p, "input")),
    outputs: signature.outputs.map((p) => port(p, "output")),
  };
}
