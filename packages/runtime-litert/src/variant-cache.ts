import { CompiledVariant } from "./compiled-variant.ts";
import { LiteRtError } from "./litert-error.ts";
import type { FileSignature, ModelFile } from "./model-file.ts";
import { type SpecialisedSignature, specialise } from "./specialise.ts";
import type { WasmInstance } from "./wasm-instance.ts";

/** Extents of every input of a signature. */
export type InputShapes = readonly (readonly number[])[];

/** How many shapes of a dynamic model stay compiled: each holds the weights once more. */
const capacity = 2;

/** The compiled forms of one file, one per set of input shapes. */
export class VariantCache {
  private readonly file: ModelFile;
  private readonly instance: WasmInstance;
  /** Most recently used last. */
  private readonly variants = new Map<string, CompiledVariant>();
  /** Whether a run has changed the state that the one variant of a stateful model holds. */
  private touched = false;

  constructor(file: ModelFile, instance: WasmInstance) {
    this.file = file;
    this.instance = instance;
  }

  /**
   * The variant whose inputs of `subgraph` have `shapes`, and all others the extents that the file was made with. Without
   * `shapes`: one for a signature that has no open extents.
   */
  get(subgraph: number, shapes: InputShapes | undefined): CompiledVariant {
    const shapesOf = this.shapesOf(subgraph, shapes);
    const key = JSON.stringify(this.file.signatures.map(shapesOf));
    const found = this.variants.get(key) ?? this.holdingState(shapes);
    if (found) {
      if (this.variants.delete(key)) this.variants.set(key, found);
      return found;
    }
    this.drop(this.file.stateful ? 0 : capacity - 1);
    const made = this.compile(shapesOf, unknownExtent);
    this.variants.set(key, made);
    return made;
  }

  /** A variant for the same shapes that nobody else uses, with another stand-in for unknown extents. */
  spare(subgraph: number, shapes: InputShapes | undefined): CompiledVariant {
    return this.compile(this.shapesOf(subgraph, shapes), otherUnknownExtent);
  }

  /** Says that a run is about to change state. */
  touch(): void {
    this.touched = true;
  }

  /** Disposes of all variants but the `keep` last used. */
  drop(keep: number): void {
    for (const [key, variant] of this.variants) {
      if (this.variants.size <= keep) return;
      this.variants.delete(key);
      variant.dispose();
    }
    this.touched = false;
  }

  private shapesOf(subgraph: number, shapes: InputShapes | undefined): (signature: FileSignature) => InputShapes {
    return (s) => (s.subgraph === subgraph && shapes ? shapes : s.inputs.map((p) => p.example));
  }

  /** A stateful model stays on one variant: on another its variables would have their initial values. */
  private holdingState(shapes: InputShapes | undefined): CompiledVariant | undefined {
    if (!this.file.stateful || !this.touched) return undefined;
    if (shapes === undefined) return [...this.variants.values()].at(-1);
    throw new LiteRtError(
      "RUN0011",
      "inputs of another shape would lose the values that the model keeps between runs",
      {
        help: "run it on one shape only, call reset() first, or load the file a second time",
      },
    );
  }

  private compile(shapesOf: (signature: FileSignature) => InputShapes, unknown: number): CompiledVariant {
    const file = specialise(this.file, shapesOf, unknown);
    let variant: CompiledVariant;
    try {
      variant = CompiledVariant.compile(this.instance, file);
    } catch (error) {
      if (!(error instanceof LiteRtError && error.code === "RUN0004") || this.variants.size === 0) throw error;
      this.drop(0); // make room and try once more
      variant = CompiledVariant.compile(this.instance, file);
    }
    try {
      this.file.signatures.forEach((signature, i) => {
        checkOrder(signature, file.signatures[i]!, variant.names[i]!);
      });
    } catch (error) {
      variant.dispose();
      throw error;
    }
    return variant;
  }
}

/** Positions are all that ties our tensors to LiteRT's: were the order another, inputs of one type would be swapped silently. */
function checkOrder(
  signature: FileSignature,
  plan: SpecialisedSignature,
  names: { readonly inputs: readonly string[]; readonly outputs: readonly string[] },
): void {
  if (signature.at === 0) return; // without a signature the names are LiteRT's own choice
  const ours = JSON.stringify([
    plan.inputs.map((i) => signature.inputs[i]!.name),
    plan.outputs.map((i) => signature.outputs[i]!.name),
  ]);
  const theirs = JSON.stringify([names.inputs, names.outputs]);
  if (ours === theirs) return;
  throw new LiteRtError(
    "RUN0003",
    `signature "${signature.key}" has the inputs and outputs ${ours} in its graph's order, but LiteRT has ${theirs}`,
  );
}

/** Stand-ins for an output's open extents; a real extent that equals one is told apart by trying the other. */
const unknownExtent = 61;
const otherUnknownExtent = 59;
