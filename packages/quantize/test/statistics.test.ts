import { fc, test as property } from "@fast-check/vitest";
import { tensorData } from "@tflower/core";
import { describe, expect, test } from "vitest";
import {
  binEdges,
  binOf,
  JsonFormError,
  meanOf,
  meanSquareOf,
  mergeStatistics,
  mergeValues,
  noStatistics,
  parseStatistics,
  printStatistics,
  type Statistics,
  statisticsOf,
  type ValueStatistics,
} from "../src/index.ts";
import { endsByKernel, endsInScript } from "../src/statistics/ends-kernel.ts";
import { movingAverage } from "../src/statistics/moving-range.ts";
import { ValueCollector } from "../src/statistics/value-collector.ts";

const float = fc.oneof(
  { weight: 6, arbitrary: fc.float({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 }) },
  fc.float(),
  fc.constantFrom(0, -0, -1e9, -3.4028234663852886e38, 1e30, -10000, Number.NaN, Number.NEGATIVE_INFINITY),
);
const elements = fc.array(float, { maxLength: 12 });
const tensorOf = (x: readonly number[]) => tensorData("f32", [x.length / 2, 2], x);
const even = elements.map((e) => e.slice(0, e.length & ~1));
const samples = fc.array(even, { maxLength: 8 });
/** As one run over `list` sees it, its first sample being `first`. */
function run(list: readonly (readonly number[])[], first = 0): ValueStatistics {
  const c = new ValueCollector({ channels: true });
  for (const [i, e] of list.entries()) {
    c.add(tensorOf(e));
    c.endSample(first + i);
  }
  return c.statistics();
}
/** A shard without samples has seen no value. */
const of = (v: ValueStatistics, n = 1): Statistics => ({ version: 1, samples: n, values: n ? { x: v } : {} });
const exactly = ({ moving: _, ...rest }: ValueStatistics) => rest;
const value = samples.map((s) => run(s));
const statistics: fc.Arbitrary<Statistics> = fc.record({
  version: fc.constant(1 as const),
  samples: fc.nat(9),
  values: fc.dictionary(fc.constantFrom("main/x", "conv/0", "é", "__proto__"), value, { noNullPrototype: true }),
});

describe("merging", () => {
  property.prop([value, value])("does not depend on the order", (a, b) => {
    expect(mergeValues(a, b)).toEqual(mergeValues(b, a));
  });
  property.prop([value, value, value])("does not depend on the grouping", (a, b, c) => {
    expect(exactly(mergeValues(a, mergeValues(b, c)))).toEqual(exactly(mergeValues(mergeValues(a, b), c)));
  });
  property.prop([statistics])("with nothing changes nothing", (a) => {
    expect(mergeStatistics(a, noStatistics)).toEqual({ ...a, values: { ...a.values } });
  });
  property.prop([samples, fc.array(fc.nat(8), { maxLength: 4 }), fc.infiniteStream(fc.nat())])(
    "shards in any order equals one run",
    (list, cuts, stream) => {
      const at = [0, ...cuts.map((c) => c % (list.length + 1)), list.length].sort((a, b) => a - b);
      const shards = at.slice(1).map((to, i) => of(run(list.slice(at[i]!, to), at[i]!), to - at[i]!));
      const keys = shards.map(() => stream.next().value as number);
      const shuffled = shards.map((s, i) => [keys[i]!, s] as const).sort((a, b) => a[0] - b[0]);
      const merged = mergeStatistics(...shuffled.map(([, s]) => s));
      expect(Object.keys(merged.values)).toEqual(list.length ? ["x"] : []);
      if (list.length === 0) return;
      const whole = run(list);
      expect(merged.samples).toBe(list.length);
      expect(exactly(merged.values["x"]!)).toEqual(exactly(whole));
      const [a, b] = [movingAverage(merged.values["x"]!.moving), movingAverage(whole.moving)];
      expect(a === undefined).toBe(b === undefined);
      if (!a || !b) return;
      // as docs/design/quantizing.md states it
      const bound = 8 * (list.length + 1) * 2 ** -53 * Math.max(Math.abs(whole.min), Math.abs(whole.max));
      expect(Math.abs(a.min - b.min)).toBeLessThanOrEqual(bound);
      expect(Math.abs(a.max - b.max)).toBeLessThanOrEqual(bound);
    },
  );
  test("refuses statistics of different programs", () => {
    expect(() => mergeStatistics({ ...noStatistics, program: "a" }, { ...noStatistics, program: "b" })).toThrow(
      /QNT0105.*got a, b/,
    );
    expect(mergeStatistics({ ...noStatistics, program: "a" }, noStatistics).program).toBe("a");
  });
  test("has no channels where their numbers differ", () => {
    const [two, three] = [2, 3].map((n) =>
      statisticsOf(tensorData("f32", [n], [1, 2, 3].slice(0, n)), { channels: true }),
    );
    expect(two!.channels).toEqual({ min: [1, 2], max: [1, 2] });
    expect(mergeValues(two!, three!).channels).toBeUndefined();
    expect(mergeValues(two!, two!).channels).toEqual(two!.channels);
  });
});

