import { bf16ToNumber, type DType, f16ToNumber, numberToBf16, numberToF16 } from "@tflower/core";

/** How a width reads a float as a sign-and-magnitude integer, whose neighbours are the float's. */
interface Bits {
  readonly of: (v: number) => bigint;
  readonly to: (b: bigint) => number;
  readonly width: bigint;
}

/** Two views of eight bytes. */
const scratch = new DataView(new ArrayBuffer(8));
const double: Bits = {
  width: 64n,
  of(v) {
    scratch.setFloat64(0, v);
    return scratch.getBigUint64(0);
  },
  to(b) {
    scratch.setBigUint64(0, b);
    return scratch.getFloat64(0);
  },
};
const single: Bits = {
  width: 32n,
  of(v) {
    scratch.setFloat32(0, v);
    return BigInt(scratch.getUint32(0));
  },
  to(b) {
    scratch.setUint32(0, Number(b));
    return scratch.getFloat32(0);
  },
};
const half = (of: (v: number) => number, to: (b: number) => number): Bits => ({
  width: 16n,
  of: (v) => BigInt(of(v)),
  to: (b) => to(Number(b)),
});
const bits: { readonly [D in DType]?: Bits } = {
  f64: double,
  f32: single,
  f16: half(numberToF16, f16ToNumber),
  bf16: half(numberToBf16, bf16ToNumber),
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
