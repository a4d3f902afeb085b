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

/** A number to IEEE binary16 bits, ties to even, in one rounding from double. */
export function numberToF16(v: number): number {
  if (Number.isNaN(v)) return 0x7e00;
  const sign = v < 0 || Object.is(v, -0) ? 0x8000 : 0;
  const a = Math.abs(v);
  if (a >= 65520) return sign | 0x7c00;
  if (a < 2 ** -14) return sign | roundEven(a * 2 ** 24); // subnormal; 1024 rolls over into the smallest normal by itself
  const exponent = Math.floor(Math.log2(a));
  const e = a < 2 ** exponent ? exponent - 1 : a >= 2 ** (exponent + 1) ? exponent + 1 : exponent;
  return sign | (((e + 15) << 10) + roundEven((a / 2 ** e - 1) * 1024));
}
export const roundF16 = (v: number): number => f16ToNumber(numberToF16(v));

function roundEven(x: number): number {
  const f = Math.floor(x);
  const d = x - f;
  return d > 0.5 || (d === 0.5 && f % 2 === 1) ? f + 1 : f;
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
