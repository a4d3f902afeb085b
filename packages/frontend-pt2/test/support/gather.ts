import type { TensorData } from "../../src/program.ts";
import { readStorage } from "../../src/read-pt2.ts";
import { scalarBytes, torchName } from "../../src/schema/scalar-type.ts";

/** The elements of `tensor`, row-major without gaps, in the form of expected.json. */
export async function gather(tensor: TensorData): Promise<{ dtype: string; sizes: number[]; hex: string }> {
  const bytes = await readStorage(tensor.storage);
  const width = scalarBytes(tensor.dtype);
  const out: Uint8Array[] = [];
  const walk = (axis: number, at: number): void => {
    if (axis === tensor.sizes.length) out.push(bytes.subarray(at * width, (at + 1) * width));
    else for (let i = 0; i < tensor.sizes[axis]!; i++) walk(axis + 1, at + i * tensor.strides[axis]!);
  };
  walk(0, tensor.storageOffset);
  return { dtype: torchName(tensor.dtype), sizes: [...tensor.sizes], hex: Buffer.concat(out).toString("hex") };
}
