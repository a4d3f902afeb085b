/**
 * A sum without rounding, so that the order of summands and of shards does not show: a hexadecimal integer, and the power of two that it is
 * times of, as `-1f3p-20`. Numbers with one text have one value, and the other way round.
 */
export type ExactSum = string;

/** Everything is counted in units of two to the power of minus this: squares of float32 numbers are whole multiples. */
const fraction = 300;
const scale = 2 ** fraction;

/** `x` in units; what is smaller than half of one is dropped. Numbers up to 2 to the power of 700 fit. */
export function toUnits(x: number): bigint {
  return BigInt(Math.trunc(x * scale));
}

/** The text of a number of units. */
export function showUnits(units: bigint): ExactSum {
  if (units === 0n) return "0p0";
  let text = (units < 0n ? -units : units).toString(16);
  let power = -fraction;
  const zeros = /0*$/.exec(text)![0].length;
  text = text.slice(0, text.length - zeros);
  power += 4 * zeros;
  return `${units < 0n ? "-" : ""}${text}p${power}`;
}

/** Whether `text` is an {@link ExactSum}. */
export const isExactSum = (text: string): boolean =>
  /^(0p0|-?[1-9a-f][0-9a-f]{0,299}p-?\d{1,4})$/.test(text) &&
  Number(text.slice(text.indexOf("p") + 1)) >= -fraction &&
  showUnits(readUnits(text)) === text;

/** The units of a text. */
export function readUnits(text: ExactSum): bigint {
  const [mantissa, power] = text.split("p") as [string, string];
  const negative = mantissa.startsWith("-");
  const magnitude =
    BigInt(`0x${negative ? mantissa.slice(1) : mantissa}`) << BigInt(Math.max(0, Number(power) + fraction));
  if (magnitude === 0n) return 0n;
  return negative ? -magnitude : magnitude;
}

/** The sum of both. */
export const addExact = (a: ExactSum, b: ExactSum): ExactSum => showUnits(readUnits(a) + readUnits(b));

/** The number nearest to a sum, but for the last place. */
export function exactToNumber(sum: ExactSum): number {
  const units = readUnits(sum);
  const magnitude = units < 0n ? -units : units;
  const extra = Math.max(0, magnitude.toString(16).length * 4 - 64);
  const value = Number(magnitude >> BigInt(extra)) * 2 ** (extra - fraction);
  return units < 0n ? -value : value;
}
