import { dtypes } from "../ir/dtype.ts";
import { showType, type TensorType } from "../ir/type.ts";
import { type Carrier, countOf, decode, staticShape, type TensorData } from "./tensor-data.ts";

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

/** Copies one plane of `rows` by `columns` elements; the target's rows lie one after another. */
type CopyPlane<T> = (
  from: T,
  to: T,
  at: number,
  out: number,
  rows: number,
  columns: number,
  rowStep: number,
  columnStep: number,
) => void;

/**
 * A copy loop for arrays of one kind: an engine compiles a loop that sees several kinds of arrays to much slower code,
 * so each width gets a function of its own.
 */
function makeCopyPlane<T extends Carrier>(): CopyPlane<T> {
  return (source, target, at, out, rows, columns, rowStep, columnStep) => {
    const from = source as unknown as Uint32Array;
    const to = target as unknown as Uint32Array;
    if (columnStep === 1 && columns >= 16) {
      for (let r = 0; r < rows; r++)
        to.set(from.subarray(at + r * rowStep, at + r * rowStep + columns), out + r * columns);
      return;
    }
    let r = 0;
    // a transposition: four rows at once use each cache line that is read four times
    if (rowStep === 1)
      for (; r + 4 <= rows; r += 4) {
        const w0 = out + r * columns;
        const w1 = w0 + columns;
        const w2 = w1 + columns;
        const w3 = w2 + columns;
        for (let c = 0, f = at + r; c < columns; c++, f += columnStep) {
          to[w0 + c] = from[f]!;
          to[w1 + c] = from[f + 1]!;
          to[w2 + c] = from[f + 2]!;
          to[w3 + c] = from[f + 3]!;
        }
      }
    for (; r < rows; r++)
      for (let c = 0, w = out + r * columns, f = at + r * rowStep; c < columns; c++, f += columnStep)
        to[w++] = from[f]!;
  };
}
const copyPlane1 = makeCopyPlane<Uint8Array>();
const copyPlane2 = makeCopyPlane<Uint16Array>();
const copyPlane4 = makeCopyPlane<Uint32Array>();
const copyPlane8 = makeCopyPlane<BigUint64Array>();

/** The same memory as unsigned integers: elements are moved, never interpreted, so NaN payloads survive. */
function unsigned(a: Carrier): { readonly lanes: Carrier; readonly copy: CopyPlane<any> } {
  const { buffer, byteOffset, length } = a;
  switch (a.BYTES_PER_ELEMENT) {
    case 1:
      return { lanes: new Uint8Array(buffer, byteOffset, length), copy: copyPlane1 };
    case 2:
      return { lanes: new Uint16Array(buffer, byteOffset, length), copy: copyPlane2 };
    case 4:
      return { lanes: new Uint32Array(buffer, byteOffset, length), copy: copyPlane4 };
    default:
      return { lanes: new BigUint64Array(buffer, byteOffset, length), copy: copyPlane8 };
  }
}

/**
 * Copies the elements that `strides` and `offset` select from `from` into the row-major `to`; both hold elements of one width.
 * Axes that lie next to each other in both are merged first, so that the inner loop is long.
 */
export function copyStrided(
  from: Carrier,
  to: Carrier,
  shape: readonly number[],
  strides: readonly number[],
  offset = 0,
): void {
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
  while (dims.length < 2) {
    dims.unshift(1);
    steps.unshift(0);
  }
  const { lanes: source, copy } = unsigned(from);
  const target = unsigned(to).lanes;
  const rank = dims.length;
  const [rows, columns] = [dims[rank - 2]!, dims[rank - 1]!];
  const [rowStep, columnStep] = [steps[rank - 2]!, steps[rank - 1]!];
  const index = new Array<number>(rank - 2).fill(0);
  const outer = dims.slice(0, rank - 2).reduce((a, b) => a * b, 1);
  let at = offset;
  for (let o = 0; o < outer; o++) {
    copy(source, target, at, o * rows * columns, rows, columns, rowStep, columnStep);
    for (let d = rank - 3; d >= 0; d--) {
      at += steps[d]!;
      if (++index[d]! < dims[d]!) break;
      at -= steps[d]! * dims[d]!;
      index[d] = 0;
    }
  }
}

/** Elements of a strided tensor whose storage is `bytes`. Throws a `RangeError` where the strides leave the storage. */
export function gatherStrided(
  type: TensorType,
  bytes: Uint8Array,
  strides: readonly number[] | undefined,
  storageOffset: number,
): TensorData {
  const shape = staticShape(type.shape);
  const width = dtypes[type.dtype].bits / 8;
  const steps = strides ?? rowMajorStrides(shape);
  const count = countOf(shape);
  const last = count === 0 ? -1 : shape.reduce((n, d, i) => n + (d - 1) * steps[i]!, storageOffset);
  const have = Math.floor(bytes.byteLength / width);
  if (last >= have || steps.some((s) => s < 0))
    throw new RangeError(
      `${showType(type)} with strides [${steps.join(",")}] and offset ${storageOffset} needs element ${last}, but its storage has ${have}`,
    );
  const out = new Uint8Array(count * width);
  // elements of 16 bytes move as two halves along an axis of their own
  const halves = width === 16;
  const lane = halves ? 8 : width;
  const Make = lane === 1 ? Uint8Array : lane === 2 ? Uint16Array : lane === 4 ? Uint32Array : BigUint64Array;
  const raw = bytes.byteOffset % lane === 0 ? bytes : bytes.slice();
  const from = new Make(raw.buffer as ArrayBuffer, raw.byteOffset, Math.floor(raw.byteLength / lane));
  const to = new Make(out.buffer);
  if (halves) copyStrided(from, to, [...shape, 2], [...steps.map((s) => s * 2), 1], storageOffset * 2);
  else copyStrided(from, to, shape, steps, storageOffset);
  return decode(type, out);
}
