import { doublingHighMul, type Multiplier, roundingShift } from "./fixed-point.ts";

const most = 2 ** 31 - 1;

/** Times a power of two; saturates, and rounds where the exponent is negative. */
function timesPower(x: number, exponent: number): number {
  if (exponent <= 0) return roundingShift(x, -exponent);
  return Math.min(most, Math.max(-(2 ** 31), x * 2 ** exponent));
}

/** One over the root of a whole number, by Newton's method in fixed point. */
export function inverseRoot(x: number): Multiplier {
  if (x <= 1) return { mantissa: most, shift: 0 };
  let right = 11;
  let input = x;
  while (input >= 2 ** 29) {
    input = Math.floor(input / 4);
    right++;
  }
  const pairs = Math.floor((Math.clz32(input) - 1) / 2) - 1;
  right -= pairs;
  input *= 4 ** pairs;
  const halfInput = roundingShift(input >> 1, 1);
  const threeHalves = 2 ** 28 + 2 ** 27;
  // three bits before the point
  let y = 2 ** 28;
  for (let i = 0; i < 5; i++) {
    const cube = timesPower(doublingHighMul(doublingHighMul(y, y), y), 6);
    y = timesPower((doublingHighMul(threeHalves, y) - doublingHighMul(halfInput, cube)) | 0, 3);
  }
  const mantissa = doublingHighMul(y, 1518500250);
  return right < 0 ? { mantissa: mantissa << -right, shift: 0 } : { mantissa, shift: -right };
}
