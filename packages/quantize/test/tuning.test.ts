import { fc, test as property } from "@fast-check/vitest";
import { type TensorData, tensorData, type WindowsOf } from "@tflower/core";
import { describe, expect, test } from "vitest";
import { costOf, feedbackOf, withoutFeedback } from "../src/tuning/feedback.ts";
import type { LayerShape } from "../src/tuning/layer.ts";
import { errorIn, metricsOf } from "../src/tuning/metric.ts";
import { addMoments, addPatch, type Moments, meansOf, mirror, noMoments } from "../src/tuning/moments.ts";
import { eachPatch, randomNumbers } from "../src/tuning/patches.ts";
import { tuneHalves } from "../src/tuning/tune-halves.ts";
import { tuneLayer } from "../src/tuning/tune-layer.ts";
import { type RowOptions, tuneRow } from "../src/tuning/tune-row.ts";

const rowsOf = (rows: number, columns: number): LayerShape => ({
  groups: 1,
  rows,
  columns,
  patch: columns,
  columnOf: (_, i) => i,
  weightAt: (_, m, i) => m * columns + i,
});

/** Patches whose elements depend on one another, and have means. */
function patches(seed: number, count: number, columns: number): readonly Float32Array[] {
  const random = randomNumbers(seed);
  const normal = (): number => random() + random() + random() + random() - 2;
  const mix = Array.from({ length: 3 }, () => Float32Array.from({ length: columns }, normal));
  return Array.from({ length: count }, () => {
    const z = mix.map(() => normal() + 0.7);
    return Float32Array.from({ length: columns }, (_, i) => mix.reduce((s, m, k) => s + m[i]! * z[k]!, 0.3 * normal()));
  });
}
function momentsOf(shape: LayerShape, all: readonly Float32Array[]): Moments {
  const m = noMoments(shape);
  for (const p of all) addPatch(m, shape, p);
  mirror(m);
  return m;
}
const weights = (seed: number, count: number): Float64Array => {
  const random = randomNumbers(seed + 77);
  return Float64Array.from({ length: count }, () => random() + random() - 1);
};
const seeds = fc.integer({ min: 0, max: 10000 });
const options = fc.record<RowOptions>({
  dtype: fc.constantFrom("i8", "i4"),
  feedback: fc.boolean(),
  leastScale: fc.constantFrom(1, 0.6),
});

describe("what an error costs", () => {
  property.prop([seeds, fc.integer({ min: 1, max: 12 })], { numRuns: 30 })(
    "is the same by products and by factors",
    (seed, n) => {
      const shape = rowsOf(1, n);
      const [pieces] = metricsOf(momentsOf(shape, patches(seed, 20, n)), shape, { shrink: 0.1, centered: true });
      const e = weights(seed, n);
      const direct = errorIn(pieces!, e);
      expect(costOf(pieces!.map(feedbackOf), (i) => e[i]!)).toBeCloseTo(direct, 9);
    },
  );
  test("is the mean square of what comes out, where nothing is left out", () => {
    const shape = rowsOf(1, 6);
    const all = patches(3, 50, 6);
    const [pieces] = metricsOf(momentsOf(shape, all), shape, { shrink: 0, centered: false, doubt: 0 });
    const e = weights(3, 6);
    const outs = all.map((p) => p.reduce((s, x, i) => s + x * e[i]!, 0));
    const square = outs.reduce((s, x) => s + x * x, 0) / outs.length;
    expect(errorIn(pieces!, e) / square).toBeCloseTo(1, 3);
  });
});

describe("moments", () => {
  test("of parts add up", () => {
    const shape = rowsOf(1, 5);
    const all = patches(9, 40, 5);
    const whole = momentsOf(shape, all);
    const sum = addMoments(momentsOf(shape, all.slice(0, 13)), momentsOf(shape, all.slice(13)));
    expect(sum.rows).toBe(whole.rows);
    for (const [i, x] of sum.pieces[0]!.products.entries()) expect(x).toBeCloseTo(whole.pieces[0]!.products[i]!, 9);
  });
  test("of a wide layer are those of columns near each other", () => {
    const sizes = noMoments(rowsOf(1, 1100)).pieces.map((p) => [p.from, p.size]);
    expect(sizes).toEqual([
      [0, 366],
      [366, 367],
      [733, 367],
    ]);
  });
});

