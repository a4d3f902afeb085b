import { fc, test as property } from "@fast-check/vitest";
import { tensorData } from "@tflower/core";
import { describe, expect, test } from "vitest";
import {
  bodyOf,
  entropyRange,
  estimateRange,
  mergeValues,
  minMaxRange,
  movingAverageRange,
  mseRange,
  noValues,
  percentileRange,
  type RangeEstimator,
  roundingError,
  statisticsOf,
  tailRange,
} from "../src/index.ts";

const of = (x: ArrayLike<number>, index = 0) => statisticsOf(tensorData("f32", [x.length], x), { index });
const number = fc.float({ noNaN: true, noDefaultInfinity: true, min: -1000, max: 1000 }).map((x) => x + 0);
const elements = fc.array(number, { minLength: 1, maxLength: 60 });
/** Numbers of a bell shape, the same each time. */
function bell(n: number, seed = 1): Float32Array {
  let s = seed;
  const next = (): number => {
    s = (s + 0x6d2b79f5) | 0;
    let t = Math.imul(s ^ (s >>> 15), 1 | s);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (((t ^ (t >>> 14)) >>> 0) + 0.5) / 2 ** 32;
  };
  return Float32Array.from({ length: n }, () => Math.sqrt(-2 * Math.log(next())) * Math.cos(2 * Math.PI * next()));
}
const all: readonly RangeEstimator[] = [
  { kind: "minmax" },
  { kind: "minmax", margin: 0.1 },
  { kind: "tail" },
  { kind: "percentile", p: 99 },
  { kind: "mse", bits: 8 },
  { kind: "mse", bits: 8, symmetric: true },
  { kind: "mse", bits: 16, symmetric: true },
  { kind: "entropy", bits: 8 },
  { kind: "moving-average" },
];

describe.each(all)("%o", (e) => {
  property.prop([elements], { numRuns: 40 })("gives a range near the data", (x) => {
    const r = estimateRange(of(x), e)!;
    const [low, high] = [Math.min(...x), Math.max(...x)];
    const room = 0.25 * Math.max(Math.abs(low), Math.abs(high)) + 1e-6;
    expect(r.min).toBeLessThanOrEqual(r.max);
    expect(r.min).toBeGreaterThanOrEqual(low - room);
    expect(r.max).toBeLessThanOrEqual(high + room);
    if (low >= 0) expect(r.min).toBeGreaterThanOrEqual(0);
    if (high <= 0) expect(r.max).toBeLessThanOrEqual(0);
  });
  property.prop([elements, elements], { numRuns: 20 })("sees no order of shards", (x, y) => {
    const [a, b] = [of(x, 0), of(y, 1)];
    expect(estimateRange(mergeValues(a, b), e)).toEqual(estimateRange(mergeValues(b, a), e));
  });
  test("has nothing to say where nothing was seen", () => {
    expect(estimateRange(noValues, e)).toBeUndefined();
    expect(estimateRange(of([Number.NaN, Number.POSITIVE_INFINITY]), e)).toBeUndefined();
  });
  test("keeps a constant", () => {
    const r = estimateRange(of([3, 3, 3]), e)!;
    expect(r.max).toBeGreaterThanOrEqual(3 - 1e-6);
    expect(estimateRange(of([0, 0]), e)).toEqual({ min: 0, max: 0 });
  });
});

describe("estimators that do not clip", () => {
  property.prop([elements, fc.double({ min: 0, max: 0.5, noNaN: true })])("contain the data", (x, margin) => {
    const v = of(x);
    for (const r of [minMaxRange(v, { margin })!, tailRange(v)!, percentileRange(v, 100)!]) {
      expect(r.min).toBeLessThanOrEqual(Math.min(...x));
      expect(r.max).toBeGreaterThanOrEqual(Math.max(...x));
    }
    expect(minMaxRange(v)).toEqual({ min: v.min, max: v.max });
    expect(percentileRange(v, 100)).toEqual({ min: v.min, max: v.max });
  });
});

describe("percentiles", () => {
  const p = fc.double({ min: 1, max: 100, noNaN: true });
  property.prop([elements, p, p])("are monotone, and hold as much as they say", (x, a, b) => {
    const v = of(x);
    const [narrow, wide] = [Math.min(a, b), Math.max(a, b)].map((q) => percentileRange(v, q)!);
    expect(wide!.min).toBeLessThanOrEqual(narrow!.min);
    expect(wide!.max).toBeGreaterThanOrEqual(narrow!.max);
    const inside = x.filter((e) => e >= narrow!.min && e <= narrow!.max).length;
    expect(inside).toBeGreaterThanOrEqual((x.length * Math.min(a, b)) / 100 - 1e-9);
  });
  test("are refused where they are none", () => {
    expect(() => percentileRange(of([1]), 0)).toThrow(/above 0 and up to 100, got 0/);
  });
});

