/** Says what PyTorch says of integers divided by zero. */
const nonZero = (b: bigint): bigint => {
  if (b === 0n) throw new RangeError("ZeroDivisionError: an integer is divided by zero");
  return b;
};
export const abs = (a: bigint): bigint => (a < 0n ? -a : a);
/** Quotient rounded towards zero. */
export const truncatedQuotient = (a: bigint, b: bigint): bigint => a / nonZero(b);
/** Quotient rounded towards minus infinity. */
export function floorQuotient(a: bigint, b: bigint): bigint {
  const q = a / nonZero(b);
  return a % b !== 0n && a < 0n !== b < 0n ? q - 1n : q;
}
/** Remainder with the sign of `a`. */
export const truncatedRemainder = (a: bigint, b: bigint): bigint => a % nonZero(b);
/** Remainder with the sign of `b`. */
export function floorRemainder(a: bigint, b: bigint): bigint {
  const r = a % nonZero(b);
  return r !== 0n && r < 0n !== b < 0n ? r + b : r;
}
/** `a` to the power of `b`; below one for negative exponents, so zero unless `a` is one or minus one. */
export function power(a: bigint, b: bigint): bigint {
  if (b < 0n) return a === 1n ? 1n : a === -1n ? (b % 2n === 0n ? 1n : -1n) : 0n;
  let out = 1n;
  for (let square = a, e = b; e > 0n; e >>= 1n, square = BigInt.asIntN(64, square * square))
    if (e & 1n) out = BigInt.asIntN(64, out * square);
  return out;
}
/** Greatest common divisor, never negative. */
export function gcd(a: bigint, b: bigint): bigint {
  let [x, y] = [abs(a), abs(b)];
  while (y) [x, y] = [y, x % y];
  return x;
}
/** Least common multiple, never negative; the product wraps around in `bits` bits before its sign goes. */
export const lcm = (a: bigint, b: bigint, bits: number): bigint =>
  a === 0n || b === 0n ? 0n : abs(BigInt.asIntN(Math.max(bits, 32), (a / gcd(a, b)) * b));
export const larger = (a: bigint, b: bigint): bigint => (a > b ? a : b);
export const smaller = (a: bigint, b: bigint): bigint => (a < b ? a : b);
export const sign = (a: bigint): bigint => (a > 0n ? 1n : a < 0n ? -1n : 0n);

/** `a << b` in `bits` bits: zero for a count that is negative or too large, as PyTorch has it. */
export const shiftLeft = (a: bigint, b: bigint, bits: number): bigint =>
  b < 0n || b >= bits ? 0n : BigInt.asIntN(bits, a << b);
/** `a >> b`: only the sign is left for a count that is negative or too large. */
export const shiftRight = (a: bigint, b: bigint, bits: number): bigint => a >> (b < 0n || b >= bits ? BigInt(bits) : b);
