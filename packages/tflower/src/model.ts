import { MemorySink, toTfliteFile, writeTflite } from "@tflower/backend-tflite";
import { type Compiler, type Diagnostic, type Module, type PrintOptions, printModule } from "@tflower/core";
import type { LiteRtModel, RunOptions, RuntimeInputs, RuntimeTensor, WasmOptions } from "@tflower/runtime-litert";

/** A compiled program. Nothing of its weights is in memory before {@link bytes}, {@link save} or {@link run} asks for it. */
export class Model {
  /** The compiled module, for whoever wants to look. */
  readonly module: Module;
  /** What the user should know. */
  readonly diagnostics: readonly Diagnostic[];
  private runtime: Promise<LiteRtModel> | undefined;

  private readonly wasm: WasmOptions;
  private readonly compiler: Compiler | undefined;

  /** `compiler` is the one whose `serialize` hooks see what is written. */
  constructor(module: Module, diagnostics: readonly Diagnostic[], wasm: WasmOptions = {}, compiler?: Compiler) {
    this.module = module;
    this.diagnostics = diagnostics;
    this.wasm = wasm;
    this.compiler = compiler;
  }
  /** The whole `.tflite` in memory. */
  async bytes(): Promise<Uint8Array> {
    const sink = new MemorySink();
    await writeTflite(toTfliteFile(this.module, this.compiler), sink);
    return sink.bytes();
  }
  /** Writes the `.tflite` to `path`, one tensor in memory at a time; whoever looks sees the old file or the whole new one. Node only. */
  async save(path: string): Promise<void> {
    const { writeFileAtomically } = await import("./node/write-file.ts");
    const file = toTfliteFile(this.module, this.compiler);
    await writeFileAtomically(path, (sink) => writeTflite(file, sink));
  }
  /** Runs the model on LiteRT, with inputs in the program's order or by name; gives outputs in the program's order. */
  async run(inputs: RuntimeInputs, options?: RunOptions): Promise<readonly RuntimeTensor[]> {
    this.runtime ??= this.bytes().then(async (b) => (await import("@tflower/runtime-litert")).loadModel(b, this.wasm));
    return (await this.runtime).run(inputs, options);
  }
  /** Lets go of the runtime, if {@link run} has started it. */
  async dispose(): Promise<void> {
    (await this.runtime)?.dispose();
    this.runtime = undefined;
  }
  /** The text of the compiled module. */
  print(options?: PrintOptions): string {
    return printModule(this.module, options);
  }
}
