import { type Carrier, isComplex, isFloat, sameShape, showType, type TensorData } from "@tflower/core";
import type { Tolerance } from "./tolerance.ts";
import { ulpDistance } from "./ulp.ts";

/** How two tensors differ. */
export interface Difference {
  readonly message: string;
  /** The worst element's place, where elements are what differs. */
  readonly index?: readonly number[];
}

/** What is wrong with `got` where `expected` is wanted; `undefined` when it is close enough. */
export function compareTensors(got: TensorData, expected: TensorData, t: Tolerance): Difference | undefined {
  const { type } = expected;
  if (got.type.dtype !== type.dtype || !sameShape(got.type.shape, type.shape))
    return { message: `expected ${showType(type)}, got ${showType(got.type)}` };
  if (got.data.length !== expected.data.length)
    return { message: `expected ${expected.data.length} elements for ${showType(type)}, got ${got.data.length}` };
  if (isFloat(type.dtype) || isComplex(type.dtype)) return compareFloats(got, expected, t);
  const codes = type.quant ? (t.codes ?? 0) : 0;
  const { count, worst } = integersApart(got.data, expected.data, codes);
  const beyond = codes > 0 ? ` by more than ${codes} ${codes === 1 ? "code" : "codes"}` : "";
  return count === 0
    ? undefined
    : elementDiffers(got, expected, worst, `${count} of ${got.data.length} elements differ${beyond}`);
}

function compareFloats(got: TensorData, expected: TensorData, t: Tolerance): Difference | undefined {
  const a = got.data as Float32Array;
  const b = expected.data as Float32Array;
  const { dtype } = expected.type;
  const near = (t.rtol ?? -1) * largestMagnitude(b);
  const byElement = t.ulp !== undefined || t.rtol !== undefined || t.atol !== undefined;
  let worst = -1;
  let worstUlp = -1;
  let bad = 0;
  for (let i = 0; i < b.length; i++) {
    const [x, y] = [a[i]!, b[i]!];
    if (x === y ? !(t.signedZero && !Object.is(x, y)) : Number.isNaN(x) && Number.isNaN(y)) continue;
    const finite = Number.isFinite(x) && Number.isFinite(y);
    const off = Math.abs(x - y);
    const ulp = ulpDistance(x, y, dtype);
    if (finite && x !== y && (!byElement || ulp <= (t.ulp ?? -1) || off <= near || off <= (t.atol ?? -1))) continue;
    bad++;
    if (ulp > worstUlp) {
      worst = i;
      worstUlp = ulp;
    }
  }
  if (worst >= 0)
    return elementDiffers(
      got,
      expected,
      worst,
      `${bad} of ${b.length} elements differ, the worst by ${showUlp(worstUlp)}`,
    );
  const ratio = t.db === undefined ? Infinity : signalToNoise(a, b);
  return ratio >= (t.db ?? 0)
    ? undefined
    : { message: `the signal-to-noise ratio is ${ratio.toFixed(1)} dB, wanted are ${t.db}` };
}

const showUlp = (ulp: number): string => (Number.isFinite(ulp) ? `${ulp} ULP` : "more than any number of ULP");

/** The largest finite magnitude; 0 where there is none. */
function largestMagnitude(data: ArrayLike<number>): number {
  let m = 0;
  for (let i = 0; i < data.length; i++) {
    const v = Math.abs(data[i]!);
    if (v > m && v < Infinity) m = v;
  }
  return m;
}

/** Energy of what is expected over that of the error, in decibels; elements that are not finite are left out. */
export function signalToNoise(got: ArrayLike<number>, expected: ArrayLike<number>): number {
  let signal = 0;
  let noise = 0;
  for (let i = 0; i < expected.length; i++) {
    const e = expected[i]!;
    const d = got[i]! - e;
    if (!Number.isFinite(d)) continue;
    signal += e * e;
    noise += d * d;
  }
  return noise === 0 ? Infinity : 10 * Math.log10(signal / noise);
}

/** How many integers are more than `codes` apart, and where the first of those that are farthest lies. */
function integersApart(a: Carrier, b: Carrier, codes: number): { readonly count: number; readonly worst: number } {
  let [count, worst, most] = [0, -1, 0];
  for (let i = 0; i < a.length; i++) {
    if (a[i] === b[i]) continue;
    const off = Math.abs(Number(a[i]) - Number(b[i]));
    if (codes > 0 && off <= codes) continue;
    count++;
    // without a tolerance the first difference says most
    if (worst < 0 || (codes > 0 && off > most)) [worst, most] = [i, off];
  }
  return { count, worst };
}

function elementDiffers(got: TensorData, expected: TensorData, at: number, what: string): Difference {
  const lane = isComplex(expected.type.dtype) ? Math.floor(at / 2) : at;
  const index = indexAt(lane, expected.type.shape);
  return {
    index,
    message: `${what}: at [${index.join(", ")}] expected ${show(expected.data[at]!)}, got ${show(got.data[at]!)}`,
  };
}
const show = (v: number | bigint): string => (Object.is(v, -0) ? "-0" : String(v));

function indexAt(flat: number, shape: readonly number[]): number[] {
  const index: number[] = [];
  for (let i = shape.length - 1, rest = flat; i >= 0; i--) {
    index.unshift(rest % shape[i]!);
    rest = Math.floor(rest / shape[i]!);
  }
  return index;
}
