import {
  addDim,
  countOf,
  type Dim,
  floorDivDim,
  invalid,
  isComplex,
  isStatic,
  mulDim,
  staticShape,
  type TensorData,
  type TensorType,
  tensor,
} from "@tflower/core";
import { axesOf } from "./axes.ts";
import { complexOf, fromParts, type Parts, partsOf, realPartOf } from "./complex-data.ts";

/** From complex to complex, from real to the half that is not redundant, and from such a half to real. */
export type TransformKind = "c2c" | "r2c" | "c2r";
/** A Fourier transform of some axes; the last of them is the one that is halved. */
export interface Transform {
  readonly kind: TransformKind;
  /** Sign of the exponent. */
  readonly sign: -1 | 1;
  readonly axes: readonly number[];
  /** Lengths of the signals along `axes`, to which the input is cropped or padded. */
  readonly sizes: readonly Dim[];
  /** 0: none, 1: by the root of the number of elements, 2: by their number. */
  readonly normalization: number;
}

/** Extent of the half of a transform of `n` real numbers. */
export const halfOf = (n: Dim): Dim => addDim(floorDivDim(n, 2), 1);
/** What a transform multiplies its sums by. */
export function scaleOf(t: Transform): number {
  const n = countOf(staticShape(t.sizes));
  return t.normalization === 0 ? 1 : t.normalization === 1 ? 1 / Math.sqrt(n) : 1 / n;
}

/** How the program says what to transform. */
export interface FourierAttrs {
  /** Lengths; -1 for the axis as it is. */
  readonly s?: readonly Dim[] | undefined;
  readonly dim?: readonly number[] | undefined;
  readonly norm?: string | undefined;
}
export function planOf(self: TensorType, kind: TransformKind, sign: -1 | 1, a: FourierAttrs): Transform {
  const rank = self.shape.length;
  if (kind === "r2c" && isComplex(self.dtype)) invalid(`transforms real numbers, got ${self.dtype}`);
  const count = a.s?.length ?? rank;
  const axes = a.dim ? axesOf(a.dim, rank) : Array.from({ length: count }, (_, i) => rank - count + i);
  if (a.s && a.s.length !== axes.length) invalid(`has ${a.s.length} lengths for ${axes.length} axes`);
  if (axes.length === 0) invalid("needs an axis to transform");
  const sizes = axes.map((axis, i): Dim => {
    const asked = a.s?.[i];
    const extent = self.shape[axis]!;
    const n =
      asked !== undefined && asked !== -1
        ? asked
        : kind === "c2r" && i === axes.length - 1
          ? mulDim(addDim(extent, -1), 2)
          : extent;
    return isStatic(n) && n < 1 ? invalid(`cannot transform ${n} elements`) : n;
  });
  const norms: Readonly<Record<string, number>> = {
    ortho: 1,
    backward: sign === -1 ? 0 : 2,
    forward: sign === -1 ? 2 : 0,
  };
  return { kind, sign, axes, sizes, normalization: norms[a.norm ?? "backward"] ?? invalid(`has no norm "${a.norm}"`) };
}

/** Result type of a transform. */
export function transformedType(self: TensorType, t: Transform): TensorType {
  const shape = [...self.shape];
  t.axes.forEach((axis, i) => {
    shape[axis] = t.kind === "r2c" && i === t.axes.length - 1 ? halfOf(t.sizes[i]!) : t.sizes[i]!;
  });
  return tensor(t.kind === "c2r" ? realPartOf(self.dtype) : complexOf(self.dtype), shape);
}

/** An axis cut or filled up with zeros to `n`. */
function resized(x: Parts, axis: number, n: number): Parts {
  return alongAxis(x, axis, n, (line) => ({ re: fitted(line.re, n), im: fitted(line.im, n) }));
}
function fitted(v: Float64Array, n: number): Float64Array {
  const out = new Float64Array(n);
  out.set(v.subarray(0, n));
  return out;
}
interface Line {
  readonly re: Float64Array;
  readonly im: Float64Array;
}
function alongAxis(x: Parts, axis: number, n: number, f: (line: Line) => Line): Parts {
  const from = x.shape[axis]!;
  const inner = countOf(x.shape.slice(axis + 1));
  const outer = countOf(x.shape.slice(0, axis));
  const shape = x.shape.map((d, i) => (i === axis ? n : d));
  const out = { shape, re: new Float64Array(countOf(shape)), im: new Float64Array(countOf(shape)) };
  for (let o = 0; o < outer; o++)
    for (let i = 0; i < inner; i++) {
      const pick = (v: Float64Array): Float64Array =>
        Float64Array.from({ length: from }, (_, k) => v[(o * from + k) * inner + i]!);
      const line = f({ re: pick(x.re), im: pick(x.im) });
      for (let k = 0; k < n; k++) {
        out.re[(o * n + k) * inner + i] = line.re[k]!;
        out.im[(o * n + k) * inner + i] = line.im[k]!;
      }
    }
  return out;
}
/** The sums that define a Fourier transform. */
function transformLine({ re, im }: Line, sign: number): Line {
  const n = re.length;
  const out = { re: new Float64Array(n), im: new Float64Array(n) };
  for (let k = 0; k < n; k++)
    for (let t = 0; t < n; t++) {
      // the product is reduced first: angles stay exact for long signals
      const angle = (sign * 2 * Math.PI * ((k * t) % n)) / n;
      const [c, s] = [Math.cos(angle), Math.sin(angle)];
      out.re[k]! += re[t]! * c - im[t]! * s;
      out.im[k]! += re[t]! * s + im[t]! * c;
    }
  return out;
}
const transformAxis = (x: Parts, axis: number, sign: number): Parts =>
  alongAxis(x, axis, x.shape[axis]!, (line) => transformLine(line, sign));

/** The whole spectrum of `n` real numbers from the half that is not redundant; what cannot be there is dropped. */
function completed({ re, im }: Line, n: number): Line {
  const at = (k: number): number => Math.min(k, n - k);
  const alone = (k: number): boolean => k === 0 || 2 * k === n;
  return {
    re: Float64Array.from({ length: n }, (_, k) => re[at(k)]!),
    im: Float64Array.from({ length: n }, (_, k) => (alone(k) ? 0 : k <= n - k ? im[k]! : -im[n - k]!)),
  };
}

/** Computes a transform by its definition. */
export function transformed(self: TensorData, t: Transform): TensorData {
  const sizes = staticShape(t.sizes);
  const last = t.axes.length - 1;
  let x = partsOf(self);
  t.axes.forEach((axis, i) => {
    x = resized(x, axis, t.kind === "c2r" && i === last ? Math.floor(sizes[i]! / 2) + 1 : sizes[i]!);
  });
  t.axes.forEach((axis, i) => {
    if (t.kind === "c2r" && i === last) x = alongAxis(x, axis, sizes[i]!, (line) => completed(line, sizes[i]!));
    x = transformAxis(x, axis, t.sign);
  });
  if (t.kind === "r2c") x = resized(x, t.axes[last]!, Math.floor(sizes[last]! / 2) + 1);
  const scale = scaleOf(t);
  const scaled = { shape: x.shape, re: x.re.map((v) => v * scale), im: x.im.map((v) => v * scale) };
  return fromParts(scaled, transformedType(self.type, t).dtype);
}
