const f32 = new Float32Array(1);
const u32 = new Uint32Array(f32.buffer);

/** IEEE binary16 bits to a number. */
export function f16ToNumber(h: number): number {
  const sign = h & 0x8000 ? -1 : 1;
  const exponent = (h >> 10) & 31;
  const fraction = h & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? Number.NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

let f16Table: Float32Array | undefined;
/** Many of them: there are few enough binary16 numbers for a table. */
export function f16ToFloats(halves: Uint16Array): Float32Array<ArrayBuffer> {
  const out = new Float32Array(halves.length);
  if (halves.length < 4096 && !f16Table) {
    for (let i = 0; i < halves.length; i++) out[i] = f16ToNumber(halves[i]!);
    return out;
  }
  f16Table ??= Float32Array.from({ length: 65536 }, (_, h) => f16ToNumber(h));
  const table = f16Table;
  for (let i = 0; i < halves.length; i++) out[i] = table[halves[i]!]!;
  return out;
}

const f64 = new Float64Array(1);
const words = new Uint32Array(f64.buffer);
/** The word of a double that holds its exponent. */
const upper = new Uint32Array(Float64Array.of(1).buffer)[1] === 0 ? 0 : 1;

/**
 * The nearest binary16 number, ties to even, in one rounding from double. Adding a number whose last bit is worth as much as that of the
 * result, and taking it away again, rounds as the processor does.
 */
export function roundF16(v: number): number {
  f64[0] = v;
  const exponent = ((words[upper]! >>> 20) & 2047) - 1023;
  if (exponent > 15) return v >= 65520 ? Number.POSITIVE_INFINITY : v <= -65520 ? Number.NEGATIVE_INFINITY : v;
  // 1.5 times the power of two whose last bit in a double is the last one of the half: of the subnormal ones, 2^-24
  words[1 - upper] = 0;
  words[upper] = ((Math.max(exponent, -14) + 42 + 1023) << 20) | 0x80000;
  const large = f64[0]!;
  const r = v < 0 ? -(-v + large - large) : v + large - large;
  if (r >= 65536) return Number.POSITIVE_INFINITY;
  if (r <= -65536) return Number.NEGATIVE_INFINITY;
  return r === 0 && (v < 0 || Object.is(v, -0)) ? -0 : r;
}

/** A number to IEEE binary16 bits, ties to even, in one rounding from double. */
export function numberToF16(v: number): number {
  if (Number.isNaN(v)) return 0x7e00;
  const r = v >= 65520 ? Number.POSITIVE_INFINITY : v <= -65520 ? Number.NEGATIVE_INFINITY : roundF16(v);
  f32[0] = r;
  const u = u32[0]!;
  const sign = (u >>> 16) & 0x8000;
  const exponent = ((u >>> 23) & 255) - 112;
  if (exponent > 30) return sign | 0x7c00;
  if (exponent > 0) return sign | (exponent << 10) | ((u >>> 13) & 1023);
  return sign | (Math.abs(r) * 2 ** 24);
}

/** bfloat16 bits to a number. */
export function bf16ToNumber(h: number): number {
  u32[0] = h << 16;
  return f32[0]!;
}
/** Many of them: a bfloat16 is the upper half of a float32. */
export function bf16ToFloats(halves: Uint16Array): Float32Array<ArrayBuffer> {
  const out = new Uint32Array(halves.length);
  for (let i = 0; i < halves.length; i++) out[i] = halves[i]! << 16;
  return new Float32Array(out.buffer);
}
/** A number to bfloat16 bits, ties to even, by way of float32 as PyTorch does. */
export function numberToBf16(v: number): number {
  if (Number.isNaN(v)) return 0x7fc0;
  f32[0] = v;
  const u = u32[0]!;
  return ((u + 0x7fff + ((u >>> 16) & 1)) >>> 16) & 0xffff;
}
export const roundBf16 = (v: number): number => bf16ToNumber(numberToBf16(v));

type F8 = "f8e4m3" | "f8e5m2";

/** 8-bit float bits to a number; `f8e4m3` is the variant without infinities. */
export function f8ToNumber(kind: F8, b: number): number {
  const [e, m, bias] = kind === "f8e4m3" ? [4, 3, 7] : [5, 2, 15];
  const sign = b & 0x80 ? -1 : 1;
  const exponent = (b >> m) & ((1 << e) - 1);
  const fraction = b & ((1 << m) - 1);
  if (kind === "f8e4m3" && (b & 0x7f) === 0x7f) return Number.NaN;
  if (kind === "f8e5m2" && exponent === 31) return fraction ? Number.NaN : sign * Infinity;
  if (exponent === 0) return sign * fraction * 2 ** (1 - bias - m);
  return sign * (1 + fraction / (1 << m)) * 2 ** (exponent - bias);
}

/** A number to the nearest 8-bit float, ties to even, by search over the 128 magnitudes. */
export function numberToF8(kind: F8, v: number): number {
  const sign = v < 0 || Object.is(v, -0) ? 0x80 : 0;
  const a = Math.abs(v);
  const top = kind === "f8e4m3" ? 0x7e : 0x7b;
  if (Number.isNaN(v)) return 0x7f;
  const overflow = f8ToNumber(kind, top) * (kind === "f8e4m3" ? 1 + 1 / 28 : 1 + 1 / 14);
  if (a >= overflow) return kind === "f8e4m3" ? sign | 0x7f : sign | 0x7c;
  let lo = 0;
  let hi = top;
  while (lo < hi) {
    const mid = (lo + hi + 1) >> 1;
    if (f8ToNumber(kind, mid) <= a) lo = mid;
    else hi = mid - 1;
  }
  if (lo < top) {
    const down = a - f8ToNumber(kind, lo);
    const up = f8ToNumber(kind, lo + 1) - a;
    if (up < down || (up === down && lo % 2 === 1)) lo++;
  }
  return sign | lo;
}
export const roundF8 = (kind: F8, v: number): number => f8ToNumber(kind, numberToF8(kind, v));
