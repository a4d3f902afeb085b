/** `log(sum(exp(x)))`, shifted by the greatest element; an infinite one is not shifted by, so that it stays what it is. */
export function logSumExp(line: ArrayLike<number>): number {
  let top = -Infinity;
  let sum = 0;
  for (let i = 0; i < line.length; i++) top = Math.max(top, line[i]!);
  const shift = Number.isFinite(top) ? top : 0;
  for (let i = 0; i < line.length; i++) sum += Math.exp(line[i]! - shift);
  return Math.log(sum) + shift;
}
