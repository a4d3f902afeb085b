import { fc, test as property } from "@fast-check/vitest";
import { tensorData } from "@tflower/core";
import { describe, expect, test } from "vitest";
import {
  collectStatistics,
  type Executor,
  JsonFormError,
  mergeStatistics,
  noStatistics,
  parseStatistics,
  printStatistics,
  type Statistics,
  statisticsOf,
} from "../src/index.ts";

const elements = fc.array(fc.double({ noDefaultInfinity: false, noNaN: false }), { maxLength: 8 });
const value = elements.map((e) => statisticsOf(e));
const statistics: fc.Arbitrary<Statistics> = fc.record({
  version: fc.constant(1 as const),
  samples: fc.nat(9),
  values: fc.dictionary(fc.constantFrom("x", "conv/0", "é"), value, { noNullPrototype: true }),
});
/** Zero has two signs, which no range tells apart. */
const plain = (s: Statistics): unknown => JSON.parse(JSON.stringify(s));

describe("merging", () => {
  property.prop([statistics, statistics])("does not depend on the order", (a, b) => {
    expect(plain(mergeStatistics(a, b))).toEqual(plain(mergeStatistics(b, a)));
  });
  property.prop([statistics, statistics, statistics])("does not depend on the grouping", (a, b, c) => {
    expect(plain(mergeStatistics(a, mergeStatistics(b, c)))).toEqual(plain(mergeStatistics(mergeStatistics(a, b), c)));
  });
  property.prop([statistics])("with nothing changes nothing", (a) => {
    expect(mergeStatistics(a, noStatistics)).toEqual(a);
  });
  property.prop([elements, elements])("says what the elements together say", (a, b) => {
    const of = (e: readonly number[]): Statistics => ({ version: 1, samples: 1, values: { x: statisticsOf(e) } });
    expect(plain(mergeStatistics(of(a), of(b)))).toEqual(plain({ ...of([...a, ...b]), samples: 2 }));
  });
});

test("ranges are of finite numbers", () => {
  expect(statisticsOf([3, Number.NaN, -2, Number.POSITIVE_INFINITY])).toEqual({
    min: -2,
    max: 3,
    count: 2,
    nonFinite: 2,
  });
  expect(statisticsOf([Number.NaN])).toEqual({ min: 0, max: 0, count: 0, nonFinite: 1 });
});

describe("the JSON form", () => {
  property.prop([statistics])("reads back", (s) => {
    expect(parseStatistics(printStatistics(s))).toEqual(plain(s));
  });
  test("says what is wrong", () => {
    const text = JSON.stringify({ version: 2, samples: -1, values: { x: { min: 2, max: 1, count: 3, nonFinite: 0 } } });
    expect(() => parseStatistics(text)).toThrow(JsonFormError);
    expect(() => parseStatistics(text)).toThrow(
      /version: expected version 1[\s\S]*samples: [\s\S]*values\.x: min must not be above max/,
    );
    expect(() => parseStatistics("[")).toThrow(/this is no JSON/);
  });
});

test("an executor's values are gathered over all samples", async () => {
  let disposed = 0;
  const executor: Executor = {
    async run([x], observe) {
      observe("x", x!);
      observe(
        "twice",
        tensorData(
          "f32",
          [2],
          Array.from(x!.data as Float32Array, (v) => 2 * v),
        ),
      );
      observe("index", tensorData("i32", [1], [7]));
    },
    async dispose() {
      disposed++;
    },
  };
  const samples = [[tensorData("f32", [2], [1, -3])], [tensorData("f32", [2], [0.5, 4])]];
  expect(await collectStatistics(executor, samples)).toEqual({
    version: 1,
    samples: 2,
    values: { twice: { min: -6, max: 8, count: 4, nonFinite: 0 }, x: { min: -3, max: 4, count: 4, nonFinite: 0 } },
  });
  // whoever brought it lets go of it
  expect(disposed).toBe(0);
});
