import { type DType, numberToF16, f16ToNumber, numberToBf16, bf16ToNumber } from "@tflower/core";

const f64 = new Float64Array(1);
const b64 = new BigInt64Array(f64.buffer);
const f32 = new Float32Array(1);
const b32 = new Int32Array(f32.buffer);

/** How each width reads a float as a sign-and-magnitude integer, whose neighbours are the float's. */
interface Bits {
  readonly of: (v: number) => bigint;
  readonly to: (b: bigint) => number;
  readonly width: bigint;
}
const half = (width: bigint, of: (v: number) => number, to: (b: number) => number): Bits => ({ width, of: (v) => BigInt(of(v)), to: (b) => to(Number(b)) });
const bits: { readonly [D in DType]?: Bits } = {
  f64: { width: 64n, of: (v) => BigInt.asUintN(64, ((f64[0] = v), b64[0]!)), to: (b) => ((b64[0] = BigInt.asIntN(64, b)), f64[0]!) },
  f32: { width: 32n, of: (v) => BigInt.asUintN(32, BigInt(((f32[0] = v), b32[0]!))), to: (b) => ((b32[0] = Number(BigInt.asIntN(32, b))), f32[0]!) },
  f16: half(16n, numberToF16, f16ToNumber),
  bf16: half(16n, numberToBf16, bf16ToNumber),
};

/** The number of `dtype` next to `a` on the way to `b`. */
export function nextAfter(a: number, b: number, dtype: DType): number {
  const rule = bits[dtype];
  if (!rule) throw new RangeError(`${dtype} has no neighbouring floats`);
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.NaN;
  if (a === b) return b;
  if (a === 0) return b > 0 ? rule.to(1n) : rule.to((1n << (rule.width - 1n)) + 1n);
  return rule.to(rule.of(a) + (b > a === a > 0 ? 1n : -1n));
}
