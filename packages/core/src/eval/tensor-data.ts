import { type Dim, isStaticShape, showDim } from "../ir/dim.ts";
import { byteLength, type DType, dtypes } from "../ir/dtype.ts";
import { type TensorType, tensor } from "../ir/type.ts";
import {
  bf16ToFloats,
  f8ToNumber,
  f16ToFloats,
  numberToBf16,
  numberToF8,
  numberToF16,
  roundBf16,
  roundF8,
  roundF16,
} from "./half.ts";

export type Carrier =
  | Float64Array
  | Float32Array
  | BigInt64Array
  | BigUint64Array
  | Int32Array
  | Uint32Array
  | Int16Array
  | Uint16Array
  | Int8Array
  | Uint8Array;
/** The carriers whose elements are JavaScript numbers. */
export type NumberCarrier = Exclude<Carrier, BigInt64Array | BigUint64Array>;

/**
 * A tensor in memory: a static type and its elements, row-major, in the carrier array of its dtype.
 * Half precisions are held as float32 values that are exactly representable; complex numbers as interleaved pairs.
 */
export interface TensorData {
  readonly type: TensorType & { readonly shape: readonly number[] };
  readonly data: Carrier;
}

const carriers = {
  f64: Float64Array,
  f32: Float32Array,
  i64: BigInt64Array,
  u64: BigUint64Array,
  i32: Int32Array,
  u32: Uint32Array,
  i16: Int16Array,
  u16: Uint16Array,
  i8: Int8Array,
  u8: Uint8Array,
} as const;

const lanes = (dtype: DType): number => (dtypes[dtype].kind === "complex" ? 2 : 1);

/** Number of elements of a static shape. */
export const countOf = (shape: readonly number[]): number => shape.reduce((n, d) => n * d, 1);

/** The extents of `shape` as numbers; throws where one is symbolic. */
export function staticShape(shape: readonly Dim[]): readonly number[] {
  if (!isStaticShape(shape)) throw new RangeError(`expected static extents, got [${shape.map(showDim).join(",")}]`);
  return shape;
}

/** A zeroed carrier for `count` elements of `dtype`. */
export function allocate(dtype: DType, count: number): Carrier {
  return new carriers[dtypes[dtype].carrier](count * lanes(dtype));
}

/** Whether elements of `dtype` are carried as `bigint`. */
export const isBig = (dtype: DType): boolean => dtypes[dtype].carrier === "i64" || dtypes[dtype].carrier === "u64";

/** Rounds a number to what `dtype` can hold: nearest even for floats, two's complement wrap for integers. */
export function roundTo(dtype: DType): ((v: number) => number) | undefined {
  if (dtype === "f16" || dtype === "c32") return roundF16;
  if (dtype === "bf16") return roundBf16;
  if (dtype === "f8e4m3" || dtype === "f8e5m2") return (v) => roundF8(dtype, v);
  if (dtype === "i4") return (v) => (v << 28) >> 28;
  if (dtype === "i2") return (v) => (v << 30) >> 30;
  if (dtype === "u4") return (v) => v & 15;
  if (dtype === "bool") return (v) => (v !== 0 ? 1 : 0);
  return undefined; // the carrier rounds by itself
}

/** A tensor from plain numbers (or bigints), rounded to `dtype`. */
export function tensorData(
  dtype: DType,
  shape: readonly number[],
  values: ArrayLike<number | bigint | boolean>,
): TensorData {
  const data = allocate(dtype, countOf(shape));
  if (values.length !== data.length)
    throw new RangeError(`expected ${data.length} elements for ${dtype}[${shape.join(",")}], got ${values.length}`);
  if (isBig(dtype)) {
    const big = data as BigInt64Array;
    for (let i = 0; i < values.length; i++) big[i] = BigInt(values[i] as number | bigint | boolean);
  } else {
    const round = roundTo(dtype);
    const out = data as NumberCarrier;
    for (let i = 0; i < values.length; i++) out[i] = round ? round(Number(values[i])) : Number(values[i]);
  }
  return { type: tensor(dtype, shape) as TensorData["type"], data };
}

/** Wraps a carrier that already holds elements of `type`. */
export const wrap = (type: TensorType, data: Carrier): TensorData => ({ type: type as TensorData["type"], data });

