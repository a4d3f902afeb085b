import { type Constant, constantByteLength, constantChunks, encode, tensorData } from "@tflower/core";
import type { LazyBuffer } from "../file/tflite-file.ts";

/** Buffers by what they hold. */
export class SharedBuffers {
  private readonly byKey = new Map<string, LazyBuffer>();
  private readonly small = new Map<string, Uint8Array>();

  of(constant: Constant): LazyBuffer {
    const byteLength = constantByteLength(constant);
    // the type is part of a key; of bytes that are copied as they lie, only the range matters
    const plain = constant.kind === "leaf" && !constant.strides;
    const key = plain
      ? `${constant.source.key ?? constant.source.name}:${constant.offset}:${constant.storageOffset}:${constant.type.dtype}:${byteLength}`
      : constant.key;
    let b = this.byKey.get(key);
    if (!b) {
      b = { byteLength, chunks: () => constantChunks(constant) };
      this.byKey.set(key, b);
    }
    return b;
  }
  numbers(dtype: "i32" | "i64" | "f32", values: readonly number[]): Uint8Array {
    const key = `${dtype}:${values.join(",")}`;
    let b = this.small.get(key);
    if (!b) {
      b = encode(tensorData(dtype, [values.length], values));
      this.small.set(key, b);
    }
    return b;
  }
}
