import {
  countOf,
  dtypes,
  type Graph,
  isStaticShape,
  leafConstant,
  loadConstant,
  numbersOf,
  showType,
  type TensorData,
  type TensorType,
  tensor,
  tensorData,
} from "@tflower/core";
import type { Pt2Program, SampleValue } from "@tflower/frontend-pt2";

/** Inputs are given that a program does not take. */
export class InputMisfit extends RangeError {
  override readonly name = "InputMisfit";
}

/** The inputs that a program was exported with, as tensors in the order of its graph; `undefined` where the file has none that fit. */
export async function sampleInputsOf(program: Pt2Program, graph: Graph): Promise<readonly TensorData[] | undefined> {
  const samples = (await program.sampleInputs()) ?? [];
  const tensors = samples.filter((s) => s.kind === "tensor");
  // sizes are inputs of the graph where the program takes them as such
  const leaves =
    tensors.length === graph.inputs.length
      ? tensors
      : samples.filter((s) => s.kind === "tensor" || s.kind === "int" || s.kind === "float" || s.kind === "bool");
  if (leaves.length !== graph.inputs.length || leaves.length === 0) return undefined;
  const out: TensorData[] = [];
  for (const s of leaves) {
    const t = await toTensor(s);
    if (!t) return undefined;
    out.push(t);
  }
  return out;
}
async function toTensor(s: SampleValue): Promise<TensorData | undefined> {
  if (s.kind === "int") return tensorData("i64", [], [s.value]);
  if (s.kind === "float") return tensorData("f32", [], [s.value]);
  if (s.kind === "bool") return tensorData("bool", [], [s.value]);
  if (s.kind !== "tensor" || !Object.hasOwn(dtypes, s.tensor.dtype)) return undefined;
  const { sizes, strides, storage, storageOffset } = s.tensor;
  const type = tensor(s.tensor.dtype as TensorType["dtype"], sizes);
  const { source, offset, length } = storage;
  return loadConstant(leafConstant(type, source, { offset, length, strides, storageOffset }));
}

/** The same numbers in the element types that a graph's inputs have. Throws an {@link InputMisfit} where a shape does not fit. */
export function asInputsOf(graph: Graph, tensors: readonly TensorData[]): readonly TensorData[] {
  if (tensors.length !== graph.inputs.length)
    throw new InputMisfit(`the program takes ${graph.inputs.length} inputs, and ${tensors.length} are given`);
  return tensors.map((t, i) => {
    const { type } = graph.inputs[i]!;
    const fits =
      t.type.shape.length === type.shape.length &&
      type.shape.every((d, k) => typeof d !== "number" || d === t.type.shape[k]);
    if (!fits)
      throw new InputMisfit(
        `input ${i} ("${graph.inputs[i]!.name}") is ${showType(type)}, and ${showType(t.type)} is given`,
      );
    if (t.type.dtype === type.dtype) return { type: { ...type, shape: t.type.shape }, data: t.data };
    return tensorData(type.dtype, t.type.shape, numbersOf(t));
  });
}

/** Inputs for a program that brings none: numbers of a fixed sequence, small and of both signs; integers small and not negative. */
export function madeUpInputs(graph: Graph): readonly TensorData[] {
  let seed = 0x2545f491;
  const next = (): number => {
    seed ^= seed << 13;
    seed ^= seed >>> 17;
    seed ^= seed << 5;
    return (seed >>> 0) / 2 ** 32;
  };
  return graph.inputs.map((v) => {
    const shape = v.type.shape.map((d) => (typeof d === "number" ? d : Math.max(2, graph.module.rangeOf("").min)));
    if (!isStaticShape(shape)) throw new InputMisfit(`input "${v.name}" has no static shape`);
    const float = dtypes[v.type.dtype].kind === "float";
    const element = (): number => (float ? 2 * next() - 1 : Math.floor(next() * 2));
    return tensorData(v.type.dtype, shape, Array.from({ length: countOf(shape) }, element));
  });
}
