import { byteLength, type DType } from "@tflower/core";

/** A tensor of a `.safetensors` file: little-endian packed bytes. */
export interface RawTensor {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
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

/** Reads a `.safetensors` file. Throws a `RangeError` that names `file` when it is none. */
export function readSafetensors(file: string, content: Uint8Array): Map<string, RawTensor> {
  // a Buffer's slice would share memory, and tensors are to own theirs
  const bytes = new Uint8Array(content.buffer, content.byteOffset, content.byteLength);
  const fail = (why: string): never => {
    throw new RangeError(`${file} is not a .safetensors file: ${why}`);
  };
  if (bytes.byteLength < 8) fail(`expected at least 8 bytes, got ${bytes.byteLength}`);
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  if (length > maxHeader || 8 + length > bytes.byteLength)
    fail(`it states a header of ${length} bytes, and the file has ${bytes.byteLength}`);
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
  } catch {
    return fail("its header is no JSON");
  }
  if (typeof header !== "object" || header === null) return fail("its header is no JSON object");
  const out = new Map<string, RawTensor>();
  for (const [name, entry] of Object.entries(
    header as Record<string, { dtype?: unknown; shape?: unknown; data_offsets?: unknown }>,
  )) {
    if (name === "__metadata__") continue;
    const dtype = names[String(entry?.dtype)];
    const shape = entry?.shape as readonly number[];
    const [from, to] = (entry?.data_offsets ?? []) as readonly number[];
    if (!dtype) fail(`tensor "${name}" has the unknown dtype ${JSON.stringify(entry?.dtype)}`);
    if (!Array.isArray(shape) || !shape.every((d) => Number.isSafeInteger(d) && d >= 0))
      fail(`tensor "${name}" has no valid shape`);
    const need = byteLength(
      dtype!,
      shape.reduce((a, b) => a * b, 1),
    );
    if (
      !Number.isSafeInteger(from) ||
      !Number.isSafeInteger(to) ||
      from! < 0 ||
      to! - from! !== need ||
      8 + length + to! > bytes.byteLength
    )
      fail(
        `tensor "${name}" (${entry?.dtype as string} [${shape.join(",")}]) needs ${need} bytes, and the header gives it ${from}..${to}`,
      );
    out.set(name, { dtype: dtype!, shape, bytes: bytes.slice(8 + length + from!, 8 + length + to!) });
  }
  return out;
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
