import { roundF16 } from "@tflower/core";
import type { Feedback } from "./feedback.ts";
import { errorIn } from "./metric.ts";

/** A row of weights as float16 numbers that make up for one another's errors, or the nearest ones where those cost less. */
export function tuneHalves(w: Float64Array, pieces: readonly Feedback[]): { values: Float64Array; error: number } {
  const nearest = w.map(roundF16);
  const values = new Float64Array(w.length);
  for (const { from, size: n, order, factors } of pieces) {
    const errors = new Float64Array(n);
    for (let k = 0; k < n; k++) {
      let owed = 0;
      for (let i = 0, at = k * n; i < k; i++, at++) owed += errors[i]! * factors[at]!;
      const column = from + order[k]!;
      values[column] = roundF16(w[column]! + owed);
      errors[k] = w[column]! - values[column]!;
    }
  }
  const cost = (v: Float64Array): number =>
    errorIn(
      pieces,
      w.map((x, i) => x - v[i]!),
    );
  const [a, b] = [cost(nearest), cost(values)];
  return b < a ? { values, error: b } : { values: nearest, error: a };
}
