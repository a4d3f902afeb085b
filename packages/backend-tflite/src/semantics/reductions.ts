import {
  allocate,
  countOf,
  type DType,
  isBig,
  isFloat,
  isInteger,
  roundTo,
  rowMajorStrides,
  staticShape,
  type TensorData,
  type TensorType,
  wrap,
} from "@tflower/core";
import { extentsOf } from "./axes.ts";
import { eachLine } from "./broadcast.ts";
import { largerOf, smallerOf } from "./integers.ts";

type Fold = (sum: number, x: number) => number;
/** How elements are folded. Functions see bigints, at run time, where elements are 64-bit integers. */
export interface Reduction {
  /** What an empty reduction gives; by dtype. */
  readonly start: (dtype: DType) => number | bigint;
  readonly fold: (dtype: DType) => Fold;
  readonly finish?: (dtype: DType, sum: number, count: number) => number;
}

const lowest = (d: DType): number | bigint =>
  isFloat(d) ? -Infinity : d === "i64" ? -(2n ** 63n) : d === "bool" ? 0 : intRange(d)[0];
const highest = (d: DType): number | bigint =>
  isFloat(d) ? Infinity : d === "i64" ? 2n ** 63n - 1n : d === "bool" ? 1 : intRange(d)[1];
function intRange(d: DType): readonly [number, number] {
  const [kind, bits] = [d[0], Number(d.slice(1))];
  return kind === "u" ? [0, 2 ** bits - 1] : [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1];
}
const number = (d: DType, v: number): number | bigint => (isBig(d) ? BigInt(v) : v);
const wide = (f: unknown): Fold => f as Fold;

export const reductions = {
  sum: {
    start: (d) => number(d, 0),
    fold: (d) => (isBig(d) ? wide((s: bigint, x: bigint) => BigInt.asIntN(64, s + x)) : (s, x) => s + x),
  },
  mean: {
    start: (d) => number(d, 0),
    fold: (d) => (isBig(d) ? wide((s: bigint, x: bigint) => s + x) : (s, x) => s + x),
    finish: (d, s, n) =>
      isBig(d)
        ? (((s as unknown as bigint) / BigInt(n)) as unknown as number)
        : isInteger(d)
          ? Math.trunc(s / n)
          : s / n,
  },
  product: {
    start: (d) => number(d, 1),
    fold: (d) =>
      isBig(d) ? wide((s: bigint, x: bigint) => BigInt.asIntN(64, s * x)) : isFloat(d) ? (s, x) => s * x : Math.imul,
  },
  max: { start: lowest, fold: () => largerOf },
  min: { start: highest, fold: () => smallerOf },
  /** As {@link max}, but nothing at all gives a number that is finite: what C++ calls lowest. */
  finiteMax: { start: (d) => (d === "f32" ? -3.4028234663852886e38 : lowest(d)), fold: () => largerOf },
  finiteMin: { start: (d) => (d === "f32" ? 3.4028234663852886e38 : highest(d)), fold: () => smallerOf },
  any: { start: () => 0, fold: () => (s, x) => s | x },
  all: { start: () => 1, fold: () => (s, x) => s & x },
} as const satisfies Readonly<Record<string, Reduction>>;

/** Folds `x` over `axes`; sums of floats are kept in double precision. */
export function reduceAxes(type: TensorType, x: TensorData, axes: readonly number[], rule: Reduction): TensorData {
  const { dtype } = x.type;
  const shape = extentsOf(x);
  const kept = shape.map((d, i) => (axes.includes(i) ? 1 : d));
  const into = rowMajorStrides(kept).map((s, i) => (axes.includes(i) ? 0 : s));
  const sums = isBig(dtype) ? new BigInt64Array(countOf(kept)) : new Float64Array(countOf(kept));
  sums.fill(rule.start(dtype) as never);
  const acc = sums as Float64Array;
  const from = x.data as Float32Array;
  const fold = rule.fold(dtype);
  eachLine(shape, [into], (i, n, [at], [step]) => {
    for (let k = 0, o = at!; k < n; k++, o += step!) acc[o] = fold(acc[o]!, from[i + k]!);
  });
  const out = allocate(type.dtype, countOf(staticShape(type.shape)));
  const count = axes.reduce((n, a) => n * shape[a]!, 1);
  const round = roundTo(type.dtype) ?? ((v: number) => v);
  for (let i = 0; i < out.length; i++) {
    const s = rule.finish ? rule.finish(dtype, acc[i]!, count) : acc[i]!;
    (out as Float32Array)[i] = isBig(dtype) ? s : round(s);
  }
  return wrap(type, out);
}

/** Running sums along `axis`. */
export function cumulate(
  type: TensorType,
  x: TensorData,
  axis: number,
  exclusive: boolean,
  reverse: boolean,
): TensorData {
  const shape = extentsOf(x);
  const n = shape[axis]!;
  const inner = countOf(shape.slice(axis + 1));
  const outer = countOf(shape.slice(0, axis));
  const out = allocate(type.dtype, x.data.length);
  const to = out as Float32Array;
  const from = x.data as Float32Array;
  const zero = number(type.dtype, 0) as number;
  for (let o = 0; o < outer; o++)
    for (let i = 0; i < inner; i++) {
      let s = zero;
      for (let k = 0; k < n; k++) {
        const at = (o * n + (reverse ? n - 1 - k : k)) * inner + i;
        if (exclusive) to[at] = s;
        s += from[at]!;
        if (!exclusive) to[at] = s;
      }
    }
  return wrap(type, out);
}

/** Where the first largest (or smallest) element along `axis` lies. */
export function argBest(
  type: TensorType,
  x: TensorData,
  axis: number,
  better: (a: number, b: number) => boolean,
): TensorData {
  const shape = extentsOf(x);
  const n = shape[axis]!;
  const inner = countOf(shape.slice(axis + 1));
  const out = allocate(type.dtype, countOf(staticShape(type.shape)));
  const from = x.data as Float32Array;
  const big = isBig(type.dtype);
  for (let i = 0; i < out.length; i++) {
    const at = Math.floor(i / inner) * n * inner + (i % inner);
    let best = 0;
    for (let k = 1; k < n; k++) if (better(from[at + k * inner]!, from[at + best * inner]!)) best = k;
    out[i] = (big ? BigInt(best) : best) as never;
  }
  return wrap(type, out);
}
