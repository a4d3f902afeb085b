import { dtypes } from "../ir/dtype.ts";
import { showType, type TensorType } from "../ir/type.ts";
import { countOf, decode, staticShape, type TensorData } from "./tensor-data.ts";

/** Row-major strides of `shape`, in elements. */
export function rowMajorStrides(shape: readonly number[]): number[] {
  const out = new Array<number>(shape.length);
  let step = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    out[i] = step;
    step *= shape[i]!;
  }
  return out;
}

type Lanes = Float64Array | Float32Array | BigInt64Array | BigUint64Array | Int32Array | Uint32Array | Int16Array | Uint16Array | Int8Array | Uint8Array;

/**
 * Copies the elements that `strides` and `offset` select from `from` into the row-major `to`.
 * Axes that lie next to each other in both are merged first, so that the inner loop is long.
 */
export function copyStrided(from: Lanes, to: Lanes, shape: readonly number[], strides: readonly number[], offset = 0): void {
  if (to.length === 0) return;
  const dims: number[] = [];
  const steps: number[] = [];
  for (let i = 0; i < shape.length; i++) {
    if (shape[i] === 1) continue;
    const last = dims.length - 1;
    if (last >= 0 && steps[last] === strides[i]! * shape[i]!) {
      dims[last]! *= shape[i]!;
      steps[last] = strides[i]!;
    } else {
      dims.push(shape[i]!);
      steps.push(strides[i]!);
    }
  }
  const source = from as Float32Array;
  const target = to as Float32Array;
  const rank = dims.length;
  if (rank === 0) {
    target[0] = source[offset]!;
    return;
  }
  if (rank === 1) return copyLine(source, target, offset, 0, dims[0]!, steps[0]!);
  if (rank === 2 || (rank === 3 && dims[0]! * steps[0]! !== 0)) {
    const planes = rank === 3 ? dims[0]! : 1;
    const [rows, columns] = rank === 3 ? [dims[1]!, dims[2]!] : [dims[0]!, dims[1]!];
    const [rowStep, columnStep] = rank === 3 ? [steps[1]!, steps[2]!] : [steps[0]!, steps[1]!];
    for (let p = 0; p < planes; p++) copyPlane(source, target, offset + p * (rank === 3 ? steps[0]! : 0), p * rows * columns, rows, columns, rowStep, columnStep);
    return;
  }
  const index = new Array<number>(rank - 2).fill(0);
  const [rows, columns] = [dims[rank - 2]!, dims[rank - 1]!];
  const [rowStep, columnStep] = [steps[rank - 2]!, steps[rank - 1]!];
  const outer = dims.slice(0, rank - 2).reduce((a, b) => a * b, 1);
  let at = offset;
  for (let o = 0; o < outer; o++) {
    copyPlane(source, target, at, o * rows * columns, rows, columns, rowStep, columnStep);
    for (let d = rank - 3; d >= 0; d--) {
      at += steps[d]!;
      if (++index[d]! < dims[d]!) break;
      at -= steps[d]! * dims[d]!;
      index[d] = 0;
    }
  }
}

function copyLine(from: Float32Array, to: Float32Array, at: number, out: number, count: number, step: number): void {
  if (step === 1) {
    to.set(from.subarray(at, at + count), out);
    return;
  }
  for (let i = 0; i < count; i++, at += step) to[out + i] = from[at]!;
}

const tile = 32;
function copyPlane(from: Float32Array, to: Float32Array, at: number, out: number, rows: number, columns: number, rowStep: number, columnStep: number): void {
  if (columnStep === 1 && columns >= 16) {
    for (let r = 0; r < rows; r++) to.set(from.subarray(at + r * rowStep, at + r * rowStep + columns), out + r * columns);
    return;
  }
  if (rowStep !== 1 || columns < tile || rows < tile) {
    for (let r = 0, w = out; r < rows; r++) for (let c = 0, f = at + r * rowStep; c < columns; c++, f += columnStep) to[w++] = from[f]!;
    return;
  }
  // a transposition: tiles keep both sides in cache
  for (let r0 = 0; r0 < rows; r0 += tile)
    for (let c0 = 0; c0 < columns; c0 += tile) {
      const r1 = Math.min(r0 + tile, rows);
      const c1 = Math.min(c0 + tile, columns);
      for (let r = r0; r < r1; r++) for (let c = c0, f = at + r * rowStep + c0 * columnStep; c < c1; c++, f += columnStep) to[out + r * columns + c] = from[f]!;
    }
}

/** Elements of a strided tensor whose storage is `bytes`. Throws a `RangeError` where the strides leave the storage. */
export function gatherStrided(type: TensorType, bytes: Uint8Array, strides: readonly number[] | undefined, storageOffset: number): TensorData {
  const shape = staticShape(type.shape);
  const { bits } = dtypes[type.dtype];
  const steps = strides ?? rowMajorStrides(shape);
  const count = countOf(shape);
  const last = count === 0 ? -1 : shape.reduce((n, d, i) => n + (d - 1) * steps[i]!, storageOffset);
  const have = Math.floor((bytes.byteLength * 8) / bits);
  if (last >= have || steps.some((s) => s < 0))
    throw new RangeError(`${showType(type)} with strides [${steps.join(",")}] and offset ${storageOffset} needs element ${last}, but its storage has ${have}`);
  const width = bits / 8;
  const out = new Uint8Array(count * width);
  const view = (b: Uint8Array): Lanes => {
    const raw = b.byteOffset % 8 === 0 || width === 1 ? b : b.slice();
    const n = Math.floor(raw.byteLength / width);
    const buffer = raw.buffer as ArrayBuffer;
    if (width === 8) return new Float64Array(buffer, raw.byteOffset, n);
    if (width === 4) return new Uint32Array(buffer, raw.byteOffset, n);
    if (width === 2) return new Uint16Array(buffer, raw.byteOffset, n);
    return new Uint8Array(buffer, raw.byteOffset, n);
  };
  if (width === 16) {
    const pairs = new BigUint64Array(out.buffer);
    const raw = bytes.byteOffset % 8 === 0 ? bytes : bytes.slice();
    copyStrided(new BigUint64Array(raw.buffer as ArrayBuffer, raw.byteOffset, Math.floor(raw.byteLength / 8)), pairs, [...shape, 2], [...steps.map((s) => s * 2), 1], storageOffset * 2);
  } else {
    // bits are moved, never interpreted: reading a float64 NaN may change its payload, so 8-byte lanes go as integers
    const from = width === 8 ? new BigUint64Array(view(bytes).buffer as ArrayBuffer, view(bytes).byteOffset, Math.floor(bytes.byteLength / 8)) : view(bytes);
    const to = width === 8 ? new BigUint64Array(out.buffer) : view(out);
    copyStrided(from, to, shape, steps, storageOffset);
  }
  return decode(type, out);
}
