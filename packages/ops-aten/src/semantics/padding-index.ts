import { type Dim, invalid, isStatic } from "@tflower/core";

/** The index that is skipped, where a negative one counts from the end of a table of `rows`. */
export function wrappedPadding(index: number | undefined, rows: Dim): number | undefined {
  if (index === undefined || index >= 0) return index;
  if (!isStatic(rows)) return invalid("needs a static number of rows where padding_idx counts from the end");
  return index + rows;
}
