import type { DType } from "@tflower/core";

const f64 = new Float64Array(1);
const i64 = new BigInt64Array(f64.buffer);
const f32 = new Float32Array(1);
const i32 = new Int32Array(f32.buffer);

/** The number's place in the order of all float32 values: neighbours differ by one, -0 and 0 not at all. */
function rank32(v: number): number {
  f32[0] = v;
  return i32[0]! < 0 ? -2147483648 - i32[0]! : i32[0]!;
}
/** The same among float64 values, of which there are more than a float64 can count. */
function rank64(v: number): bigint {
  f64[0] = v;
  return i64[0]! < 0n ? -(2n ** 63n) - i64[0]! : i64[0]!;
}

/** Mantissa bits that a dtype lacks against the one whose order is counted in. */
const missing: Partial<Record<DType, number>> = { f16: 13, bf16: 16, f8e4m3: 20, f8e5m2: 21 };

/** How many representable numbers `a` and `b` are apart: units in the last place. NaN is next to NaN only. */
export function ulpDistance(a: number, b: number, dtype: DType = "f32"): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) && Number.isNaN(b) ? 0 : Infinity;
  if (a === b) return 0;
  if (!Number.isFinite(a) || !Number.isFinite(b)) return Infinity;
  if (dtype === "f64" || dtype === "c128") return Math.abs(Number(rank64(a) - rank64(b)));
  return Math.abs(rank32(a) - rank32(b)) / 2 ** (missing[dtype] ?? 0);
}
