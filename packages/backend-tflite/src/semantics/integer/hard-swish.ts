import { clampCode } from "./codes.ts";
import { type Multiplier, multiplierOf, roundingShift } from "./fixed-point.ts";
import { unaryCodes } from "./unary.ts";

const f = Math.fround;
const word = (x: number): number => clampCode(x, -32768, 32767);
/** Upper half of twice the product of two 16-bit integers: rounded, halves going up, or cut off. */
const highMul = (a: number, b: number): number => word(Math.floor((a * b + 16384) / 32768));
const highMulCut = (a: number, b: number): number => word(Math.trunc((a * b) / 32768));
/** The upper half of a mantissa. */
const half = ({ mantissa }: Multiplier): number =>
  mantissa >= 2 ** 31 - 1 - 32768 ? 32767 : Math.floor((mantissa + 32768) / 65536);

/** All in 16 bits: `x` on a fine grid, times how far it is on its way from -3 to 3. */
export const hardSwishCodes = unaryCodes((from, to) => {
  if (from.dtype === "i16") return undefined;
  const fine = f(from.scale / 128);
  const out = multiplierOf(f(fine / to.scale));
  const way = multiplierOf(f(fine / f(3 / 32768)));
  return (code) => {
    const x = (code - from.zero) * 128;
    const y = highMul(x, half(out));
    let share = x;
    if (way.shift > 0) share = word(share * 2 ** (way.shift - 1));
    share = highMul(share, half(way));
    if (way.shift > 0) share = word(share * 2);
    if (way.shift < 0) share = roundingShift(share, -way.shift);
    share = (share + 32768) >> 1;
    return to.zero + roundingShift(highMulCut(share, y), -out.shift);
  };
});
