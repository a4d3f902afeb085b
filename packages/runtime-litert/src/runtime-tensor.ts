import type { DType } from "@tflower/core";
import { LiteRtError } from "./litert-error.ts";

/**
 * The array that holds the elements of each element type as they lie in the runtime's memory. Types that JavaScript has
 * no array for are raw: half precisions as 16-bit words, types below 8 bits packed from the low bits up, complex numbers
 * as pairs.
 */
const arrays = {
  f64: Float64Array,
  f32: Float32Array,
  f16: Uint16Array,
  bf16: Uint16Array,
  f8e4m3: Uint8Array,
  f8e5m2: Uint8Array,
  i64: BigInt64Array,
  i32: Int32Array,
  i16: Int16Array,
  i8: Int8Array,
  i4: Uint8Array,
  i2: Uint8Array,
  u64: BigUint64Array,
  u32: Uint32Array,
  u16: Uint16Array,
  u8: Uint8Array,
  u4: Uint8Array,
  bool: Uint8Array,
  c64: Float32Array,
  c128: Float64Array,
} as const satisfies Partial<Record<DType, unknown>>;

/** Element types that can cross the runtime's border. */
export type RuntimeDType = keyof typeof arrays;
/** The array that holds elements of `D`. */
export type RuntimeData<D extends DType = DType> = D extends RuntimeDType ? InstanceType<(typeof arrays)[D]> : never;

/** A tensor as the runtime takes and gives it: row-major elements in the array of its element type. */
export interface RuntimeTensor<D extends DType = DType> {
  readonly dtype: D;
  readonly shape: readonly number[];
  readonly data: RuntimeData<D>;
}

const bits: Partial<Record<DType, number>> = { i4: 4, u4: 4, i2: 2, c64: 64, c128: 128 };

/** Whether tensors of `dtype` have an array here. */
export const isRuntimeDType = (dtype: DType): dtype is RuntimeDType => dtype in arrays;

/** Number of elements of a shape without unknown extents. */
export const elementsOf = (shape: readonly number[]): number => shape.reduce((n, d) => n * d, 1);

/** How many entries the array of a tensor has: two per complex number, one per byte of packed elements. */
export function arrayLength(dtype: RuntimeDType, shape: readonly number[]): number {
  const width = bits[dtype] ?? arrays[dtype].BYTES_PER_ELEMENT * 8;
  return Math.ceil((elementsOf(shape) * width) / (arrays[dtype].BYTES_PER_ELEMENT * 8));
}

/** Bytes that a tensor takes. */
export const byteLengthOf = (dtype: RuntimeDType, shape: readonly number[]): number =>
  arrayLength(dtype, shape) * arrays[dtype].BYTES_PER_ELEMENT;

/** The name of the array that holds `dtype`, for messages. */
export const arrayName = (dtype: RuntimeDType): string => arrays[dtype].name;

/**
 * A tensor over little-endian row-major bytes, as a `.safetensors` file or a `.tflite` buffer has them. It shares their
 * memory where the alignment allows.
 */
export function tensorFromBytes(dtype: DType, shape: readonly number[], bytes: Uint8Array): RuntimeTensor {
  if (!isRuntimeDType(dtype))
    throw new LiteRtError("RUN0007", `${showType(dtype, shape)} cannot be passed to LiteRT's WebAssembly build`);
  const expected = byteLengthOf(dtype, shape);
  if (bytes.byteLength !== expected)
    throw new LiteRtError(
      "RUN0005",
      `expected ${expected} bytes for ${showType(dtype, shape)}, got ${bytes.byteLength}`,
    );
  const array = arrays[dtype];
  const from = bytes.byteOffset % array.BYTES_PER_ELEMENT === 0 ? bytes : bytes.slice();
  const data = new array(from.buffer as ArrayBuffer, from.byteOffset, expected / array.BYTES_PER_ELEMENT);
  return { dtype, shape, data: data as RuntimeData };
}

/** The tensor with its element type known to the compiler; throws RUN0005 when it has another. */
export function asDType<D extends RuntimeDType>(tensor: RuntimeTensor, dtype: D): RuntimeTensor<D> {
  if (tensor.dtype === dtype) return tensor as RuntimeTensor<D>;
  throw new LiteRtError("RUN0005", `expected a tensor of ${dtype}, got ${showType(tensor.dtype, tensor.shape)}`);
}

/** The elements of a tensor as little-endian bytes; they share its memory. */
export const tensorBytes = (tensor: RuntimeTensor): Uint8Array<ArrayBuffer> =>
  new Uint8Array(tensor.data.buffer as ArrayBuffer, tensor.data.byteOffset, tensor.data.byteLength);

/** `f32[2,?]`, as messages show a type. */
export const showType = (dtype: DType, shape: readonly number[]): string =>
  `${dtype}[${shape.map((d) => (d < 0 ? "?" : d)).join(",")}]`;

/**
 * Why `tensor` cannot be passed where `dtype` and `shape` (a negative extent is any) are wanted; undefined when it can.
 * A clamped byte array, as a canvas has it, passes for bytes.
 */
export function mismatch(tensor: RuntimeTensor, dtype: RuntimeDType, shape: readonly number[]): string | undefined {
  const wanted = showType(dtype, shape);
  if (tensor === null || typeof tensor !== "object" || !Array.isArray(tensor.shape))
    return `expected ${wanted} as { dtype, shape, data }, got ${tensor === null ? "null" : typeof tensor}`;
  const fits =
    tensor.shape.length === shape.length &&
    shape.every((d, i) =>
      d < 0 ? Number.isSafeInteger(tensor.shape[i]) && tensor.shape[i]! >= 0 : d === tensor.shape[i],
    );
  if (tensor.dtype !== dtype || !fits) return `expected ${wanted}, got ${showType(tensor.dtype, tensor.shape)}`;
  const array = arrayName(dtype);
  // Not instanceof: a page's frames and test runners have several copies of the array classes.
  const got = ArrayBuffer.isView(tensor.data) ? tensor.data[Symbol.toStringTag] : typeof tensor.data;
  if (got !== array && !(array === "Uint8Array" && (got as string) === "Uint8ClampedArray"))
    return `expected the elements of ${wanted} in a ${array}, got ${got === "object" ? "an object" : `a ${got}`}`;
  const length = arrayLength(dtype, tensor.shape);
  if (tensor.data.length !== length)
    return `expected ${length} entries for ${showType(dtype, tensor.shape)}, got ${tensor.data.length}`;
  return undefined;
}
