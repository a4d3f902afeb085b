import { isBig, isStaticShape, type NumberCarrier, numbersOf, staticShape, type TensorData } from "@tflower/core";

/** How far a tensor is from what it should be. */
export interface TensorError {
  /** Signal to noise in decibels: `Infinity` when equal, `-Infinity` where one has a NaN or an infinity that the other has not. */
  readonly snr: number;
  /** Largest difference. */
  readonly maxAbs: number;
  /** Permutation from the reference's axes to the tensor's, where they differ. */
  readonly perm?: readonly number[];
}

/** Elements as the reals they stand for. */
export function realsOf(t: TensorData): NumberCarrier | readonly number[] {
  const raw = numbersOf(t);
  const { quant } = t.type;
  const shape = staticShape(t.type.shape);
  if (!quant || quant.block !== undefined) return raw;
  const inner = quant.axis === undefined ? 1 : shape.slice(quant.axis + 1).reduce((a, b) => a * b, 1);
  return Float64Array.from(raw, (v, i) => {
    const k = quant.axis === undefined ? 0 : Math.floor(i / inner) % quant.scales.length;
    return (v - (quant.zeroPoints[k] ?? 0)) * quant.scales[k]!;
  });
}

/** How far `got` is from `want`; both in the same order. */
export function errorBetween(want: TensorData, got: TensorData): TensorError {
  return errorOf(realsOf(want), realsOf(got));
}
function errorOf(want: ArrayLike<number>, got: ArrayLike<number>, index?: (i: number) => number): TensorError {
  let signal = 0;
  let noise = 0;
  let maxAbs = 0;
  for (let i = 0; i < got.length; i++) {
    const w = want[index ? index(i) : i]!;
    const g = got[i]!;
    if (Object.is(w, g) || w === g) {
      if (Number.isFinite(w)) signal += w * w;
      continue;
    }
    const d = Math.abs(w - g);
    if (!Number.isFinite(d)) return { snr: Number.NEGATIVE_INFINITY, maxAbs: Number.POSITIVE_INFINITY };
    signal += w * w;
    noise += d * d;
    if (d > maxAbs) maxAbs = d;
  }
  return { snr: noise === 0 ? Number.POSITIVE_INFINITY : 10 * Math.log10(signal / noise), maxAbs };
}

/**
 * How far `got` is from `want`, whose axes the compiler may have permuted (and axes of extent one added or dropped): the permutation
 * that fits best counts. `undefined` when no permutation gives the shape.
 */
export function bestError(want: TensorData, got: TensorData): TensorError | undefined {
  if (want.data.length !== got.data.length || !isStaticShape(got.type.shape)) return undefined;
  if (isBig(want.type.dtype) !== isBig(got.type.dtype) && want.type.dtype !== "i64" && got.type.dtype !== "i64")
    return undefined;
  const from = staticShape(want.type.shape)
    .map((extent, axis) => ({ extent, axis }))
    .filter((d) => d.extent !== 1);
  const to = staticShape(got.type.shape).filter((d) => d !== 1);
  const perms = permutationsTo(
    from.map((d) => d.extent),
    to,
  );
  if (perms.length === 0) return undefined;
  const [w, g] = [realsOf(want), realsOf(got)];
  let best: TensorError | undefined;
  for (const perm of perms) {
    const same = perm.every((p, i) => p === i);
    const error = errorOf(w, g, same ? undefined : permutedIndex(from, to, perm));
    const found = same ? error : { ...error, perm: perm.map((p) => from[p]!.axis) };
    if (!best || found.snr > best.snr) best = found;
    if (best.snr > 60) break;
  }
  return best;
}

/** More than this many ways of reading a shape say nothing any more. */
const maxPerms = 24;

/** Every permutation of `from` that is `to`, the identity first. */
function permutationsTo(from: readonly number[], to: readonly number[]): readonly (readonly number[])[] {
  if (from.length !== to.length) return [];
  const out: number[][] = [];
  const extend = (taken: readonly number[]): void => {
    if (out.length === maxPerms) return;
    if (taken.length === to.length) {
      out.push([...taken]);
      return;
    }
    for (let p = 0; p < from.length; p++) if (from[p] === to[taken.length] && !taken.includes(p)) extend([...taken, p]);
  };
  extend([]);
  return out;
}

/** Where element `i` of the permuted tensor lies in the other one. */
function permutedIndex(
  from: readonly { readonly extent: number }[],
  to: readonly number[],
  perm: readonly number[],
): (i: number) => number {
  const strides = from.map((_, a) => from.slice(a + 1).reduce((n, d) => n * d.extent, 1));
  const moved = perm.map((p) => strides[p]!);
  return (i) => {
    let at = 0;
    let rest = i;
    for (let a = to.length - 1; a >= 0; a--) {
      const extent = to[a]!;
      at += (rest % extent) * moved[a]!;
      rest = Math.floor(rest / extent);
    }
    return at;
  };
}
