/**
 * The part of `@litertjs/core`'s low-level WebAssembly module that is used here. The package's own high-level API knows
 * float32, int32 and uint8 only, keeps one global instance, and looks for a GPU; the module below it has neither limit.
 */
export interface WasmModule {
  readonly HEAPU8: Uint8Array<ArrayBuffer>;
  _malloc(size: number): number;
  _free(pointer: number): void;
  readonly LiteRtEnvironment: { create(webGpuDevice: null): Handle };
  loadModel(environment: Handle, pointer: number, size: number): WasmModel;
  compileModel(environment: Handle, model: WasmModel, options: unknown): WasmCompiledModel;
  readonly LiteRtTensorBuffer: {
    createManaged(environment: Handle, type: unknown, tensorType: WasmTensorType, bytes: number): WasmTensorBuffer;
  };
  readonly LiteRtTensorBufferType: { readonly HOST_MEMORY: unknown };
  readonly LiteRtTensorBufferLockMode: { readonly READ: unknown; readonly WRITE: unknown };
}

/** A C++ object; it lives until `delete()`. */
export interface Handle {
  delete(): void;
}
export interface WasmVector<T> extends Handle {
  size(): number;
  get(index: number): T;
}
export interface WasmModel extends Handle {
  getNumSignatures(): number;
  getSignature(signature: number): WasmSignature;
  getInputTensorType(signature: number, input: number): WasmTensorType;
}
export interface WasmSignature extends Handle {
  key(): string;
  inputNames(): WasmVector<string>;
  outputNames(): WasmVector<string>;
}
export interface WasmTensorType extends Handle {
  layout(): WasmLayout;
}
export interface WasmLayout extends Handle {
  dimensions(): WasmVector<number>;
}
export interface WasmCompiledModel extends Handle {
  run(signature: number, inputs: readonly WasmTensorBuffer[]): WasmTensorBuffer[];
}
export interface WasmTensorBuffer extends Handle {
  lock(mode: unknown): number;
  unlock(): void;
  tensorType(): WasmTensorType;
  packedSize(): number;
}

/** What the script of a build defines: makes an instance. */
export type ModuleFactory = (options: {
  instantiateWasm(
    imports: WebAssembly.Imports,
    done: (instance: WebAssembly.Instance, module: WebAssembly.Module) => void,
  ): object;
  print(line: string): void;
  printErr(line: string): void;
}) => Promise<WasmModule>;

/** The entries of a C++ vector, which is deleted. */
export function takeVector<T>(vector: WasmVector<T>): T[] {
  const entries = Array.from({ length: vector.size() }, (_, i) => vector.get(i));
  vector.delete();
  return entries;
}

/** The extents of a tensor type, which is deleted. */
export function takeShape(type: WasmTensorType): number[] {
  const layout = type.layout();
  const shape = takeVector(layout.dimensions());
  layout.delete();
  type.delete();
  return shape;
}
