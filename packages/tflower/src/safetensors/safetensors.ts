import { byteLength, type DType } from "@tflower/core";

/** A tensor of a `.safetensors` file: little-endian packed bytes. */
export interface RawTensor {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

/** Where a tensor lies in its file. */
export interface TensorPlace {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly offset: number;
  readonly length: number;
}

const names: Readonly<Record<string, DType>> = {
  F64: "f64",
  F32: "f32",
  F16: "f16",
  BF16: "bf16",
  F8_E4M3: "f8e4m3",
  F8_E5M2: "f8e5m2",
  I64: "i64",
  I32: "i32",
  I16: "i16",
  I8: "i8",
  U64: "u64",
  U32: "u32",
  U16: "u16",
  U8: "u8",
  BOOL: "bool",
  C64: "c64",
};
const byDType = new Map(Object.entries(names).map(([n, d]) => [d, n]));

/** Headers beyond this are refused: the format itself allows 100 MB. */
const maxHeader = 100_000_000;

const refused = (file: string, why: string): never => {
  throw new RangeError(`${file} is not a .safetensors file: ${why}`);
};

/** How long the header is of a file of `size` bytes that begins with `bytes`. Throws a `RangeError` that names `file` when it is none. */
export function headerLength(file: string, bytes: Uint8Array, size: number): number {
  if (size < 8) refused(file, `expected at least 8 bytes, got ${size}`);
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  if (length > maxHeader || 8 + length > size)
    refused(file, `it states a header of ${length} bytes, and the file has ${size}`);
  return length;
}

/** Where the tensors of a file of `size` bytes lie, as its header says. Throws a `RangeError` that names `file` when that cannot be. */
export function readHeader(file: string, bytes: Uint8Array, size: number): Map<string, TensorPlace> {
  const start = 8 + bytes.byteLength;
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return refused(file, "its header is no JSON");
  }
  if (typeof header !== "object" || header === null) return refused(file, "its header is no JSON object");
  const out = new Map<string, TensorPlace>();
  for (const [name, entry] of Object.entries(
    header as Record<string, { dtype?: unknown; shape?: unknown; data_offsets?: unknown }>,
  )) {
    if (name === "__metadata__") continue;
    const dtype = names[String(entry?.dtype)];
    const shape = entry?.shape as readonly number[];
    const [from, to] = (entry?.data_offsets ?? []) as readonly number[];
    if (!dtype) return refused(file, `tensor "${name}" has the unknown dtype ${JSON.stringify(entry?.dtype)}`);
    if (!Array.isArray(shape) || !shape.every((d) => Number.isSafeInteger(d) && d >= 0))
      return refused(file, `tensor "${name}" has no valid shape`);
    const need = byteLength(
      dtype,
      shape.reduce((a, b) => a * b, 1),
    );
    if (
      !Number.isSafeInteger(from) ||
      !Number.isSafeInteger(to) ||
      from! < 0 ||
      to! - from! !== need ||
      start + to! > size
    )
      return refused(
        file,
        `tensor "${name}" (${entry?.dtype as string} [${shape.join(",")}]) needs ${need} bytes, and the header gives it ${from}..${to}`,
      );
    out.set(name, { dtype, shape, offset: start + from!, length: need });
  }
  return out;
}

/** Reads a `.safetensors` file. Throws a `RangeError` that names `file` when it is none. */
export function readSafetensors(file: string, content: Uint8Array): Map<string, RawTensor> {
  // a Buffer's slice would share memory, and tensors are to own theirs
  const bytes = new Uint8Array(content.buffer, content.byteOffset, content.byteLength);
  const length = headerLength(file, bytes, bytes.byteLength);
  const places = readHeader(file, bytes.subarray(8, 8 + length), bytes.byteLength);
  return new Map(
    [...places].map(([name, { dtype, shape, offset, length }]) => [
      name,
      { dtype, shape, bytes: bytes.slice(offset, offset + length) },
    ]),
  );
}

/** The bytes of a `.safetensors` file. Throws a `RangeError` for a dtype that the format lacks. */
export function writeSafetensors(tensors: ReadonlyMap<string, RawTensor>): Uint8Array {
  const header: Record<string, unknown> = {};
  let at = 0;
  for (const [name, t] of tensors) {
    const dtype = byDType.get(t.dtype);
    if (!dtype) throw new RangeError(`tensor "${name}" has dtype ${t.dtype}, which .safetensors cannot hold`);
    header[name] = { dtype, shape: t.shape, data_offsets: [at, at + t.bytes.byteLength] };
    at += t.bytes.byteLength;
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  const padded = Math.ceil(text.byteLength / 8) * 8;
  const out = new Uint8Array(8 + padded + at);
  new DataView(out.buffer).setBigUint64(0, BigInt(padded), true);
  out.fill(0x20, 8, 8 + padded);
  out.set(text, 8);
  at = 8 + padded;
  for (const t of tensors.values()) {
    out.set(t.bytes, at);
    at += t.bytes.byteLength;
  }
  return out;
}
