import {
  byteLength,
  type Constant,
  countOf,
  type DType,
  dataConstant,
  dtypes,
  leafConstant,
  loadConstant,
  tensor,
} from "@tflower/core";
import { importError } from "../import-error.ts";
import type { NamedTensor, TensorData } from "../program.ts";

/** Constants up to this many bytes are read at once, so that lowerings, which are synchronous, can look at them. */
const residentBytes = 64 * 1024;
/** Integers and bools are indices, shapes and masks: lowerings want to see larger ones. */
const residentIntegerBytes = 1024 * 1024;

/** A lazy constant over a tensor of the archive; small ones are read now. */
export async function importConstant(file: string, t: NamedTensor | TensorData, name: string): Promise<Constant> {
  if (!Object.hasOwn(dtypes, t.dtype))
    throw importError(
      "IMP0019",
      { file, part: name },
      `elements of type ${t.dtype} have no counterpart in tflower`,
      "convert the tensor to another dtype before exporting",
    );
  const dtype = t.dtype as DType;
  const leaf = leafConstant(tensor(dtype, t.sizes), t.storage.source, {
    offset: t.storage.offset,
    length: t.storage.length,
    strides: t.strides,
    storageOffset: t.storageOffset,
  });
  const bytes = byteLength(dtype, countOf(t.sizes));
  const { kind } = dtypes[dtype];
  const limit = kind === "int" || kind === "uint" || kind === "bool" ? residentIntegerBytes : residentBytes;
  return bytes <= limit && t.storage.length <= 16 * limit ? dataConstant(await loadConstant(leaf)) : leaf;
}

/** Two tensors of one place hold the same elements, whatever they are called: tied weights. */
export const placeOf = (t: TensorData): string =>
  `${t.storage.id}:${t.dtype}[${t.sizes.join()}]:${t.strides.filter((_, i) => t.sizes[i] !== 1).join()}+${t.storageOffset}`;

/** Elements from the first to the one after the last, in a storage. */
export function extentOf(t: TensorData): { readonly from: number; readonly to: number } {
  if (t.sizes.includes(0)) return { from: t.storageOffset, to: t.storageOffset };
  const last = t.sizes.reduce((at, s, i) => at + (s - 1) * t.strides[i]!, t.storageOffset);
  return { from: t.storageOffset, to: last + 1 };
}
