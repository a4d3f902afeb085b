import {
  addDim,
  type Dim,
  floorDivDim,
  invalid,
  isComplex,
  isStatic,
  mulDim,
  numbersOf,
  showType,
  staticShape,
  type TensorData,
  type TensorType,
  tensor,
  withShape,
  wrap,
} from "@tflower/core";
import { complexOf, fromParts, partsOf, realPartOf } from "./complex-data.ts";
import { halfOf, transformed } from "./fourier.ts";
import { paddedData } from "./padding.ts";
import { reshaped } from "./views.ts";

/** What `stft` and `istft` have in common. */
export interface FrameAttrs {
  readonly n_fft: number;
  readonly hop_length: number | undefined;
  readonly win_length: number | undefined;
  readonly normalized: boolean;
  readonly onesided: boolean | undefined;
}
/** A short-time transform with its defaults filled in. */
export interface Frames {
  readonly size: number;
  readonly hop: number;
  readonly window: number;
  readonly onesided: boolean;
  readonly bins: number;
}
export function framesOf(a: FrameAttrs, onesided: boolean): Frames {
  const size = a.n_fft;
  const hop = a.hop_length ?? Math.floor(size / 4);
  const window = a.win_length ?? size;
  if (size < 1 || hop < 1 || window < 1 || window > size)
    invalid(`needs 0 < win_length <= n_fft and 0 < hop_length, got ${window}, ${size} and ${hop}`);
  return { size, hop, window, onesided, bins: onesided ? (halfOf(size) as number) : size };
}
function checkWindow(window: TensorType | undefined, f: Frames): void {
  if (window && (window.shape.length !== 1 || window.shape[0] !== f.window))
    invalid(`takes a window of ${f.window} elements, got ${showType(window)}`);
}

export interface StftAttrs extends FrameAttrs {
  readonly return_complex: boolean | undefined;
  readonly align_to_window: boolean | undefined;
  readonly center?: boolean;
  readonly pad_mode?: string;
}
interface StftOf<T> {
  readonly self: T;
  readonly window: T | undefined;
}
export function stftFrames(self: TensorType, a: StftAttrs): Frames {
  if (a.align_to_window) invalid("align_to_window is not known here");
  return framesOf(a, a.onesided ?? !isComplex(self.dtype));
}
/** Elements of padding that centring adds at either end. */
export const centring = (a: StftAttrs): number => (a.center ? Math.floor(a.n_fft / 2) : 0);

export function stftType({ self, window }: StftOf<TensorType>, a: StftAttrs): TensorType {
  if (self.shape.length !== 1 && self.shape.length !== 2)
    invalid(`takes a signal or a batch of signals, got ${showType(self)}`);
  const f = stftFrames(self, a);
  if (f.onesided && isComplex(self.dtype)) invalid("the transform of a complex signal is not one-sided");
  checkWindow(window, f);
  const room = addDim(self.shape.at(-1)!, 2 * centring(a) - f.size);
  if (isStatic(room) && room < 0) invalid(`has signals shorter than n_fft ${f.size}`);
  const shape: Dim[] = [...self.shape.slice(0, -1), f.bins, addDim(floorDivDim(room, f.hop), 1)];
  return a.return_complex ? tensor(complexOf(self.dtype), shape) : tensor(realPartOf(self.dtype), [...shape, 2]);
}

/** The window in the middle of a frame; ones where there is none. */
function windowData(window: TensorData | undefined, f: Frames): Float64Array {
  const out = new Float64Array(f.size);
  const left = Math.floor((f.size - f.window) / 2);
  out.set(window ? Float64Array.from(numbersOf(window)) : new Float64Array(f.window).fill(1), left);
  return out;
}

export function stftData({ self, window }: StftOf<TensorData>, a: StftAttrs): TensorData {
  const f = stftFrames(self.type, a);
  const half = centring(a);
  const shapeOf: readonly number[] = self.type.shape;
  const flat = reshaped(self, [1, shapeOf.length === 1 ? 1 : shapeOf[0]!, shapeOf.at(-1)!]);
  const signal = partsOf(
    half ? paddedData(flat, [half, half], a.pad_mode === "constant" ? "constant" : (a.pad_mode as "reflect")) : flat,
  );
  const [, batch, length] = signal.shape as [number, number, number];
  const count = Math.floor((length - f.size) / f.hop) + 1;
  const w = windowData(window, f);
  const shape = [batch, count, f.size];
  const pick = (v: Float64Array): Float64Array =>
    Float64Array.from({ length: batch * count * f.size }, (_, i) => {
      const [b, t, k] = [Math.floor(i / (count * f.size)), Math.floor(i / f.size) % count, i % f.size];
      return v[b * length + t * f.hop + k]! * w[k]!;
    });
  const frames = fromParts(
    { shape, re: pick(signal.re), im: pick(signal.im) },
    isComplex(self.type.dtype) ? "c128" : "f64",
  );
  const spectrum = transformed(frames, {
    kind: f.onesided ? "r2c" : "c2c",
    sign: -1,
    axes: [2],
    sizes: [f.size],
    normalization: a.normalized ? 1 : 0,
  });
  const parts = partsOf(spectrum);
  // frames go last
  const turned = (v: Float64Array): Float64Array =>
    Float64Array.from({ length: v.length }, (_, i) => {
      const [b, k, t] = [Math.floor(i / (f.bins * count)), Math.floor(i / count) % f.bins, i % count];
      return v[(b * count + t) * f.bins + k]!;
    });
  const type = stftType({ self: self.type, window: window?.type }, a);
  const out = fromParts(
    { shape: [batch, f.bins, count], re: turned(parts.re), im: turned(parts.im) },
    complexOf(self.type.dtype),
  );
  return wrap(type, out.data);
}

