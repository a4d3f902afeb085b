import { FilePatch } from "./file-patch.ts";
import { type FileOutput, type FilePort, type FileSignature, type ModelFile, slots } from "./model-file.ts";
import { elementsOf } from "./runtime-tensor.ts";

/** Where an output's elements come from. */
export type OutputSource =
  | { readonly from: "run"; readonly position: number; readonly shared: boolean }
  | { readonly from: "input"; readonly position: number }
  | { readonly from: "nothing" };

/** One signature of a specialised file. */
export interface SpecialisedSignature {
  /** Extents of every input of the original signature. */
  readonly inputShapes: readonly (readonly number[])[];
  /** Positions, among the original inputs, of those that LiteRT is given. */
  readonly inputs: readonly number[];
  /** Positions, among the original outputs, of those that LiteRT gives. */
  readonly outputs: readonly number[];
  /** For every original output. */
  readonly sources: readonly OutputSource[];
}

/** A file whose inputs have fixed extents, and which asks LiteRT for nothing it cannot do. */
export interface SpecialisedFile {
  readonly patch: FilePatch;
  readonly signatures: readonly SpecialisedSignature[];
  /** What stands for extents of outputs that the file leaves open. */
  readonly unknown: number;
}

/**
 * Fixes the extents of inputs and takes out of the signatures what LiteRT 2.5.3 gets wrong (found by experiment):
 * - a compiled model does not survive an input of another shape: a larger one breaks it for good, a smaller one leaves
 *   the outputs too large;
 * - an input or output without elements cannot be given a buffer;
 * - an output that is an input, and the first of two outputs that are one tensor, come back as garbage without any error.
 *
 * `unknown` stands for extents of outputs that the file leaves open: where it is still there after a run, the extent was
 * not known when the buffer was made.
 */
export function specialise(
  file: ModelFile,
  shapesOf: (signature: FileSignature) => readonly (readonly number[])[],
  unknown: number,
): SpecialisedFile {
  const patch = new FilePatch(file.reader);
  const done = new Set<number>();
  const signatures = file.signatures.map((signature) => {
    const inputShapes = shapesOf(signature);
    const plan = planOf(signature, inputShapes);
    // Two signatures of one subgraph see the same tensors; the shapes of the first count.
    if (!done.has(signature.subgraph)) patchSubgraph(patch, file, signature, plan, unknown);
    done.add(signature.subgraph);
    patchSignature(patch, file, signature, plan);
    return plan;
  });
  return { patch, signatures, unknown };
}

function planOf(signature: FileSignature, inputShapes: readonly (readonly number[])[]): SpecialisedSignature {
  const inputs = signature.inputs.flatMap((_, i) => (elementsOf(inputShapes[i]!) === 0 ? [] : [i]));
  const outputs: number[] = [];
  const sources = signature.outputs.map((output, i): OutputSource => {
    const input = signature.inputs.findIndex((p) => p.tensor === output.tensor);
    if (input >= 0) return { from: "input", position: input };
    if (output.shape.every((d) => d >= 0) && elementsOf(output.shape) === 0) return { from: "nothing" };
    const twin = outputs.findIndex((k) => signature.outputs[k]!.tensor === output.tensor);
    return { from: "run", position: twin >= 0 ? twin : outputs.push(i) - 1, shared: twin >= 0 };
  });
  return { inputShapes, inputs, outputs, sources };
}

function patchSubgraph(
  patch: FilePatch,
  file: ModelFile,
  signature: FileSignature,
  plan: SpecialisedSignature,
  unknown: number,
): void {
  const subgraph = file.subgraphs[signature.subgraph]!;
  const tensors = file.reader.tables(subgraph, slots.subgraph.tensors);
  signature.inputs.forEach((input, i) => {
    const shape = plan.inputShapes[i]!;
    if (sameInts(shape, input.example) && sameInts(shape, input.shape)) return;
    patch.setInts(tensors[input.tensor]!, slots.tensor.shape, shape);
    patch.setInts(tensors[input.tensor]!, slots.tensor.shapeSignature, shape);
  });
  for (const i of plan.outputs) {
    const output = signature.outputs[i]!;
    if (!isOpen(output)) continue;
    const shape = output.shape.map((d) => (d < 0 ? unknown : d));
    patch.setInts(tensors[output.tensor]!, slots.tensor.shape, shape);
  }
  keepPorts(patch, subgraph, slots.subgraph.inputs, signature.inputs, plan.inputs);
  keepPorts(patch, subgraph, slots.subgraph.outputs, signature.outputs, plan.outputs);
}

function keepPorts(
  patch: FilePatch,
  subgraph: number,
  slot: 1 | 2,
  ports: readonly FilePort[],
  kept: readonly number[],
): void {
  const tensors = kept.map((i) => ports[i]!.tensor);
  if (kept.length < ports.length) patch.setInts(subgraph, slot, tensors);
}

function patchSignature(patch: FilePatch, file: ModelFile, signature: FileSignature, plan: SpecialisedSignature): void {
  const { reader } = file;
  const keep = (slot: 0 | 1, ports: readonly FilePort[], kept: readonly number[]): void => {
    if (signature.at === 0 || kept.length === ports.length) return;
    const left = new Set(kept.map((i) => ports[i]!.tensor));
    patch.filterTables(signature.at, slot, (map) => {
      const index = reader.field(map, slots.tensorMap.tensorIndex);
      return left.delete(index ? reader.u32(index) : 0);
    });
  };
  keep(slots.signature.inputs, signature.inputs, plan.inputs);
  keep(slots.signature.outputs, signature.outputs, plan.outputs);
}

/** Whether the file leaves an extent open. */
export const isOpen = (port: FilePort | FileOutput): boolean => port.shape.some((d) => d < 0);

const sameInts = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((v, i) => v === b[i]);
