import { type ByteSource, decode, type TensorData, tensor } from "@tflower/core";
import { headerLength, readHeader, type TensorPlace } from "./safetensors.ts";

/** A `.safetensors` file whose tensors are read when they are asked for. */
export interface SafetensorsFile {
  /** What messages call it. */
  readonly name: string;
  readonly tensors: ReadonlyMap<string, TensorPlace>;
  /** The elements of a tensor. */
  read(name: string): Promise<TensorData>;
}

/** Reads the header of a `.safetensors` file. Rejects with a `RangeError` when it is none. */
export async function openSafetensors(source: ByteSource): Promise<SafetensorsFile> {
  const { name, size } = source;
  const length = headerLength(name, await source.read(0, Math.min(8, size)), size);
  const tensors = readHeader(name, await source.read(8, length), size);
  return {
    name,
    tensors,
    async read(tensorName) {
      const place = tensors.get(tensorName);
      if (!place) throw new RangeError(`${name} holds no tensor "${tensorName}"`);
      return decode(tensor(place.dtype, place.shape), await source.read(place.offset, place.length));
    },
  };
}