describe("what is counted", () => {
  property.prop([elements])("is what the elements say", (x) => {
    const data = Float32Array.from(x);
    const v = statisticsOf(tensorData("f32", [x.length], x));
    const finite = [...data].filter((e) => Math.abs(e) < 2 ** 99);
    expect(v.count).toBe(finite.length);
    expect(v.extreme).toBe([...data].filter((e) => Number.isFinite(e) && Math.abs(e) >= 2 ** 99).length);
    expect(v.nonFinite).toBe([...data].filter((e) => !Number.isFinite(e)).length);
    expect(v.min).toBe(finite.length ? Math.min(...finite) + 0 : 0);
    expect(v.max).toBe(finite.length ? Math.max(...finite) + 0 : 0);
    const above = finite.filter((e) => e > -8192);
    expect(v.minAboveMasks).toBe(above.length ? Math.min(...above) + 0 : undefined);
    const sum = finite.reduce((a, b) => a + b, 0);
    expect(Math.abs(meanOf(v) * v.count - sum)).toBeLessThanOrEqual(
      1e-12 * finite.reduce((a, b) => a + Math.abs(b), 0),
    );
    const squares = finite.reduce((a, b) => a + b * b, 0);
    expect(Math.abs(meanSquareOf(v) * v.count - squares)).toBeLessThanOrEqual(1e-12 * squares);
    for (const e of finite) expect(v.histogram.bins).toContain(binOf(e));
  });
  describe("of long tensors", () => {
    const x = Float32Array.from({ length: 100_001 }, (_, i) => Math.sin(i) * 3 ** ((i % 17) - 8));
    const whole = statisticsOf(tensorData("f32", [x.length], x));
    test("is an eighth, and both ends of all", () => {
      const n = Math.floor(x.length / 1024) * 128 + 2;
      expect(whole.count).toBe(n);
      expect(whole.histogram.counts.reduce((a, b) => a + b)).toBe(n);
      expect([whole.min, whole.max]).toEqual([Math.min(...x), Math.max(...x)]);
      expect([whole.histogram.bins[0], whole.histogram.bins.at(-1)]).toEqual([binOf(whole.min), binOf(whole.max)]);
      expect(parseStatistics(printStatistics(of(whole)))).toEqual(of(whole));
      expect(statisticsOf(tensorData("f32", [x.length], x))).toEqual(whole);
    });
    test("is like the rest", () => {
      const below = (limit: number) =>
        whole.histogram.bins.reduce((n, b, i) => n + (binEdges(b).high <= limit ? whole.histogram.counts[i]! : 0), 0);
      for (const limit of [-1024, -1, -(2 ** -6), 2 ** -6, 1, 1024])
        expect(below(limit) / whole.count).toBeCloseTo(x.filter((e) => e <= limit).length / x.length, 2);
      expect(meanSquareOf(whole) / (x.reduce((a, b) => a + b * b, 0) / x.length)).toBeCloseTo(1, 1);
    });
    test.each([3, 64, 1000, 1024])("leaves out none of %i channels", (channels) => {
      const one = Float32Array.from(
        { length: channels * Math.max(1100, Math.ceil(100_000 / channels)) },
        (_, i) => 2 ** ((i % channels) % 90),
      );
      const { bins } = statisticsOf(tensorData("f32", [one.length], one)).histogram;
      expect(bins).toHaveLength(Math.min(90, channels));
      const c = channels - 1;
      const last = Float32Array.from(one, (_, i) => (i % channels === c ? 1 : 2));
      const seen = statisticsOf(tensorData("f32", [last.length], last)).histogram;
      expect((seen.counts[0]! * channels) / (seen.counts[0]! + seen.counts[1]!)).toBeCloseTo(1, 0);
    });
    test("is everything where there are masks", () => {
      const masked = Float32Array.from(x, (e, i) => (i % 2 ? e : Number.NEGATIVE_INFINITY));
      expect(statisticsOf(tensorData("f32", [x.length], masked))).toMatchObject({ count: 50_000, nonFinite: 50_001 });
    });
  });
  test.each([
    ["positive", 1],
    ["negative", -1],
  ])("has both ends of long %s tensors", (_, s) => {
    const x = Float32Array.from({ length: 40_000 }, (_, i) => s * (1 + (i % 999)));
    const v = statisticsOf(tensorData("f32", [x.length], x));
    expect([v.min, v.max]).toEqual(s > 0 ? [1, 999] : [-999, -1]);
  });
  property.prop([fc.uint8Array({ minLength: 4, maxLength: 400 }), fc.constantFrom(1, 16_384, 20_000)])(
    "has the same ends by WebAssembly as in JavaScript",
    (some, length) => {
      const few = new Int32Array(some.slice(0, some.length & ~3).buffer);
      const bits = Int32Array.from({ length: Math.max(length, few.length) }, (_, i) => few[i % few.length]!);
      expect(endsByKernel(bits)).toEqual(endsInScript(bits));
      const plain = bits.map((b) => b & 0x7fffffff);
      expect(endsByKernel(plain)).toEqual(endsInScript(plain));
      const signed = bits.map((b) => b | 0x80000000);
      expect(endsByKernel(signed)).toEqual(endsInScript(signed));
    },
  );
  test("goes on where a count of 32 bits would overflow", () => {
    const c = new ValueCollector({ spillAt: 5 });
    for (let i = 0; i < 7; i++) {
      c.add(tensorData("f32", [3], [1, 1, 2]));
      c.endSample(i);
    }
    expect(c.statistics().histogram).toEqual({ bins: [binOf(1), binOf(2)], counts: [14, 7] });
  });
  property.prop([fc.float({ noNaN: true, min: -(2 ** 99), max: 2 ** 99 })])("lies in its bin", (x) => {
    const { low, high } = binEdges(binOf(x));
    expect(low).toBeLessThanOrEqual(x);
    expect(high).toBeGreaterThanOrEqual(x);
    if (Math.abs(x) > 1e-37) expect(high - low).toBeLessThanOrEqual(Math.abs(x) / 31.9);
  });
  test("is ordered as the numbers are", () => {
    const x = [-1e9, -3, -1, -1e-20, 0, 1e-20, 1, 3, 1e9];
    expect(x.map(binOf).toSorted((a, b) => a - b)).toEqual(x.map(binOf));
  });
});

