import { endsByKernel, endsInScript } from "./ends-kernel.ts";
import { binShift, binsPerSign, extreme } from "./histogram.ts";

/** What is found in the elements of a tensor, besides what is counted. */
export interface Counted {
  /** Of all elements below `extreme`; the wrong way round where there are none. */
  readonly min: number;
  readonly max: number;
  /** Of the elements that were counted. */
  readonly sum: number;
  readonly squares: number;
}

/**
 * Of tensors with so many elements, an eighth is counted: runs of 128 in every 1024, which begin elsewhere in each, so that no channel is left
 * out. A million elements say of a distribution what eight million say; the least and the greatest are looked for among all.
 */
export const sampledFrom = 1 << 16;
const stretch = 1024;
const run = 128;
/** Has no factor in common with the length of a stretch, so runs begin everywhere. */
const stride = 331;

const sign = 0x80000000 | 0;
const view = new Int32Array(1);
const viewFloat = new Float32Array(view.buffer);
function floatOf(bits: number): number {
  view[0] = bits;
  // no range tells zeros apart
  return viewFloat[0]! + 0;
}
function bitsOf(x: number): number {
  viewFloat[0] = x;
  return view[0]!;
}
const extremeBits = bitsOf(extreme);

/** The least and the greatest element. */
type Ends = Pick<Counted, "min" | "max">;

/**
 * Counts `elements` into `counts`, by bin, negative ones behind. The inner loop of calibration: it looks at the bits of the numbers, because
 * comparing integers and indexing by them is what a processor does without waiting.
 */
export function countElements(elements: Float32Array, counts: Uint32Array): Counted {
  const bits = new Int32Array(elements.buffer, elements.byteOffset, elements.length);
  const ends = endsOf(bits);
  const all = elements.length < sampledFrom || !ends;
  const sums = { sum: 0, squares: 0 };
  if (all) count(elements, bits, counts, counts, 0, elements.length, sums);
  else {
    for (let at = 0, k = 0; at + stretch <= elements.length; at += stretch, k++) {
      const from = (k * stride) % stretch;
      count(elements, bits, counts, others, at + from, at + Math.min(from + run, stretch), sums);
      // what is left of the run lies where the stretch begins
      if (from + run > stretch) count(elements, bits, counts, others, at, at + from + run - stretch, sums);
    }
    gather(counts, ends);
  }
  if (!ends) return countSlowly(elements);
  // both ends are among what is counted
  if (!all)
    for (const end of [ends.min, ends.max]) {
      counts[bitsOf(end) >>> binShift]!++;
      sums.sum += end;
      sums.squares += end * end;
    }
  return { ...ends, ...sums };
}

/** A second histogram, for every other element of large tensors: a processor waits when it adds to one count twice in a row, as zeros make it. */
const others = new Uint32Array(2 * binsPerSign);

/** Adds the second histogram to the first, and empties it. */
function gather(counts: Uint32Array, { min, max }: Ends): void {
  const add = (from: number, to: number): void => {
    for (let i = from; i <= to; i++) {
      counts[i]! += others[i]!;
      others[i] = 0;
    }
  };
  // zero has two signs
  if (max >= 0) add(0, bitsOf(max) >>> binShift);
  if (min <= 0) add(binsPerSign, bitsOf(-Math.abs(min)) >>> binShift);
}

/** Counts some of the elements into two histograms by turns, and adds them up. */
function count(
  elements: Float32Array,
  bits: Int32Array,
  counts: Uint32Array,
  more: Uint32Array,
  from: number,
  to: number,
  sums: { sum: number; squares: number },
): void {
  let sum0 = 0;
  let sum1 = 0;
  let squares0 = 0;
  let squares1 = 0;
  const even = from + ((to - from) & ~1);
  for (let i = from; i < even; i += 2) {
    counts[bits[i]! >>> binShift]!++;
    more[bits[i + 1]! >>> binShift]!++;
    const x = elements[i]!;
    const y = elements[i + 1]!;
    sum0 += x;
    squares0 += x * x;
    sum1 += y;
    squares1 += y * y;
  }
  if (even < to) {
    counts[bits[even]! >>> binShift]!++;
    sum0 += elements[even]!;
    squares0 += elements[even]! ** 2;
  }
  sums.sum += sum0 + sum1;
  sums.squares += squares0 + squares1;
}

/** A kernel is called for no less. */
const worthKernel = 1 << 12;

/** The least and the greatest element; `undefined` where there is one that is no data, or where there are none. */
function endsOf(bits: Int32Array): Ends | undefined {
  if (bits.length === 0) return undefined;
  const found = bits.length >= worthKernel ? endsByKernel(bits) : undefined;
  const { up, down, near } = found ?? endsInScript(bits);
  // as unsigned integers, floats with a sign are the greatest
  const negative = down < 0;
  if (Math.max(up, negative ? down & ~sign : 0) >= extremeBits) return undefined;
  return { min: floatOf(negative ? down : near), max: floatOf(up >= 0 ? up : near) };
}

/** The least element above `limit`; infinity where there is none. */
export function leastOf(elements: Float32Array, limit: number): number {
  let min = Number.POSITIVE_INFINITY;
  for (let i = 0; i < elements.length; i++) {
    const x = elements[i]!;
    if (x < min && x > limit) min = x;
  }
  return min + 0;
}

/** What {@link countElements} finds in tensors with elements that are no data. */
function countSlowly(elements: Float32Array): Counted {
  let [min, max, sum, squares] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0];
  for (let i = 0; i < elements.length; i++) {
    const x = elements[i]!;
    if (!(Math.abs(x) < extreme)) continue;
    if (x < min) min = x;
    if (x > max) max = x;
    sum += x;
    squares += x * x;
  }
  return { min: min + 0, max: max + 0, sum, squares };
}
