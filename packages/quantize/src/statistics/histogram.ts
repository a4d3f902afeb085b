/**
 * How often values came, in bins that are the same for every tensor: a bin is a sign, an exponent and five bits of mantissa of a float32
 * number, so 32 bins take an octave and are 1.6 to 3.1 % wide. Because bins depend on no data, merging is the addition of integers, and
 * nothing has to be known before the first sample.
 *
 * Bins are numbered in the order of the numbers in them: from 0 on upwards, and from -1 on downwards.
 */
export interface Histogram {
  /** Numbers of the bins that are not empty, ascending. */
  readonly bins: readonly number[];
  /** How many values each of them has. */
  readonly counts: readonly number[];
}

/** Bits of a float32 number that say nothing about its bin. */
export const binShift = 18;
/** Bins of numbers of one sign, those of infinities and NaNs among them. */
export const binsPerSign = 1 << (31 - binShift);
/** Numbers from here on are no data but stand for infinity, as masks use them. A power of two, so that a bin begins here. */
export const extreme = 2 ** 99;
/** The first bin of {@link extreme} numbers. */
export const extremeBin = (127 + 99) << (23 - binShift);
/** The first bin of what is no finite number. */
export const nonFiniteBin = 255 << (23 - binShift);

const word = new Uint32Array(1);
const float = new Float32Array(word.buffer);
function floatOf(bits: number): number {
  word[0] = bits;
  return float[0]!;
}
const magnitude = (bin: number): number => floatOf(bin << binShift);

/** What numbers of a bin lie between. */
export function binEdges(bin: number): { readonly low: number; readonly high: number } {
  if (bin >= 0) return { low: magnitude(bin), high: magnitude(bin + 1) };
  return { low: -magnitude(-bin), high: -magnitude(-bin - 1) || 0 };
}

/** The bin of a finite number. */
export function binOf(x: number): number {
  float[0] = x;
  const index = word[0]! >>> binShift;
  return index < binsPerSign ? index : binsPerSign - 1 - index;
}

/** Nothing counted. */
export const noHistogram: Histogram = { bins: [], counts: [] };

/** What both have counted. */
export function mergeHistograms(a: Histogram, b: Histogram): Histogram {
  const bins: number[] = [];
  const counts: number[] = [];
  for (let i = 0, j = 0; i < a.bins.length || j < b.bins.length; ) {
    const x = a.bins[i] ?? Number.POSITIVE_INFINITY;
    const y = b.bins[j] ?? Number.POSITIVE_INFINITY;
    bins.push(Math.min(x, y));
    counts.push((x <= y ? a.counts[i++]! : 0) + (y <= x ? b.counts[j++]! : 0));
  }
  return { bins, counts };
}
