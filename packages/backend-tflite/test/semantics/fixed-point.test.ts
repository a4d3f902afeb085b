import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  doublingHighMul,
  multiplierOf,
  roundAway,
  roundingShift,
  scaleTwice,
  scaleWide,
} from "../../src/semantics/integer/fixed-point.ts";

// what kernels say in 64-bit integers, said in integers of any size
const floorShift = (x: bigint, by: number): bigint => x >> BigInt(by);
const highMul = (a: number, b: number): number => Number(floorShift(BigInt(a) * BigInt(b) + (1n << 30n), 31));
function shiftAway(x: number, by: number): number {
  const half = by === 0 ? 0n : 1n << BigInt(by - 1);
  const size = floorShift(BigInt(Math.abs(x)) + half, by);
  return Number(x < 0 ? -size : size);
}

const same = (got: number, wanted: number): void => {
  expect(got).toBe(wanted);
};
const word = fc.oneof(fc.integer(), fc.integer({ min: -300, max: 300 }), fc.constantFrom(2 ** 31 - 1, -(2 ** 31) + 1));
const mantissa = fc.oneof(fc.integer({ min: 2 ** 30, max: 2 ** 31 - 1 }), fc.constantFrom(2 ** 30, 2 ** 31 - 1));

describe("fixed-point arithmetic is exact", () => {
  test("upper half of twice a product", () => {
    fc.assert(
      fc.property(word, word, (a, b) => same(doublingHighMul(a, b), highMul(a, b))),
      { numRuns: 2000 },
    );
    expect(doublingHighMul(-(2 ** 31), -(2 ** 31))).toBe(2 ** 31 - 1);
  });
  test("shift with halves going away from zero", () => {
    fc.assert(
      fc.property(word, fc.integer({ min: 0, max: 31 }), (x, by) => same(roundingShift(x, by), shiftAway(x, by))),
      { numRuns: 2000 },
    );
  });
  test("scaling with two roundings", () => {
    fc.assert(
      fc.property(word, mantissa, fc.integer({ min: -31, max: 0 }), (x, m, shift) =>
        same(scaleTwice(x, { mantissa: m, shift }), shiftAway(highMul(x, m), -shift)),
      ),
      { numRuns: 2000 },
    );
    expect(scaleTwice(100, { mantissa: 2 ** 30, shift: 3 })).toBe(400);
  });
  test("scaling of wide sums by half a mantissa", () => {
    const wide = fc.integer({ min: -(2 ** 47), max: 2 ** 47 - 1 });
    fc.assert(
      fc.property(wide, mantissa, fc.integer({ min: -31, max: 7 }), (x, m, shift) => {
        const reduced = m < 0x7fff0000 ? (BigInt(m) + 32768n) >> 16n : 0x7fffn;
        const out = floorShift(BigInt(x) * reduced + (1n << BigInt(14 - shift)), 15 - shift);
        expect(scaleWide(x, { mantissa: m, shift })).toBe(Number(BigInt.asIntN(32, out)));
      }),
      { numRuns: 2000 },
    );
  });
});

describe("a multiplier", () => {
  test("is the nearest mantissa", () => {
    fc.assert(
      fc.property(fc.double({ min: 2 ** -30, max: 2 ** 20, noNaN: true }), (factor) => {
        const { mantissa: m, shift } = multiplierOf(factor);
        expect(m).toBeGreaterThanOrEqual(2 ** 30);
        expect(m).toBeLessThan(2 ** 31);
        expect(Math.abs(m * 2 ** (shift - 31) - factor)).toBeLessThanOrEqual(factor * 2 ** -31);
      }),
    );
  });
  test("rounds up to a power of two", () =>
    expect(multiplierOf(1 - 2 ** -40)).toEqual({ mantissa: 2 ** 30, shift: 1 }));
  test("of what is too small is zero", () => expect(multiplierOf(2 ** -33)).toEqual({ mantissa: 0, shift: 0 }));
  test("of zero is zero", () => expect(multiplierOf(0)).toEqual({ mantissa: 0, shift: 0 }));
});

test("halves go away from zero", () => expect([0.5, -0.5, 1.5, -2.5, 0.49].map(roundAway)).toEqual([1, -1, 2, -3, 0]));