export interface IstftAttrs extends FrameAttrs {
  readonly center: boolean;
  readonly length: number | undefined;
  readonly return_complex: boolean;
}
export function istftFrames(self: TensorType, a: IstftAttrs): Frames {
  const bins = self.shape.at(-2);
  const f = framesOf(a, a.onesided ?? bins !== a.n_fft);
  if (bins !== f.bins) invalid(`takes ${f.bins} frequencies, got ${showType(self)}`);
  return f;
}
/** The part of the overlapping frames that is the signal, and how many zeros come after it. */
export interface Span {
  readonly start: number;
  readonly end: Dim;
  readonly missing: Dim;
}
export function istftSpan(count: Dim, f: Frames, a: IstftAttrs): Span {
  const whole = addDim(mulDim(addDim(count, -1), f.hop), f.size);
  const start = a.center ? Math.floor(f.size / 2) : 0;
  if (a.length === undefined)
    return { start, end: a.center ? addDim(whole, -Math.floor(f.size / 2)) : whole, missing: 0 };
  const end = start + a.length;
  if (!isStatic(whole)) return { start, end, missing: 0 };
  return { start, end: Math.min(end, whole), missing: Math.max(end - whole, 0) };
}
export function istftType({ self, window }: StftOf<TensorType>, a: IstftAttrs): TensorType {
  if (!isComplex(self.dtype)) invalid(`takes complex frequencies, got ${showType(self)}`);
  if (self.shape.length !== 2 && self.shape.length !== 3)
    invalid(`takes a spectrum or a batch of spectra, got ${showType(self)}`);
  const f = istftFrames(self, a);
  checkWindow(window, f);
  const { start, end, missing } = istftSpan(self.shape.at(-1)!, f, a);
  const shape = [...self.shape.slice(0, -2), addDim(addDim(end, -start), missing)];
  return a.return_complex ? withShape(self, shape) : tensor(realPartOf(self.dtype), shape);
}

export function istftData({ self, window }: StftOf<TensorData>, a: IstftAttrs): TensorData {
  const f = istftFrames(self.type, a);
  const [batch, count] = [self.type.shape.length === 2 ? 1 : self.type.shape[0]!, self.type.shape.at(-1) as number];
  const given = reshaped(self, [batch, f.bins, count]);
  const kind = f.onesided && !a.return_complex ? "c2r" : "c2c";
  const frames = partsOf(
    transformed(given, { kind, sign: 1, axes: [1], sizes: [f.size], normalization: a.normalized ? 1 : 2 }),
  );
  const w = windowData(window, f);
  const whole = f.size + f.hop * (count - 1);
  const { start, end, missing } = istftSpan(count, f, a) as { start: number; end: number; missing: number };
  const type = istftType({ self: self.type, window: window?.type }, a);
  const length = end - start + missing;
  const out = { shape: [batch, length], re: new Float64Array(batch * length), im: new Float64Array(batch * length) };
  const envelope = new Float64Array(whole);
  for (let t = 0; t < count; t++) for (let k = 0; k < f.size; k++) envelope[t * f.hop + k]! += w[k]! ** 2;
  for (let b = 0; b < batch; b++)
    for (let t = 0; t < count; t++)
      for (let k = 0; k < f.size; k++) {
        const at = t * f.hop + k;
        if (at < start || at >= end) continue;
        const from = (b * f.size + k) * count + t;
        out.re[b * length + at - start]! += (frames.re[from]! * w[k]!) / envelope[at]!;
        out.im[b * length + at - start]! += (frames.im[from]! * w[k]!) / envelope[at]!;
      }
  return wrap({ ...type, shape: staticShape(type.shape) }, fromParts(out, type.dtype).data);
}
