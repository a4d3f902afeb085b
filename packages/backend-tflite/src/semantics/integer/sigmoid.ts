import { tableRule } from "./look-up.ts";
import { type CodeRule, unaryCodes } from "./unary.ts";

const f = Math.fround;

/** Entries that the kernels' table has one above the nearest. */
const above: ReadonlySet<number> = new Set([
  4, 8, 12, 14, 15, 16, 17, 19, 20, 21, 22, 25, 27, 28, 29, 30, 31, 33, 34, 35, 37, 39, 40, 41, 43, 44, 45, 46, 49, 50,
  54, 62, 63, 64, 66, 82, 86, 93, 100, 103, 112, 116, 135, 255,
]);
/** `sigmoid(i / 24)` in 16 bits after the point, as the kernels' table has it; the last entries are held below one. */
const sigmoids = Array.from({ length: 256 }, (_, i) =>
  Math.min(65535, Math.round(65536 / (1 + Math.exp(-i / 24))) + (above.has(i) ? 1 : 0)),
);

/** What brings codes to 1/12288 of one: a product and a shift. */
function toTable(scale: number, freeShifts: readonly number[]): readonly [multiplier: number, shift: number] {
  const exponent = Math.round(Math.log2(scale));
  const shift = 12 + exponent;
  if (2 ** exponent === scale && freeShifts.includes(shift)) return [3 * 2 ** shift, 0];
  let multiplier = scale * 4096 * 3;
  let left = 0;
  while (multiplier <= 32767 / 2 && left <= 30) {
    left++;
    multiplier *= 2;
  }
  return [Math.trunc(multiplier), left];
}
const rescaled = (code: number, multiplier: number, shift: number): number =>
  (Math.imul(code, multiplier) + (shift > 0 ? 1 << (shift - 1) : 0)) >> shift;

const logistic16: CodeRule = (from) => {
  const [multiplier, shift] = toTable(from.scale, [0]);
  return (code) => {
    const x = rescaled(code, multiplier, shift);
    const size = Math.abs(x);
    const at = size >>> 9;
    const low = sigmoids[at]!;
    const value = at >= 255 ? 0x7fff << 10 : (low << 9) + (size & 511) * (sigmoids[at + 1]! - low);
    return (x >= 0 ? value + 512 : (1 << 25) - value + 511) >>> 10;
  };
};

const tanh16: CodeRule = (from) => {
  const [multiplier, shift] = toTable(from.scale, [0, 1]);
  return (code) => {
    const x = rescaled(code, multiplier, shift);
    const size = Math.abs(x);
    const at = size >>> 8;
    const low = sigmoids[at]!;
    const value = at >= 255 ? 0xffff << 8 : (low << 8) + (size & 255) * (sigmoids[at + 1]! - low);
    return (x >= 0 ? value - (1 << 23) + 128 : -value + (1 << 23) + 127) >> 8;
  };
};

const either =
  (bytes: CodeRule, words: CodeRule): CodeRule =>
  (from, to, attrs) =>
    (from.dtype === "i16" ? words : bytes)(from, to, attrs);

export const logisticCodes = unaryCodes(
  either(
    tableRule((x) => 1 / f(1 + f(Math.exp(-x)))),
    logistic16,
  ),
);
export const tanhCodes = unaryCodes(either(tableRule(Math.tanh), tanh16));
