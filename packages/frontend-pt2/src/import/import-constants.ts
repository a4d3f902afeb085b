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
