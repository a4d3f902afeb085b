import { allocate, type NumberCarrier, type TensorData, wrap } from "@tflower/core";
import { extentsOf } from "../axes.ts";
import { roundHalfEven } from "../functions.ts";
import { clampCode, type Grid, gridOf } from "./codes.ts";
import { multiplierOf, roundAway, scaleTwice } from "./fixed-point.ts";
import { interpolated, sampled } from "./look-up.ts";
import type { EvaluateQuantized } from "./quantized-kernel.ts";

const f = Math.fround;
type Row = ArrayLike<number>;
/** Writes the codes of one row. */
type RowRule = (row: Row, max: number, put: (i: number, code: number) => void) => void;

/** An op on the rows along the last axis. */
const rows =
  (rule: (from: Grid, to: Grid, attrs: Readonly<Record<string, unknown>>) => RowRule | undefined): EvaluateQuantized =>
  ({ input }, attrs, [type]) => {
    const x = input as TensorData;
    const [from, to] = [gridOf(x.type), gridOf(type)];
    if (!from || !to || from.dtype !== to.dtype) return undefined;
    const apply = rule(from, to, attrs);
    if (!apply) return undefined;
    const n = extentsOf(x).at(-1) ?? 1;
    const codes = x.data as NumberCarrier;
    const out = allocate(to.dtype, codes.length) as NumberCarrier;
    for (let at = 0; at < codes.length; at += n) {
      const row = codes.subarray(at, at + n);
      let max = -Infinity;
      for (let i = 0; i < n; i++) max = Math.max(max, row[i]!);
      apply(row, max, (i, code) => {
        out[at + i] = clampCode(code, to.low, to.high);
      });
    }
    return wrap(type!, out);
  };

/** Exponentials of the 256 differences between bytes, in single precision. */
function exponentials(scale: number): (difference: number) => number {
  const table = Float32Array.from({ length: 256 }, (_, d) => Math.exp(f(-scale * d)));
  return (difference) => table[difference]!;
}

/** Of bytes: exponentials from a table, sums in single precision. */
function softmax8(from: Grid, to: Grid, beta: number): RowRule {
  const exp = exponentials(f(from.scale * beta));
  return (row, max, put) => {
    let sum = 0;
    for (let i = 0; i < row.length; i++) sum = f(sum + exp(max - row[i]!));
    const inverse = f(1 / f(sum * to.scale));
    for (let i = 0; i < row.length; i++) {
      const p = f(exp(max - row[i]!) * inverse);
      put(i, to.dtype === "u8" ? Math.trunc(f(p + 0.5)) : roundAway(p) + to.zero);
    }
  };
}

const exact = (x: number): number => x;
const unit = 2 / 65535;
const expTable = (): Int16Array =>
  sampled(Math.exp, { min: (10 / 65535) * -65535, max: 0 }, { min: unit * -32768, max: unit * 32767 }, exact);
const inverseTable = (): Int16Array =>
  sampled((x) => 1 / (1 + x), { min: 0, max: (1 / 65535) * 65535 }, { min: unit * -32768, max: unit * 32767 }, exact);
let tables: { readonly exp: (code: number) => number; readonly inverse: (code: number) => number } | undefined;

/** Of 16-bit integers: both the exponential and the reciprocal of the sum come from tables of 513 entries. */
function softmax16(from: Grid, beta: number): RowRule {
  tables ??= { exp: interpolated(expTable()), inverse: interpolated(inverseTable()) };
  const { exp, inverse } = tables;
  const m = multiplierOf(f(from.scale * beta) / (10 / 65535));
  const word = (x: number): number => clampCode(x, -32768, 32767);
  return (row, max, put) => {
    const exps = Array.from(row, (v) => exp(word(scaleTwice(v - max, m) + 32767)));
    const sum = exps.reduce((a, b) => a + b, 0);
    const headroom = Math.clz32(sum);
    const shifted = Math.floor((sum * 2 ** (headroom - 1) + 2 ** 13) / 2 ** 14);
    const factor = inverse(word(shifted - 2 ** 15 - 2 ** 16));
    const shift = 31 - headroom;
    exps.forEach((e, i) => {
      put(i, clampCode(Math.floor((e * factor + 2 ** (shift - 1)) / 2 ** shift), 0, 32767));
    });
  };
}

export const softmaxCodes = rows((from, to, attrs) => {
  const beta = f(attrs["beta"] as number);
  return from.dtype === "i16" ? softmax16(from, beta) : softmax8(from, to, beta);
});

/** Of bytes: as the softmax of bytes, and its logarithm taken from the sum. */
export const logSoftmaxCodes = rows((from, to) => {
  if (from.dtype === "i16") return undefined;
  const exp = exponentials(from.scale);
  const scale = f(from.scale / to.scale);
  return (row, max, put) => {
    let sum = 0;
    for (let i = 0; i < row.length; i++) sum = f(sum + exp(max - row[i]!));
    const offset = f(f(f(from.scale * max) + f(Math.log(sum))) / to.scale);
    for (let i = 0; i < row.length; i++) put(i, roundHalfEven(f(f(scale * row[i]!) - offset)) + to.zero);
  };
});