describe("ranges of least squared error", () => {
  property.prop([elements, fc.constantFrom(4, 8), fc.boolean()])(
    "are no worse than the whole range",
    (x, bits, symmetric) => {
      const v = of(x);
      const body = bodyOf(v)!;
      const grid = { bits, symmetric };
      expect(roundingError(body, mseRange(v, grid)!, grid)).toBeLessThanOrEqual(
        roundingError(body, { min: v.min, max: v.max }, grid),
      );
    },
  );
  test("estimate what rounding really costs", () => {
    const x = bell(20_000);
    const v = of(x);
    const r = { min: -2.5, max: 3 };
    const width = (r.max - r.min) / 255;
    let real = 0;
    for (const e of x) {
      const clipped = Math.max(r.min, Math.min(r.max, e));
      real += (e - Math.round(clipped / width) * width) ** 2;
    }
    expect(roundingError(bodyOf(v)!, r, { bits: 8 }) / real).toBeCloseTo(1, 1);
  });
  test("clip an outlier of many small numbers, with 4 bits more than with 8", () => {
    const v = of([...bell(20_000), 40]);
    const [four, eight] = [4, 8].map((bits) => mseRange(v, { bits })!);
    expect(four!.max).toBeLessThan(10);
    expect(eight!.max).toBeGreaterThan(four!.max);
  });
});

describe("ranges by entropy", () => {
  test("clip an outlier", () => {
    const v = of([...bell(20_000), 40]);
    expect(entropyRange(v, 8)!.max).toBeLessThan(10);
    expect(entropyRange(v, 8)!.max).toBeGreaterThan(2);
    expect(entropyRange(v, 16)).toEqual({ min: v.min, max: v.max });
  });
  test("keep what is evenly spread", () => {
    const v = of(Float32Array.from({ length: 20_000 }, (_, i) => (i / 20_000) * 6));
    expect(entropyRange(v, 8)!.max).toBeGreaterThan(5.5);
  });
});

describe("tails", () => {
  test("of bells reach what ten times as much data has", () => {
    const ends = Array.from({ length: 20 }, (_, seed) => tailRange(of(bell(20_000, seed)))!).flatMap((r) => [
      r.max,
      -r.min,
    ]);
    // the greatest of 200 000 normally distributed numbers is 4.5 on average; the rate of decay is known from 20 elements, to 22 %
    for (const end of ends) expect(Math.abs(end - 4.5)).toBeLessThan(1.2);
    expect(Math.abs(ends.reduce((a, b) => a + b, 0) / ends.length - 4.5)).toBeLessThan(0.2);
  });
  test("grow with the amount of data, up to a limit", () => {
    const v = of(bell(20_000, 7));
    expect(tailRange(v, { times: 100 })!.max).toBeGreaterThan(tailRange(v, { times: 2 })!.max);
    expect(tailRange(v, { times: 1e9, most: 0.1 })!.max).toBeCloseTo(v.max * 1.1, 5);
  });
  test("end where elements gather", () => {
    const v = of(bell(20_000).map((e) => Math.max(0, Math.min(1, e))));
    expect(tailRange(v)).toEqual({ min: 0, max: 1 });
  });
});

describe("masks", () => {
  const scores = bell(1000).map((e) => 10 * e);
  test.each([
    ["minus infinity", Number.NEGATIVE_INFINITY],
    ["the lowest float", -3.4028234663852886e38],
    ["-1e30", -1e30],
    ["-1e9", -1e9],
    ["-65504", -65504],
    ["-10000", -10000],
  ])("of %s, added to scores, enter no range", (_, m) => {
    const x = scores.map((e, i) => (i % 3 === 0 ? e + m : e));
    const kept = x.filter((e) => e > -9000);
    const v = of(x);
    const r = minMaxRange(v)!;
    expect(r).toEqual({ min: Math.min(...kept), max: Math.max(...kept) });
    expect(bodyOf(v)!.masked).toBe(x.length - kept.length);
    for (const e of all.filter((e) => e.kind !== "moving-average"))
      expect(estimateRange(v, e)!.min).toBeGreaterThan(-50);
  });
  test("are not what few elements reach, nor what others come near", () => {
    expect(minMaxRange(of([...bell(5000), -20_000]))!.min).toBe(-20_000);
    const wide = Float32Array.from({ length: 100 }, (_, i) => -1000 * i);
    expect(minMaxRange(of(wide))).toEqual({ min: -99_000, max: 0 });
    expect(minMaxRange(of([-1e9, -1e9]))).toEqual({ min: -1e9, max: -1e9 });
  });
});

test("a moving average is that of the samples in their order", () => {
  const samples = [
    [-1, 2],
    [-3, 1],
    [0, 10],
  ];
  const merged = [2, 0, 1].map((i) => of(samples[i]!, i)).reduce(mergeValues);
  let [min, max] = samples[0] as [number, number];
  for (const [low, high] of samples.slice(1) as [number, number][]) {
    min = 0.95 * min + 0.05 * low;
    max = 0.95 * max + 0.05 * high;
  }
  const r = movingAverageRange(merged)!;
  expect(r.min).toBeCloseTo(min, 14);
  expect(r.max).toBeCloseTo(max, 14);
  expect(merged.moving).toHaveLength(1);
});
