const f = Math.fround;
const roundAway = (x: number): number => Math.sign(x) * Math.floor(Math.abs(x) + 0.5);

/** Rounds to one of the numbers that integers from `low` to `high` stand for, when `min` to `max` is moved so that zero is one of them. */
export function roundToGrid(min: number, max: number, low: number, high: number): (x: number) => number {
  const scale = f(f(max - min) / f(high - low));
  const zero = Math.min(high, Math.max(low, roundAway(f(low - f(min / scale)))));
  const [bottom, top] = [f(f(low - zero) * scale), f(f(high - zero) * scale)];
  const inverse = f(1 / scale);
  return (x) => f(f(roundAway(f(f(Math.min(Math.max(x, bottom), top) - bottom) * inverse)) * scale) + bottom);
}
