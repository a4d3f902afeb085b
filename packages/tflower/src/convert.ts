import type { Compiler, Diagnostic, Settings } from "@tflower/core";
import { type Pt2Program, readPt2 } from "@tflower/frontend-pt2";
import type { WasmOptions } from "@tflower/runtime-litert";
import { type CompileOptions, compileProgram } from "./compile.ts";
import { createCompiler } from "./create-compiler.ts";
import { Model } from "./model.ts";
import { type Input, openSource } from "./open-source.ts";

/** Choices of {@link convert}. */
export interface ConvertOptions extends Omit<CompileOptions, "report"> {
  /** A compiler of one's own, with plugins; {@link createCompiler}'s by default. */
  readonly compiler?: Compiler;
  /** What the compilation is asked for, when no compiler is given. */
  readonly settings?: Partial<Settings>;
  /** Where {@link Model.run} finds LiteRT's WebAssembly; a page has to say. */
  readonly wasm?: WasmOptions;
}

/**
 * Converts one program, or several as signatures of one file. Throws a `CompileError` with every problem found.
 * The source must stay readable as long as the model is used: weights are read when they are written.
 *
 * @example
 * const model = await convert("mobilenet_v2.pt2");
 * await model.save("mobilenet_v2.tflite");
 */
export async function convert(input: Input | Readonly<Record<string, Input>>, o: ConvertOptions = {}): Promise<Model> {
  const compiler = o.compiler ?? createCompiler(o.settings);
  const diagnostics: Diagnostic[] = [];
  const options = { ...o, report: (d: Diagnostic) => void diagnostics.push(d) };
  const program = isSingle(input) ? await readPt2(await openSource(input)) : await readAll(input);
  return new Model(await compileProgram(program, compiler, options), diagnostics, o.wasm, compiler);
}

const isSingle = (input: Input | Readonly<Record<string, Input>>): input is Input =>
  typeof input === "string" ||
  input instanceof Uint8Array ||
  (typeof Blob !== "undefined" && input instanceof Blob) ||
  typeof (input as { read?: unknown }).read === "function";

async function readAll(inputs: Readonly<Record<string, Input>>): Promise<Record<string, Pt2Program>> {
  const out: Record<string, Pt2Program> = {};
  for (const [name, input] of Object.entries(inputs)) out[name] = await readPt2(await openSource(input));
  return out;
}