describe("the JSON form", () => {
  property.prop([statistics])("reads back", (s) => {
    expect(parseStatistics(printStatistics(s))).toEqual(s);
  });
  test("says what is wrong", () => {
    const good = statisticsOf(tensorData("f32", [2], [1, 2]));
    const text = (v: object, more: object = {}) =>
      JSON.stringify({ version: 1, samples: 1, values: { x: { ...good, ...v } }, ...more });
    expect(() => parseStatistics(text({}))).not.toThrow();
    expect(() => parseStatistics(text({ min: 3 }, { version: 2, samples: -1 }))).toThrow(JsonFormError);
    expect(() => parseStatistics(text({ min: 3 }, { version: 2, samples: -1 }))).toThrow(
      /version: expected version 1[\s\S]*samples: [\s\S]*values\.x: min must not be above max, got 3 and 2/,
    );
    expect(() => parseStatistics(text({ count: 3 }))).toThrow(/values\.x: the counts of the histogram must add up/);
    expect(() => parseStatistics(text({ min: 0.5 }))).toThrow(/must lie in the first and the last bin/);
    expect(() => parseStatistics(text({ sum: "1" }))).toThrow(/values\.x\.sum: expected a sum as "-1f3p-20", got "1"/);
    expect(() => parseStatistics(text({ sum: "10p4" }))).toThrow(/expected a sum/);
    expect(() => parseStatistics(text({ histogram: { bins: [5, 4], counts: [1, 1] } }))).toThrow(
      /expected ascending bins/,
    );
    expect(() => parseStatistics("[")).toThrow(/this is no JSON/);
    expect(() => parseStatistics("[]")).toThrow(JsonFormError);
  });
});
