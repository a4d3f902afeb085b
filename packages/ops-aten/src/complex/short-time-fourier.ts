import { type Dim, type Emit, isStatic, reject, type Rejection, type Value } from "@tflower/core";
import { cat, stack } from "../dialect/cat.ts";
import { convTranspose1d, conv1d } from "../dialect/convolution.ts";
import { constantPadNd, padOp } from "../dialect/pad.ts";
import { reshape } from "../dialect/reshape.ts";
import * as aten from "../dialect/short-time-fourier.ts";
import { sliceTensor } from "../dialect/slice.ts";
import { centring, type Frames, istftFrames, istftSpan, type StftAttrs, stftFrames } from "../semantics/short-time-fourier.ts";
import { add, asFloat, div, eachPart, mul, neg, table } from "./numbers.ts";
import { type ComplexRule, complexRule, isPair, type Pair, type Part } from "./rule.ts";

/** Filters of frames, `[2 * bins, 1, size]`: what real frames give to real and imaginary parts, or take from them. */
function filters(emit: Emit, f: Frames, window: Value | undefined, at: (bin: number, k: number, imaginary: boolean) => number): Value {
  const values = new Float32Array(2 * f.bins * f.size);
  for (let b = 0; b < 2 * f.bins; b++) for (let k = 0; k < f.size; k++) values[b * f.size + k] = at(b % f.bins, k, b >= f.bins);
  const plain = table(emit, [2 * f.bins, 1, f.size], values);
  const inFrame = frameWindow(emit, f, window);
  return inFrame ? mul(emit, plain, inFrame) : plain;
}
/** The window with zeros around it, up to a frame. */
function frameWindow(emit: Emit, f: Frames, window: Value | undefined): Value | undefined {
  const left = Math.floor((f.size - f.window) / 2);
  const pad = [left, f.size - f.window - left];
  if (!window) return f.window === f.size ? undefined : table(emit, [f.size], Float32Array.from({ length: f.size }, (_, k) => (k >= left && k < left + f.window ? 1 : 0)));
  return f.window === f.size ? asFloat(emit, window) : emit(constantPadNd, { self: asFloat(emit, window) }, { pad });
}
const angleOf = (bin: number, k: number, size: number): number => (2 * Math.PI * ((bin * k) % size)) / size;
const cut = (emit: Emit, self: Value, dim: number, start: number, end: Dim): Value => emit(sliceTensor, { self }, { dim, start, end });

/** Convolves a signal with all frequencies at once: frames need not be cut out. */
function spectrum(emit: Emit, signal: Value, weight: Value, f: Frames): Pair {
  const both = emit(conv1d, { input: signal, weight }, { stride: [f.hop] });
  return { re: cut(emit, both, 1, 0, f.bins), im: cut(emit, both, 1, f.bins, 2 * f.bins) };
}
function forward(emit: Emit, self: Part, window: Part | undefined, a: StftAttrs, shape: readonly Dim[]): Part | Rejection {
  if (window && isPair(window)) return reject("the window must be real");
  const some = isPair(self) ? self.re : self;
  const f = stftFrames(some.type, { ...a, onesided: a.onesided ?? !isPair(self) });
  const half = centring(a);
  const batch = some.type.shape.length === 1 ? 1 : some.type.shape[0]!;
  const prepare = (v: Value): Value => {
    const rows = emit(reshape, { self: asFloat(emit, v) }, { shape: [batch, 1, v.type.shape.at(-1)!] });
    return half ? emit(padOp, { self: rows }, { pad: [half, half], mode: a.pad_mode as "reflect" }) : rows;
  };
  const scale = a.normalized ? 1 / Math.sqrt(f.size) : 1;
  const weight = filters(emit, f, window, (bin, k, imaginary) => scale * (imaginary ? -Math.sin(angleOf(bin, k, f.size)) : Math.cos(angleOf(bin, k, f.size))));
  const re = spectrum(emit, prepare(some), weight, f);
  let out = re;
  if (isPair(self)) {
    const im = spectrum(emit, prepare(self.im), weight, f);
    out = { re: add(emit, re.re, neg(emit, im.im)), im: add(emit, re.im, im.re) };
  }
  const bins = a.return_complex ? shape : shape.slice(0, -1);
  const shaped = eachPart(out, (v) => emit(reshape, { self: v }, { shape: bins }));
  return a.return_complex ? shaped : emit(stack, { tensors: [shaped.re, shaped.im] }, { dim: -1 });
}

export const shortTimeFourierRules: readonly ComplexRule[] = [
  complexRule(aten.stft, ({ self, window }, a, emit, node) => forward(emit, self, window, a, node.results[0]!.type.shape), true),
  complexRule(aten.stftCenter, ({ self, window }, a, emit, node) => forward(emit, self, window, a, node.results[0]!.type.shape), true),
  complexRule(aten.istft, ({ self, window }, a, emit, node) => {
    if (!isPair(self) || (window && isPair(window))) return reject("takes a complex spectrum and a real window");
    if (a.return_complex) return reject("gives complex signals only where return_complex is false");
    const { shape } = self.re.type;
    const f = istftFrames(self.re.type, a);
    const count = shape.at(-1)!;
    if (!isStatic(count)) return reject("needs a static number of frames, for the window's overlap");
    const batch = shape.length === 2 ? 1 : shape[0]!;
    const scale = a.normalized ? 1 / Math.sqrt(f.size) : 1 / f.size;
    const twice = (bin: number): number => (f.onesided && bin !== 0 && 2 * bin !== f.size ? 2 : 1);
    const weight = filters(emit, f, window, (bin, k, imaginary) => {
      const angle = angleOf(bin, k, f.size);
      // lone imaginary parts give nothing real
      return scale * twice(bin) * (imaginary ? (f.onesided && twice(bin) === 1 ? 0 : -Math.sin(angle)) : Math.cos(angle));
    });
    const bins = emit(cat, { tensors: [self.re, self.im] }, { dim: -2 });
    const input = emit(reshape, { self: bins }, { shape: [batch, 2 * f.bins, count] });
    const overlapped = emit(convTranspose1d, { input, weight }, { stride: [f.hop] });
    const inFrame = frameWindow(emit, f, window) ?? table(emit, [f.size], new Float32Array(f.size).fill(1));
    const squares = emit(reshape, { self: mul(emit, inFrame, inFrame) }, { shape: [1, 1, f.size] });
    const envelope = emit(convTranspose1d, { input: table(emit, [1, 1, count], new Float32Array(count).fill(1)), weight: squares }, { stride: [f.hop] });
    const { start, end, missing } = istftSpan(count, f, a);
    const signal = div(emit, cut(emit, overlapped, 2, start, end), cut(emit, envelope, 2, start, end));
    const full = missing === 0 ? signal : emit(constantPadNd, { self: signal }, { pad: [0, missing] });
    return emit(reshape, { self: full }, { shape: node.results[0]!.type.shape });
  }),
];
