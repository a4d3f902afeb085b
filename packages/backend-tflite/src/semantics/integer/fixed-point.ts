/**
 * Arithmetic of kernels that scale integers by a real number: a 31-bit mantissa and a power of two. Everything here is exact; what
 * needs 64 bits is split into halves that a double holds.
 */

/** A real factor as `mantissa * 2^(shift - 31)`. */
export interface Multiplier {
  readonly mantissa: number;
  readonly shift: number;
}

/** Rounds to the nearest; halves away from zero. */
export const roundAway = (x: number): number => (x < 0 ? -Math.floor(0.5 - x) : Math.floor(x + 0.5));

/** `f` and `e` with `x = f * 2^e` and `f` from one half up to one. */
function splitExponent(x: number): readonly [fraction: number, exponent: number] {
  let exponent = Math.max(-1023, Math.floor(Math.log2(x)) + 1);
  let fraction = x * 2 ** -exponent;
  while (fraction < 0.5) {
    fraction *= 2;
    exponent--;
  }
  while (fraction >= 1) {
    fraction /= 2;
    exponent++;
  }
  return [fraction, exponent];
}

/** A factor that is not negative. One below 2^-32 becomes zero, as it does in the kernels. */
export function multiplierOf(factor: number): Multiplier {
  if (!(factor > 0)) return { mantissa: 0, shift: 0 };
  const [fraction, exponent] = splitExponent(factor);
  const mantissa = roundAway(fraction * 2 ** 31);
  const [m, shift] = mantissa === 2 ** 31 ? [2 ** 30, exponent + 1] : [mantissa, exponent];
  return shift < -31 ? { mantissa: 0, shift: 0 } : { mantissa: m, shift };
}

/** Upper half of twice the product of two 32-bit integers, rounded; halves go up. */
export function doublingHighMul(a: number, b: number): number {
  if (a === -(2 ** 31) && b === a) return 2 ** 31 - 1;
  const high = Math.floor(b / 65536);
  const low = b - high * 65536;
  return Math.floor((a * high + Math.floor((a * low + 2 ** 30) / 65536)) / 32768);
}

/** Divides a 32-bit integer by a power of two; halves go away from zero. */
export function roundingShift(x: number, exponent: number): number {
  if (exponent === 0) return x;
  const divisor = 2 ** exponent;
  const down = Math.floor(x / divisor);
  const rest = x - down * divisor;
  return rest > (x < 0 ? divisor / 2 : divisor / 2 - 0.5) ? down + 1 : down;
}

/** Scales a 32-bit integer, rounding twice: after the product, and after the shift. */
export function scaleTwice(x: number, { mantissa, shift }: Multiplier): number {
  const left = shift > 0 ? x << shift : x;
  return roundingShift(doublingHighMul(left, mantissa), shift > 0 ? 0 : -shift);
}

/** Scales an integer of up to 48 bits by the upper half of the mantissa, rounding once; halves go up. */
export function scaleWide(x: number, { mantissa, shift }: Multiplier): number {
  const reduced = mantissa < 0x7fff0000 ? Math.floor((mantissa + 32768) / 65536) : 0x7fff;
  const total = 15 - shift;
  if (Math.abs(x) < 2 ** 37) return Math.floor((x * reduced + 2 ** (total - 1)) / 2 ** total) | 0;
  const out = (BigInt(x) * BigInt(reduced) + (1n << BigInt(total - 1))) >> BigInt(total);
  return Number(BigInt.asIntN(32, out));
}
