import type { Binary } from "./pointwise.ts";

/** Integer kernels stop there; so does the reference. */
export function zeroDivisor(): never {
  throw new RangeError("divides by zero, which the kernel refuses at run time");
}

export const sum: Binary = {
  float: (a, b) => a + b,
  int: (a, b) => a + b,
  big: (a, b) => a + b,
  line(x, i, di, y, j, dj, to, o, n) {
    for (let k = o; k < o + n; k++, i += di, j += dj) to[k] = x[i]! + y[j]!;
  },
};
export const difference: Binary = { float: (a, b) => a - b, int: (a, b) => a - b, big: (a, b) => a - b };
export const product: Binary = {
  float: (a, b) => a * b,
  int: Math.imul,
  big: (a, b) => a * b,
  line(x, i, di, y, j, dj, to, o, n) {
    for (let k = o; k < o + n; k++, i += di, j += dj) to[k] = x[i]! * y[j]!;
  },
};

/** By one comparison, as kernels do it: NaN on the right stays, NaN on the left gives the right. */
export const larger: Binary = { float: largerOf, int: largerOf, big: largerOf };
export const smaller: Binary = { float: smallerOf, int: smallerOf, big: smallerOf };
export function largerOf<T extends number | bigint>(a: T, b: T): T {
  if (a > b) return a;
  return b;
}
export function smallerOf<T extends number | bigint>(a: T, b: T): T {
  if (a < b) return a;
  return b;
}

/** Rounded towards zero, as C++ has it. */
export const truncatedQuotient = (a: number, b: number): number => (b === 0 ? zeroDivisor() : Math.trunc(a / b));
export const floorQuotient = (a: number, b: number): number => (b === 0 ? zeroDivisor() : Math.floor(a / b));

export const floorRemainder = (a: number, b: number): number => {
  if (b === 0) zeroDivisor();
  const r = a % b;
  return r !== 0 && r < 0 !== b < 0 ? r + b : r;
};
export const floorRemainderBig = (a: bigint, b: bigint): bigint => {
  if (b === 0n) zeroDivisor();
  const r = a % b;
  return r !== 0n && r < 0n !== b < 0n ? r + b : r;
};
/** By way of C's fmod: NaN for a zero divisor, and a sum that rounds. */
export const floorRemainderFloat = (a: number, b: number): number => {
  const r = a % b;
  return r !== 0 && r < 0 !== b < 0 ? r + b : r;
};

/** C's pow, which differs from JavaScript's where the base is one or minus one. */
export const powFloat = (a: number, b: number): number =>
  a === 1 || (a === -1 && Math.abs(b) === Infinity) ? 1 : a ** b;

/** By way of doubles, as the kernel does it: what does not fit becomes the lowest integer. */
export function powInt(base: number, exponent: number): number {
  if (exponent < 0)
    throw new RangeError(`raises an integer to the power ${exponent}, which the kernel refuses at run time`);
  const power = base ** exponent;
  return Math.abs(power) < 2 ** 31 ? power : -(2 ** 31);
}
