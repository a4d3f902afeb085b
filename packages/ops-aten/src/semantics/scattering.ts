import { invalid, isBig, isFloat, isInteger, type TensorData, tensorData } from "@tflower/core";
import { type Combine, combineElement } from "./accumulate.ts";
import { copied, copyElement } from "./views.ts";

/** One element that is written: where to, and which element of the source. */
export type Write = (each: (to: number, from: number) => void) => void;

/** `self` with elements of `source` written where `writes` says; the last one stays. */
export function overwrite(self: TensorData, source: TensorData, writes: Write): TensorData {
  const out = copied(self);
  writes((to, from) => copyElement(source, from, out, to));
  return out;
}
/** `self` with elements of `source` joined to those that are there. */
export function combine(self: TensorData, source: TensorData, how: Combine, writes: Write): TensorData {
  const out = copied(self);
  writes((to, from) => combineElement(out, to, source, from, how));
  return out;
}

/** How several elements written to one place, and the one that is there, become one. */
export type Reduction = Combine | "mean";
const names: Readonly<Record<string, Reduction>> = {
  sum: "sum",
  add: "sum",
  prod: "prod",
  multiply: "prod",
  mean: "mean",
  amax: "amax",
  amin: "amin",
};
/** The reduction that PyTorch calls `name`. */
export const reductionOf = (name: string): Reduction =>
  names[name] ?? invalid(`reduce must be one of ${Object.keys(names).join(", ")}, got "${name}"`);

/** {@link combine} with any reduction; without `includeSelf`, elements that are written do not count what was there. */
export function reduceInto(
  self: TensorData,
  source: TensorData,
  reduction: Reduction,
  includeSelf: boolean,
  writes: Write,
): TensorData {
  const out = copied(self);
  const { dtype } = self.type;
  const seen = new Map<number, number>();
  writes((to, from) => {
    const before = seen.get(to) ?? (includeSelf ? 1 : 0);
    if (before === 0) copyElement(source, from, out, to);
    else combineElement(out, to, source, from, reduction === "mean" ? "sum" : reduction);
    seen.set(to, before + 1);
  });
  if (reduction !== "mean") return out;
  for (const [at, count] of seen) {
    const one = out.data[at]!;
    // an integer mean rounds down
    if (isBig(dtype)) (out.data as BigInt64Array)[at] = floorDiv(one as bigint, BigInt(count));
    else if (isInteger(dtype)) (out.data as Int32Array)[at] = Math.floor((one as number) / count);
    else if (isFloat(dtype)) copyElement(tensorData(dtype, [1], [(one as number) / count]), 0, out, at);
    else invalid(`has no mean of ${dtype}`);
  }
  return out;
}
const floorDiv = (a: bigint, b: bigint): bigint => a / b - (a % b < 0n ? 1n : 0n);
