import type { CompiledVariant, RawRun } from "./compiled-variant.ts";
import type { FileSignature } from "./model-file.ts";

/** Positions of outputs, by why LiteRT may not have written the buffer that it gave for them. */
export interface Doubts {
  /** An extent that the file leaves open still is the stand-in: it was not known when the buffer was made. */
  readonly open: readonly number[];
  /**
   * Computed from shapes alone, but not taken from a constant. Kernels such as SHAPE compute when they prepare, into
   * memory of their own, and LiteRT copies it from there only if that happened before the run. Behind an op whose output
   * size depends on values it happens during the run.
   */
  readonly late: readonly number[];
}

/** What is doubtful in a run of `variant`. */
export function doubtsOf(signature: FileSignature, index: number, variant: CompiledVariant, run: RawRun): Doubts {
  const open: number[] = [];
  const late: number[] = [];
  variant.file.signatures[index]!.outputs.forEach((i, position) => {
    const output = signature.outputs[i]!;
    const { shape } = run.outputs[position]!;
    if (output.shape.some((d, axis) => d < 0 && shape[axis] === variant.file.unknown)) open.push(i);
    if (output.shapeOnly && !run.fromConstants.has(variant.names[index]!.outputs[position]!)) late.push(i);
  });
  return { open, late };
}
