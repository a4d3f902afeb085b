import { roundF16 } from "@tflower/core";
import { costOf, dot, type Feedback } from "./feedback.ts";

/** A row of weights as float16 numbers that make up for one another's errors, or the nearest ones where those cost less. */
export function tuneHalves(
  w: Float64Array,
  pieces: readonly Feedback[],
): { readonly values: Float64Array; readonly error: number } {
  const nearest = w.map(roundF16);
  const values = new Float64Array(w.length);
  let error = 0;
  for (const { from, size: n, order, factors, costs } of pieces) {
    const errors = new Float64Array(n);
    for (let k = 0; k < n; k++) {
      const owed = dot(errors, 0, factors, k * n, k);
      const column = from + order[k]!;
      values[column] = roundF16(w[column]! + owed);
      errors[k] = w[column]! - values[column]!;
      error += costs[k]! * (errors[k]! + owed) ** 2;
    }
  }
  const plain = costOf(pieces, (i) => w[i]! - nearest[i]!);
  return error < plain ? { values, error } : { values: nearest, error: plain };
}
