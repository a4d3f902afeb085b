import { sumOf } from "./reduce.ts";

/** The line less its greatest element; NaN throughout where that is infinite or there is a NaN, as in PyTorch. */
function shifted(line: ArrayLike<number>): number[] {
  let top = -Infinity;
  for (let i = 0; i < line.length; i++) top = Math.max(top, line[i]!);
  return Array.from(line, (v) => v - top);
}
/** Softmax of a line. */
export function exponentials(line: ArrayLike<number>): number[] {
  const e = shifted(line).map(Math.exp);
  const sum = sumOf(e);
  return e.map((v) => v / sum);
}
/** Logarithm of the softmax of a line. */
export function logExponentials(line: ArrayLike<number>): number[] {
  const x = shifted(line);
  const total = Math.log(sumOf(x.map(Math.exp)));
  return x.map((v) => v - total);
}
