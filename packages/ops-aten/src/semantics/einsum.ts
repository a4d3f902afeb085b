import { type Dim, type DType, invalid, isComplex, isFloat, type TensorType } from "@tflower/core";
import type { Labels } from "./contract.ts";
import { resultDType } from "./promote.ts";

/** An Einstein sum with an ellipsis written out: a label for every axis. */
export interface Einsum {
  readonly operands: readonly Labels[];
  readonly result: Labels;
}

/** Labels of the axes that an ellipsis of `count` axes stands for, out of `most`: they align from the right. */
const ellipsisLabels = (count: number, most: number): string[] =>
  Array.from({ length: count }, (_, i) => `.${most - count + i}`);

function term(
  text: string,
  rank: number | undefined,
  most: number,
): { readonly labels: Labels; readonly ellipsis: number } {
  const plain = text.replaceAll(" ", "");
  if (!/^[A-Za-z]*(\.\.\.)?[A-Za-z]*$/.test(plain))
    invalid(`cannot read the subscripts "${text}": expected letters and at most one ellipsis`);
  const [before, after] = plain.split("...") as [string, string | undefined];
  const named = before.length + (after?.length ?? 0);
  const ellipsis = after === undefined ? 0 : rank === undefined ? most : rank - named;
  if (ellipsis < 0 || (rank !== undefined && named + ellipsis !== rank))
    invalid(`the subscripts "${text}" do not fit a tensor of ${rank} axes`);
  return { labels: [...before, ...ellipsisLabels(ellipsis, most), ...(after ?? "")], ellipsis };
}

/** Reads an equation for operands of these ranks. Without an arrow the result has the ellipsis and the labels that occur once, in order. */
export function readEinsum(equation: string, ranks: readonly number[]): Einsum {
  const [left, right] = equation.split("->") as [string, string | undefined];
  const texts = left.split(",");
  if (texts.length !== ranks.length)
    invalid(`the equation "${equation}" is for ${texts.length} operands, got ${ranks.length}`);
  const most = Math.max(...texts.map((t, i) => term(t, ranks[i]!, 0).ellipsis));
  const operands = texts.map((t, i) => term(t, ranks[i]!, most).labels);
  if (right !== undefined) {
    const result = term(right, undefined, most).labels;
    if (new Set(result).size !== result.length) invalid(`the result of "${equation}" names a label twice`);
    for (const l of result)
      if (!operands.some((o) => o.includes(l)))
        invalid(`the result of "${equation}" names "${l}", which no operand has`);
    return { operands, result };
  }
  const all = operands.flat();
  const once = [...new Set(all)].filter((l) => !l.startsWith(".") && all.filter((x) => x === l).length === 1).sort();
  return { operands, result: [...ellipsisLabels(most, most), ...once] };
}

/** Extents of the labels; axes of one label must agree but for extents of 1. */
export function einsumExtents({ operands }: Einsum, shapes: readonly (readonly Dim[])[]): Map<string, Dim> {
  const out = new Map<string, Dim>();
  for (const [k, labels] of operands.entries())
    for (const [i, l] of labels.entries()) {
      const d = shapes[k]![i]!;
      const have = out.get(l);
      if (typeof d === "number" && typeof have === "number" && d !== have && d !== 1 && have !== 1)
        invalid(`label "${l}" has extents ${have} and ${d}`);
      // a known extent says more than a symbolic one
      if (have === undefined || have === 1 || (d !== 1 && typeof d === "number")) out.set(l, d);
    }
  return out;
}

/**
 * The dtype of an Einstein sum. Operands are contracted from left to right; a label that only one of two has, and that nothing
 * later needs, is summed alone, and a sum of small integers is an int64, while a product of matrices keeps their dtype.
 */
export function einsumDType({ operands, result }: Einsum, types: readonly TensorType[]): DType {
  const common = resultDType(...types.map((t) => ({ ...t, shape: [1] })));
  if (isFloat(common) || isComplex(common)) return common;
  const extent = (l: string, k: number): Dim => types[k]!.shape[operands[k]!.indexOf(l)] ?? 1;
  const sums = (l: string): boolean => {
    if (result.includes(l)) return false;
    const holders = operands.flatMap((o, k) => (o.includes(l) && extent(l, k) !== 1 ? [k] : []));
    return holders.length === 1;
  };
  return [...new Set(operands.flat())].some(sums) ? "i64" : common;
}