/** A rank-0 tensor. */
export const scalarData = (dtype: DType, value: number | bigint | boolean): TensorData =>
  tensorData(dtype, [], lanes(dtype) === 2 ? [value, 0] : [value]);

/** A rank-1 tensor of 32-bit integers, as shapes, axes and paddings are. */
export const i32Data = (values: readonly number[]): TensorData => tensorData("i32", [values.length], values);

/** The elements as JavaScript numbers; bigints lose what is beyond 2^53. */
export function numbersOf(t: TensorData): NumberCarrier | readonly number[] {
  return isBig(t.type.dtype) ? Array.from(t.data as BigInt64Array, Number) : (t.data as NumberCarrier);
}

/** A `Buffer` of Node has a `slice` that copies nothing. */
const aligned = (bytes: Uint8Array, to: number): Uint8Array =>
  bytes.byteOffset % to === 0 ? bytes : new Uint8Array(bytes);

/** Elements from little-endian packed bytes. The result may share memory with `bytes`. */
export function decode(type: TensorType, bytes: Uint8Array): TensorData {
  const shape = staticShape(type.shape);
  const count = countOf(shape);
  const need = byteLength(type.dtype, count);
  if (bytes.byteLength !== need)
    throw new RangeError(`expected ${need} bytes for ${type.dtype}[${shape.join(",")}], got ${bytes.byteLength}`);
  const { bits, carrier } = dtypes[type.dtype];
  if (type.dtype === "f16" || type.dtype === "bf16" || type.dtype === "c32") {
    const raw = aligned(bytes, 2);
    const half = new Uint16Array(raw.buffer, raw.byteOffset, raw.byteLength / 2);
    return wrap(type, type.dtype === "bf16" ? bf16ToFloats(half) : f16ToFloats(half));
  }
  if (type.dtype === "f8e4m3" || type.dtype === "f8e5m2") {
    const out = new Float32Array(count);
    for (let i = 0; i < count; i++) out[i] = f8ToNumber(type.dtype, bytes[i]!);
    return wrap(type, out);
  }
  if (bits < 8) {
    const out = allocate(type.dtype, count) as Int8Array;
    const perByte = 8 / bits;
    const signed = dtypes[type.dtype].kind === "int";
    for (let i = 0; i < count; i++) {
      const raw = (bytes[Math.floor(i / perByte)]! >> ((i % perByte) * bits)) & ((1 << bits) - 1);
      out[i] = signed ? (raw << (32 - bits)) >> (32 - bits) : raw;
    }
    return wrap(type, out);
  }
  const Make = carriers[carrier];
  const raw = aligned(bytes, Make.BYTES_PER_ELEMENT);
  return wrap(type, new Make(raw.buffer as ArrayBuffer, raw.byteOffset, raw.byteLength / Make.BYTES_PER_ELEMENT));
}

/** Little-endian packed bytes of the elements. The result may share memory with `t`. */
export function encode(t: TensorData): Uint8Array {
  const { dtype } = t.type;
  const { bits } = dtypes[dtype];
  const data = t.data;
  if (dtype === "f16" || dtype === "bf16" || dtype === "c32") {
    const out = new Uint16Array(data.length);
    const write = dtype === "bf16" ? numberToBf16 : numberToF16;
    for (let i = 0; i < data.length; i++) out[i] = write(data[i] as number);
    return new Uint8Array(out.buffer);
  }
  if (dtype === "f8e4m3" || dtype === "f8e5m2")
    return Uint8Array.from(data as Float32Array, (v) => numberToF8(dtype, v));
  if (bits < 8) {
    const perByte = 8 / bits;
    const out = new Uint8Array(Math.ceil(data.length / perByte));
    if (bits === 4) {
      const nibbles = data as Int8Array;
      const pairs = nibbles.length >> 1;
      for (let i = 0; i < pairs; i++) out[i] = (nibbles[2 * i]! & 15) | (nibbles[2 * i + 1]! << 4);
      if (nibbles.length & 1) out[pairs] = nibbles[nibbles.length - 1]! & 15;
      return out;
    }
    for (let i = 0; i < data.length; i++)
      out[Math.floor(i / perByte)]! |= ((data[i] as number) & ((1 << bits) - 1)) << ((i % perByte) * bits);
    return out;
  }
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