describe("rounding a row", () => {
  property.prop([seeds, fc.integer({ min: 1, max: 24 }), options], { numRuns: 60 })(
    "never costs more than the nearest codes",
    (seed, n, o) => {
      const shape = rowsOf(1, n);
      const metrics = metricsOf(momentsOf(shape, patches(seed, 40, n)), shape, { shrink: 0.05, centered: false })[0]!;
      const pieces = metrics.map(o.feedback ? feedbackOf : withoutFeedback);
      const w = weights(seed, n);
      const got = tuneRow(w, pieces, o);
      const nearest = tuneRow(w, pieces, { ...o, feedback: false, leastScale: 1 });
      expect(got.error).toBeLessThanOrEqual(nearest.error * (1 + 1e-9));
      const cost = costOf(pieces, (i) => w[i]! - got.codes[i]! * got.scales[0]!);
      expect(Math.abs(cost - got.error)).toBeLessThanOrEqual(1e-6 * Math.max(cost, 1e-9));
      const [low, high] = o.dtype === "i8" ? [-127, 127] : [-8, 7];
      expect(got.codes.every((q) => Number.isInteger(q) && q >= low && q <= high)).toBe(true);
    },
  );
  property.prop([seeds], { numRuns: 20 })("in blocks has scales that a file can hold", (seed) => {
    const shape = rowsOf(1, 64);
    const [pieces] = metricsOf(momentsOf(shape, patches(seed, 80, 64)), shape, { shrink: 0.1, centered: false });
    const got = tuneRow(weights(seed, 64), pieces!.map(feedbackOf), {
      dtype: "i4",
      block: 32,
      feedback: true,
      leastScale: 0.6,
    });
    expect(got.scales.length).toBe(2);
    for (const s of got.scales) expect(new Uint32Array(Float32Array.of(s).buffer)[0]! & 0xffff).toBe(0);
  });
  test("makes up for errors where columns go together", () => {
    const shape = rowsOf(1, 32);
    const [metrics] = metricsOf(momentsOf(shape, patches(5, 400, 32)), shape, { shrink: 0.01, centered: true });
    const pieces = metrics!.map(feedbackOf);
    const w = weights(5, 32);
    const o = { dtype: "i4", leastScale: 1 } as const;
    const [plain, tuned] = [false, true].map((feedback) => tuneRow(w, pieces, { ...o, feedback }).error);
    expect(tuned!).toBeLessThan(plain! / 4);
  });
  property.prop([seeds], { numRuns: 20 })("to float16 costs no more than the nearest", (seed) => {
    const shape = rowsOf(1, 10);
    const [metrics] = metricsOf(momentsOf(shape, patches(seed, 40, 10)), shape, { shrink: 0.05, centered: false });
    const pieces = metrics!.map(feedbackOf);
    const w = weights(seed, 10);
    const { values, error } = tuneHalves(w, pieces);
    expect(values.every((x) => new Float32Array([x])[0] === x)).toBe(true);
    expect(error).toBeLessThanOrEqual(costOf(pieces, (i) => w[i]! - Math.fround(values[i]!)) * (1 + 1e-9));
  });
});

describe("a layer", () => {
  const shape = rowsOf(6, 20);
  const all = patches(21, 600, 20);
  const halves = [momentsOf(shape, all.slice(0, 300)), momentsOf(shape, all.slice(300))] as const;
  const w = Float32Array.from(weights(21, 120));
  const outputsOff = (values: ArrayLike<number>, correction?: ArrayLike<number>) =>
    Array.from({ length: 6 }, (_, m) => {
      const errors = all.map((p) =>
        p.reduce((s, x, i) => s + x * (w[m * 20 + i]! - values[m * 20 + i]!), -(correction?.[m] ?? 0)),
      );
      return {
        mean: errors.reduce((a, b) => a + b, 0) / errors.length,
        square: errors.reduce((a, b) => a + b * b, 0) / errors.length,
      };
    });

  test("with a corrected bias is off by nothing on average", () => {
    const tuned = tuneLayer({ shape }, w, { dtype: "i4", granularity: "channel" }, halves, {
      rounding: "gptq",
      biasCorrection: true,
    });
    expect(tuned.correction).toBeDefined();
    for (const { mean, square } of outputsOff(tuned.values, tuned.correction))
      expect(Math.abs(mean)).toBeLessThan(1e-3 * Math.sqrt(square) + 1e-6);
  });
  test("comes out better on patches that it was not rounded by", () => {
    const tuned = tuneLayer({ shape }, w, { dtype: "i4", granularity: "channel" }, halves, {
      rounding: "gptq",
      biasCorrection: false,
    });
    expect(tuned.shrink).toBeLessThan(1);
    expect(tuned.after).toBeLessThan(tuned.before / 2);
    expect(tuned.values.every((v, i) => v === Math.fround(tuned.codes![i]! * tuned.scales![Math.floor(i / 20)]!))).toBe(
      true,
    );
  });
  test("is the same every time", () => {
    const run = () =>
      tuneLayer({ shape }, w, { dtype: "i8", granularity: "channel" }, halves, {
        rounding: "gptq",
        biasCorrection: true,
      });
    expect(run()).toEqual(run());
  });
  test("of which nothing is known keeps the nearest codes", () => {
    const nothing = [noMoments(shape), noMoments(shape)] as const;
    const tuned = tuneLayer({ shape }, w, { dtype: "i8", granularity: "channel" }, nothing, {
      rounding: "gptq",
      biasCorrection: true,
    });
    expect(tuned.correction).toBeUndefined();
    for (const [i, v] of tuned.values.entries())
      expect(Math.abs(v - w[i]!)).toBeLessThanOrEqual(tuned.scales![Math.floor(i / 20)]! * 0.501);
  });
});

describe("patches", () => {
  const image: TensorData = tensorData(
    "f32",
    [1, 3, 4, 2],
    Array.from({ length: 24 }, (_, i) => i + 1),
  );
  const windows: WindowsOf = { kernel: [2, 3], stride: [2, 1], dilation: [1, 1], before: [0, 1], count: [2, 4] };
  test("are windows, with zeros beside the image", () => {
    const seen: number[][] = [];
    eachPatch(image, 12, windows, 100, 0, (p) => seen.push([...p]));
    expect(seen.length).toBe(8);
    expect(seen[0]).toEqual([0, 0, 1, 2, 3, 4, 0, 0, 9, 10, 11, 12]);
    // the second row of windows hangs over the lower edge
    expect(seen[5]).toEqual([17, 18, 19, 20, 21, 22, 0, 0, 0, 0, 0, 0]);
    expect(meansOf({ rows: 2, sums: Float64Array.of(1, 4), pieces: [] })).toEqual(Float64Array.of(0.5, 2));
  });
  test("are spread over all there are, the same each time", () => {
    const x = tensorData(
      "f32",
      [100, 2],
      Array.from({ length: 200 }, (_, i) => i),
    );
    const take = (): number[] => {
      const out: number[] = [];
      eachPatch(x, 2, undefined, 10, 4, (p) => out.push(p[0]!));
      return out;
    };
    const got = take();
    expect(got).toEqual(take());
    expect(got.map((v) => Math.floor(v / 20))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });
});
