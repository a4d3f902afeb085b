import { importError, type Where } from "./import-error.ts";
import { type Pt2DType, scalarBytes } from "./schema/scalar-type.ts";

/** Type and place of a tensor, with known sizes. */
export interface TensorGeometry {
  readonly dtype: Pt2DType;
  readonly sizes: readonly number[];
  readonly strides: readonly number[];
  readonly storageOffset: number;
}

/** An expanded tensor repeats a few bytes; written out it must stay within what a model file can hold. */
const maxExpandedBytes = 2 ** 31;
const again = "export the program again; torch.export.save does not write such a tensor";

/** Checks that every element of `tensor` lies within a storage of `length` bytes. */
export function checkGeometry(tensor: TensorGeometry, length: number, where: Where): void {
  const { dtype, sizes, strides, storageOffset } = tensor;
  const width = scalarBytes(dtype);
  if (sizes.includes(0)) return;
  const count = sizes.reduce((n, s) => n * s, 1);
  const last = sizes.reduce((at, s, i) => at + (s - 1) * strides[i]!, storageOffset);
  const needed = (last + 1) * width;
  if (length === 0)
    throw importError(
      "IMP0018",
      where,
      `a ${show(tensor)} should have ${count * width} bytes, but the archive has none: it was exported without data`,
      "export the program with real weights, not within FakeTensorMode or on the meta device",
    );
  if (!(needed <= length))
    throw importError(
      "IMP0017",
      where,
      `a ${show(tensor)} needs ${needed} bytes, but its storage has ${length}`,
      again,
    );
  if (count * width > length && count * width > maxExpandedBytes)
    throw importError(
      "IMP0007",
      where,
      `a ${show(tensor)} repeats ${length} bytes to make ${count * width}; at most ${maxExpandedBytes} are made`,
      "keep the tensor small, and expand it in forward()",
    );
}

const show = ({ dtype, sizes, strides, storageOffset }: TensorGeometry): string =>
  `${dtype}[${sizes.join(",")}] with strides [${strides.join(",")}]${storageOffset ? ` at offset ${storageOffset}` : ""}`;
