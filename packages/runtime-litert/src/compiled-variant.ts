import { LiteRtError } from "./litert-error.ts";
import type { SpecialisedFile } from "./specialise.ts";
import { messageOf } from "./wasm-build.ts";
import { memoryLimit, type Outcome, type WasmInstance } from "./wasm-instance.ts";
import { takeShape, takeVector, type WasmCompiledModel, type WasmModel, type WasmTensorBuffer } from "./wasm-module.ts";

/** What LiteRT gives for one output. */
export interface RawOutput {
  readonly shape: readonly number[];
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** What one run gave, and the names of outputs that LiteRT took from constants instead of the buffers it made for them. */
export interface RawRun {
  readonly outputs: readonly RawOutput[];
  readonly fromConstants: ReadonlySet<string>;
}

/**
 * Looks at an output where it lies in the runtime's memory, which is the runtime's again afterwards. Copying everything that a model computes
 * can take as long as computing it.
 */
export type Visit = (position: number, shape: readonly number[], bytes: Uint8Array<ArrayBuffer>) => void;
const nothing = new Uint8Array(0);

/** XNNPACK reads weights in vectors. */
const alignment = 64;
const megabytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(0)} MB`;

/** A file with fixed extents, compiled in one instance. */
export class CompiledVariant {
  readonly file: SpecialisedFile;
  /** Input and output names of each signature, as LiteRT sees them. */
  readonly names: readonly { readonly inputs: readonly string[]; readonly outputs: readonly string[] }[];
  private readonly instance: WasmInstance;
  private readonly memory: number;
  private readonly model: WasmModel;
  private readonly compiled: WasmCompiledModel;
  private readonly inputs = new Map<number, readonly WasmTensorBuffer[]>();

  private constructor(
    instance: WasmInstance,
    file: SpecialisedFile,
    memory: number,
    model: WasmModel,
    compiled: WasmCompiledModel,
  ) {
    this.instance = instance;
    this.file = file;
    this.memory = memory;
    this.model = model;
    this.compiled = compiled;
    this.names = file.signatures.map((_, i) => {
      const signature = model.getSignature(i);
      const names = { inputs: takeVector(signature.inputNames()), outputs: takeVector(signature.outputNames()) };
      signature.delete();
      return names;
    });
  }

  /** Copies the file into the instance and compiles it there. */
  static compile(instance: WasmInstance, file: SpecialisedFile): CompiledVariant {
    const { module, environment } = instance;
    const size = file.patch.byteLength;
    // Beyond 32 bits the size would wrap around and look small.
    const allocated = instance.call(() => (size + alignment < memoryLimit ? module._malloc(size + alignment) : 0));
    if (!allocated.ok || allocated.value === 0) throw tooLarge(size, instance, allocated);
    const memory = allocated.value;
    const at = Math.ceil(memory / alignment) * alignment;
    file.patch.write(module.HEAPU8.subarray(at, at + size));
    const free = (): void => void (instance.crash === undefined && module._free(memory));

    const loaded = instance.call(() => module.loadModel(environment, at, size));
    if (!loaded.ok) {
      free();
      throw refused(size, instance, loaded);
    }
    const compiled = instance.call(() =>
      module.compileModel(environment, loaded.value, { accelerator: "wasm", cpuOptions: { numThreads: 1 } }),
    );
    if (!compiled.ok) {
      if (instance.crash === undefined) loaded.value.delete();
      free();
      throw refused(size, instance, compiled);
    }
    return new CompiledVariant(instance, file, memory, loaded.value, compiled.value);
  }

  /**
   * Runs a signature on the bytes of those inputs that {@link SpecialisedFile} keeps. With `visit`, results have no bytes: it has seen them.
   */
  run(signature: number, inputs: readonly Uint8Array[], visit?: Visit): RawRun {
    const { module } = this.instance;
    const buffers = this.inputBuffers(signature, inputs);
    const written = this.instance.call(() => {
      buffers.forEach((buffer, i) => {
        const at = buffer.lock(module.LiteRtTensorBufferLockMode.WRITE);
        module.HEAPU8.set(inputs[i]!, at);
        buffer.unlock();
      });
      return this.compiled.run(signature, buffers);
    });
    if (!written.ok) throw this.failed(written);
    // LiteRT gives buffers even where it failed; what it printed is the only sign of that.
    if (written.log.length > 0) {
      for (const buffer of written.value) buffer.delete();
      throw this.failed(written);
    }
    const read = this.instance.call(() => written.value.map((buffer, i) => this.takeOutput(buffer, i, visit)));
    if (!read.ok) throw this.failed(read);
    const tracked = written.info.map(
      (line) => /Tracked (?:CPU )?constant output tensor (.*) with locked address$/.exec(line)?.[1],
    );
    return { outputs: read.value, fromConstants: new Set(tracked.filter((name) => name !== undefined)) };
  }

  /** Gives the memory back. */
  dispose(): void {
    if (this.instance.crash !== undefined) return;
    this.instance.call(() => {
      for (const buffers of this.inputs.values()) for (const buffer of buffers) buffer.delete();
      this.inputs.clear();
      this.compiled.delete();
      this.model.delete();
      this.instance.module._free(this.memory);
    });
  }

  private inputBuffers(signature: number, inputs: readonly Uint8Array[]): readonly WasmTensorBuffer[] {
    const known = this.inputs.get(signature);
    if (known) return known;
    const { module, environment } = this.instance;
    const made = this.instance.call(() =>
      inputs.map((bytes, i) => {
        const type = this.model.getInputTensorType(signature, i);
        const buffer = module.LiteRtTensorBuffer.createManaged(
          environment,
          module.LiteRtTensorBufferType.HOST_MEMORY,
          type,
          bytes.byteLength,
        );
        type.delete();
        return buffer;
      }),
    );
    if (!made.ok) throw this.failed(made);
    this.inputs.set(signature, made.value);
    return made.value;
  }

  private takeOutput(buffer: WasmTensorBuffer, position: number, visit: Visit | undefined): RawOutput {
    const { module } = this.instance;
    const shape = takeShape(buffer.tensorType());
    const size = buffer.packedSize();
    const at = buffer.lock(module.LiteRtTensorBufferLockMode.READ);
    try {
      if (!visit) return { shape, bytes: module.HEAPU8.slice(at, at + size) };
      visit(position, shape, module.HEAPU8.subarray(at, at + size) as Uint8Array<ArrayBuffer>);
      return { shape, bytes: nothing };
    } finally {
      buffer.unlock();
      buffer.delete();
    }
  }

  private failed(outcome: Outcome<unknown>): LiteRtError {
    const log = outcome.log.length > 0 || outcome.ok ? outcome.log : [messageOf(outcome.thrown)];
    const cause = outcome.ok ? {} : { cause: outcome.thrown };
    // LiteRT prepares its kernels in the first run only: what fails there is the file's fault, not the inputs'.
    const preparing = log.some((line) => line.endsWith("Failed to allocate tensors"));
    if (outOfMemory(this.instance) && (preparing || this.instance.crash !== undefined))
      return tooLarge(this.file.patch.byteLength, this.instance, outcome);
    if (preparing)
      return new LiteRtError("RUN0003", "LiteRT refuses the .tflite file: it cannot prepare it", { log, ...cause });
    if (log.some((line) => line.includes("Failed to register output tensor buffer")))
      return new LiteRtError(
        "RUN0008",
        "LiteRT's WebAssembly build cannot give out an output whose size depends on values",
        {
          help: dependsOnValuesHelp,
          log,
          ...cause,
        },
      );
    return new LiteRtError("RUN0006", "LiteRT failed while running the model", { log, ...cause });
  }
}

/** What to do about RUN0008. */
export const dependsOnValuesHelp =
  "run the model on native LiteRT, or let the program give out a tensor of fixed size and a count";

const memoryHelp =
  "run the model on native LiteRT, or make it smaller: weights quantized to int8 take a quarter, to int4 an eighth; dispose of models that are no longer needed";

/** The memory grows in large steps, so an instance that cannot grow is close to the limit. */
const outOfMemory = (instance: WasmInstance): boolean => instance.memory > memoryLimit * 0.75;

function tooLarge(size: number, instance: WasmInstance, outcome: Outcome<unknown>): LiteRtError {
  return new LiteRtError(
    "RUN0004",
    `the model of ${megabytes(size)} does not fit: WebAssembly's memory ends at ${megabytes(memoryLimit)} (${megabytes(instance.memory)} are taken), ` +
      "and LiteRT needs the file, a repacked copy of most weights, and the activations in it",
    { help: memoryHelp, log: outcome.log, ...(outcome.ok ? {} : { cause: outcome.thrown }) },
  );
}

function refused(size: number, instance: WasmInstance, outcome: Outcome<unknown> & { ok: false }): LiteRtError {
  if (outOfMemory(instance)) return tooLarge(size, instance, outcome);
  const log = outcome.log.length > 0 ? outcome.log : [messageOf(outcome.thrown)];
  const what =
    instance.crash === undefined
      ? "LiteRT refuses the .tflite file"
      : "LiteRT crashes on the .tflite file: it may be damaged";
  return new LiteRtError("RUN0003", what, { log, cause: outcome.thrown });
}
