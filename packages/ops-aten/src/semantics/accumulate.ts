import { isBig, isComplex, isFloat, type NumberCarrier, roundTo, type TensorData } from "@tflower/core";

/** How an element that is written joins the one that is there. */
export type Combine = "sum" | "prod" | "amax" | "amin";

/** The larger (or smaller) of two numbers; NaN when one is. */
const extreme = (a: number, b: number, larger: boolean): number =>
  Number.isNaN(a) || Number.isNaN(b) ? Number.NaN : larger ? Math.max(a, b) : Math.min(a, b);
function combineNumbers(a: number, b: number, how: Combine, isInt: boolean): number {
  if (how === "sum") return a + b;
  if (how === "prod") return isInt ? Math.imul(a, b) : a * b;
  return extreme(a, b, how === "amax");
}
function combineBig(a: bigint, b: bigint, how: Combine): bigint {
  if (how === "sum") return a + b;
  if (how === "prod") return a * b;
  return (how === "amax") === a > b ? a : b;
}

/** Joins element `from` of `source` to element `to` of `out`, in their dtype: integers wrap, bools are or-ed and and-ed. */
export function combineElement(out: TensorData, to: number, source: TensorData, from: number, how: Combine): void {
  const { dtype } = out.type;
  if (isBig(dtype)) {
    const data = out.data as BigInt64Array;
    data[to] = combineBig(data[to]!, source.data[from] as bigint, how);
    return;
  }
  const data = out.data as NumberCarrier;
  const given = source.data as NumberCarrier;
  if (isComplex(dtype)) {
    const [ar, ai, br, bi] = [data[2 * to]!, data[2 * to + 1]!, given[2 * from]!, given[2 * from + 1]!];
    data[2 * to] = how === "sum" ? ar + br : ar * br - ai * bi;
    data[2 * to + 1] = how === "sum" ? ai + bi : ar * bi + ai * br;
    return;
  }
  const value = combineNumbers(data[to]!, given[from]!, how, !isFloat(dtype));
  const round = roundTo(dtype);
  data[to] = round ? round(value) : value;
}
