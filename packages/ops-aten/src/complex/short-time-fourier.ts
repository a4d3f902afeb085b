import {
  addDim,
  type Dim,
  type Emit,
  floorDivDim,
  isStatic,
  mulDim,
  type Rejection,
  reject,
  type Value,
} from "@tflower/core";
import { cat, stack } from "../dialect/cat.ts";
import { conv1d, convTranspose1d } from "../dialect/convolution.ts";
import { constantPadNd, padOp } from "../dialect/pad.ts";
import { permute } from "../dialect/permute.ts";
import { reshape } from "../dialect/reshape.ts";
import * as aten from "../dialect/short-time-fourier.ts";
import { sliceTensor } from "../dialect/slice.ts";
import {
  centring,
  type Frames,
  istftFrames,
  istftSpan,
  type StftAttrs,
  stftFrames,
} from "../semantics/short-time-fourier.ts";
import { add, asFloat, div, eachPart, mul, neg, table } from "./numbers.ts";
import { type ComplexRule, complexRule, isPair, type Pair, type Part } from "./rule.ts";

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));
/**
 * Frames begin and end at multiples of a block, the largest that divides their size and their distance. A block's samples are taken
 * as channels: convolutions are fast along channels, and slow along many places of one.
 */
const blockOf = (f: Frames): number => gcd(f.size, f.hop);

/** Filters of frames, `[2 * bins, block, size / block]`: what real frames give to real and imaginary parts, or take from them. */
function filters(
  emit: Emit,
  f: Frames,
  window: Value | undefined,
  at: (bin: number, k: number, imaginary: boolean) => number,
): Value {
  const values = new Float32Array(2 * f.bins * f.size);
  for (let b = 0; b < 2 * f.bins; b++)
    for (let k = 0; k < f.size; k++) values[b * f.size + k] = at(b % f.bins, k, b >= f.bins);
  const plain = table(emit, [2 * f.bins, f.size], values);
  const inFrame = frameWindow(emit, f, window);
  return inBlocks(emit, inFrame ? mul(emit, plain, inFrame) : plain, f);
}
/** `[rows, size]` as `[rows, block, size / block]`. */
function inBlocks(emit: Emit, self: Value, f: Frames): Value {
  const block = blockOf(f);
  return emit(
    permute,
    { self: emit(reshape, { self }, { shape: [self.type.shape[0]!, f.size / block, block] }) },
    { dims: [0, 2, 1] },
  );
}
/** The window with zeros around it, up to a frame. */
function frameWindow(emit: Emit, f: Frames, window: Value | undefined): Value | undefined {
  const left = Math.floor((f.size - f.window) / 2);
  const pad = [left, f.size - f.window - left];
  if (!window)
    return f.window === f.size
      ? undefined
      : table(
          emit,
          [f.size],
          Float32Array.from({ length: f.size }, (_, k) => (k >= left && k < left + f.window ? 1 : 0)),
        );
  return f.window === f.size ? asFloat(emit, window) : emit(constantPadNd, { self: asFloat(emit, window) }, { pad });
}
const angleOf = (bin: number, k: number, size: number): number => (2 * Math.PI * ((bin * k) % size)) / size;
const cut = (emit: Emit, self: Value, dim: number, start: number, end: Dim): Value =>
  emit(sliceTensor, { self }, { dim, start, end });

/** Convolves signals `[batch, length]` with all frequencies at once: frames need not be cut out. */
function spectrum(emit: Emit, signal: Value, weight: Value, f: Frames): Pair {
  const block = blockOf(f);
  const [batch, length] = signal.type.shape as [Dim, Dim];
  const blocks = addDim(mulDim(floorDivDim(addDim(length, -f.size), f.hop), f.hop / block), f.size / block);
  const used = cut(emit, signal, 1, 0, mulDim(blocks, block));
  const channelsLast = emit(reshape, { self: used }, { shape: [batch, blocks, block] });
  const both = emit(
    conv1d,
    { input: emit(permute, { self: channelsLast }, { dims: [0, 2, 1] }), weight },
    { stride: [f.hop / block] },
  );
  return { re: cut(emit, both, 1, 0, f.bins), im: cut(emit, both, 1, f.bins, 2 * f.bins) };
}
/** Frames `[batch, channels, count]`, each times its filter, laid over one another: `[batch, length]`. */
function overlapped(emit: Emit, input: Value, weight: Value, f: Frames): Value {
  const block = blockOf(f);
  const out = emit(convTranspose1d, { input, weight }, { stride: [f.hop / block] });
  const [batch, , blocks] = out.type.shape as [Dim, Dim, Dim];
  return emit(
    reshape,
    { self: emit(permute, { self: out }, { dims: [0, 2, 1] }) },
    { shape: [batch, mulDim(blocks, block)] },
  );
}
function forward(
  emit: Emit,
  self: Part,
  window: Part | undefined,
  a: StftAttrs,
  shape: readonly Dim[],
): Part | Rejection {
  if (window && isPair(window)) return reject("the window must be real");
  const some = isPair(self) ? self.re : self;
  const f = stftFrames(some.type, { ...a, onesided: a.onesided ?? !isPair(self) });
  const half = centring(a);
  const batch = some.type.shape.length === 1 ? 1 : some.type.shape[0]!;
  const prepare = (v: Value): Value => {
    const length = v.type.shape.at(-1)!;
    const rows = (shape: readonly Dim[], self: Value): Value => emit(reshape, { self }, { shape });
    if (!half) return rows([batch, length], asFloat(emit, v));
    const wide = emit(
      padOp,
      { self: rows([batch, 1, length], asFloat(emit, v)) },
      { pad: [half, half], mode: a.pad_mode as "reflect" },
    );
    return rows([batch, wide.type.shape[2]!], wide);
  };
  const scale = a.normalized ? 1 / Math.sqrt(f.size) : 1;
  const weight = filters(
    emit,
    f,
    window,
    (bin, k, imaginary) => scale * (imaginary ? -Math.sin(angleOf(bin, k, f.size)) : Math.cos(angleOf(bin, k, f.size))),
  );
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
  complexRule(
    aten.stft,
    ({ self, window }, a, emit, node) => forward(emit, self, window, a, node.results[0]!.type.shape),
    true,
  ),
  complexRule(
    aten.stftCenter,
    ({ self, window }, a, emit, node) => forward(emit, self, window, a, node.results[0]!.type.shape),
    true,
  ),
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
      return (
        scale * twice(bin) * (imaginary ? (f.onesided && twice(bin) === 1 ? 0 : -Math.sin(angle)) : Math.cos(angle))
      );
    });
    const bins = emit(cat, { tensors: [self.re, self.im] }, { dim: -2 });
    const input = emit(reshape, { self: bins }, { shape: [batch, 2 * f.bins, count] });
    const sums = overlapped(emit, input, weight, f);
    const inFrame = frameWindow(emit, f, window) ?? table(emit, [f.size], new Float32Array(f.size).fill(1));
    const squares = inBlocks(emit, emit(reshape, { self: mul(emit, inFrame, inFrame) }, { shape: [1, f.size] }), f);
    const envelope = overlapped(emit, table(emit, [1, 1, count], new Float32Array(count).fill(1)), squares, f);
    const { start, end, missing } = istftSpan(count, f, a);
    const signal = div(emit, cut(emit, sums, 1, start, end), cut(emit, envelope, 1, start, end));
    const full = missing === 0 ? signal : emit(constantPadNd, { self: signal }, { pad: [0, missing] });
    return emit(reshape, { self: full }, { shape: node.results[0]!.type.shape });
  }),
];
