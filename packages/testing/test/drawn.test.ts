import { countOf, operand, type TensorData, tensor } from "@tflower/core";
import { aten } from "@tflower/ops-aten";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { applications, attributes, broadcastShapes, drawn, shapes, tensors } from "../src/index.ts";
import { squarePlus } from "./lowerings.ts";

const minimal = <T>(arbitrary: fc.Arbitrary<T>, bad: (v: T) => boolean): T => {
  const { counterexample } = fc.check(
    fc.property(arbitrary, (v) => !bad(v)),
    { seed: 1, numRuns: 1000 },
  );
  expect(counterexample).not.toBeNull();
  return counterexample![0]!;
};

describe("drawn", () => {
  const lists = drawn((choose) => {
    const out: number[] = [];
    while (out.length < 30 && choose.maybe(0.9)) out.push(choose.between(0, 1000));
    return out;
  });
  test("the same seed gives the same values", () => {
    expect(fc.sample(lists, { seed: 5, numRuns: 20 })).toEqual(fc.sample(lists, { seed: 5, numRuns: 20 }));
    expect(fc.sample(lists, { seed: 5, numRuns: 20 })).not.toEqual(fc.sample(lists, { seed: 6, numRuns: 20 }));
  });
  test("shrinking ends small", () => {
    expect(minimal(lists, (l) => l.some((v) => v >= 123))).toEqual([123]);
    expect(minimal(lists, (l) => l.length >= 4)).toEqual([0, 0, 0, 0]);
  });
  test("what is discarded is never seen, and its absence is said", () => {
    const even = drawn((choose) => {
      const v = choose.below(100);
      return v % 2 ? choose.discard() : v;
    });
    fc.assert(fc.property(even, (v) => v % 2 === 0));
    expect(() => fc.sample(drawn((choose) => choose.discard(), "unicorn"))).toThrow(
      /no unicorn was found in 500 attempts/,
    );
  });
  test("any error but a discard comes through", () => {
    expect(() => fc.sample(drawn(() => JSON.parse("{")))).toThrow(SyntaxError);
  });
});

describe("tensors", () => {
  const sample = (dtype: "f32" | "i64" | "u8"): readonly TensorData[] =>
    fc.sample(tensors(tensor(dtype, [16])), { seed: 2, numRuns: 200 });
  test("hold special values", () => {
    const seen = sample("f32").flatMap((t) => [...(t.data as Float32Array)]);
    for (const v of [Number.NaN, Infinity, -Infinity, -0, 2 ** -149, 3.4028234663852886e38])
      expect(
        seen.some((x) => Object.is(x, v)),
        String(v),
      ).toBe(true);
    expect(seen.filter((v) => v !== 0 && Math.abs(v) < 2 ** -126).length).toBeGreaterThan(5);
    expect(new Set(seen.filter((v) => Math.abs(v) < 4)).size).toBeGreaterThan(500);
    const big = sample("i64").flatMap((t) => [...(t.data as BigInt64Array)]);
    for (const v of [2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n + 1n]) expect(big).toContain(v);
    expect(sample("u8").every((t) => (t.data as Uint8Array).every((v) => v >= 0 && v <= 255))).toBe(true);
  });
  test("keep to a range", () => {
    fc.assert(
      fc.property(tensors({ dtypes: ["f32", "i32"], values: { min: 2, max: 5 } }), (t) =>
        Array.from(t.data as Float32Array).every((v) => v >= 2 && v <= 5),
      ),
    );
  });
  test("finite is finite", () => {
    fc.assert(
      fc.property(tensors({ dtypes: ["f32"], values: "finite" }), (t) =>
        (t.data as Float32Array).every(Number.isFinite),
      ),
    );
  });
  test("shrink to zeros and one culprit", () => {
    const t = minimal(tensors({ dtypes: ["f32"], minRank: 1 }), (x) =>
      (x.data as Float32Array).some((v) => Number.isNaN(v)),
    );
    expect([...(t.data as Float32Array)]).toEqual([Number.NaN]);
  });
});

describe("shapes", () => {
  test("axes are independent, ranks go down to 0, extents are odd and even", () => {
    const all = fc.sample(shapes(), { seed: 3, numRuns: 500 });
    expect(new Set(all.map((s) => s.length))).toEqual(new Set([0, 1, 2, 3, 4]));
    const pairs = all.filter((s) => s.length === 2);
    expect(pairs.filter(([a, b]) => a !== b).length / pairs.length).toBeGreaterThan(0.6);
    expect(all.every((s) => countOf(s) <= 400)).toBe(true);
  });
  test("those that are to broadcast do", () => {
    fc.assert(
      fc.property(broadcastShapes(3), (all) => {
        const rank = Math.max(...all.map((s) => s.length));
        for (let i = 1; i <= rank; i++)
          expect(new Set(all.map((s) => s.at(-i) ?? 1).filter((d) => d !== 1)).size).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe("applications", () => {
  test("follow the declaration", () => {
    fc.assert(
      fc.property(applications(squarePlus), (a) => {
        const { type } = (a.operands["x"] as { data: TensorData }).data;
        expect(operand.both(operand.float, operand.ranks(1, 3)).accepts(type)).toBe(true);
        expect(squarePlus.attrs.by.check(a.attrs["by"])).toBe(true);
      }),
    );
  });
  test("of a convolution have strides, paddings and dilations that differ between axes", () => {
    const all = fc.sample(applications(aten.conv2d), { seed: 4, numRuns: 200 });
    for (const k of ["stride", "padding", "dilation"]) {
      const differ = all.filter(
        ({ attrs }) => (attrs[k] as number[]).length === 2 && (attrs[k] as number[])[0] !== (attrs[k] as number[])[1],
      );
      expect(differ.length, k).toBeGreaterThan(40);
    }
    expect(all.filter(({ attrs }) => (attrs["groups"] as number) > 1).length).toBeGreaterThan(30);
    expect(all.some(({ operands }) => operands["bias"] === undefined)).toBe(true);
  });
  test("of elementwise ops broadcast, and mix inputs with constants", () => {
    const all = fc.sample(applications(aten.addTensor), { seed: 4, numRuns: 200 });
    const other = all.map((a) => a.operands["other"] as { data: TensorData; constant: boolean });
    expect(other.filter((o) => o.constant).length).toBeGreaterThan(20);
    expect(
      all.filter(
        (a, i) =>
          countOf((a.operands["self"] as { data: TensorData }).data.type.shape) !== countOf(other[i]!.data.type.shape),
      ).length,
    ).toBeGreaterThan(40);
  });
  test("attributes are of their kind", () => {
    for (const spec of Object.values(aten.conv2d.attrs))
      fc.assert(fc.property(attributes(spec as never), (v) => (spec as { check(v: unknown): boolean }).check(v)));
  });
});
