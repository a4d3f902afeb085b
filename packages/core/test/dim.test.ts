import { fc, test } from "@fast-check/vitest";
import { expect } from "vitest";
import {
  addDim,
  boundsOf,
  type Dim,
  divideExactly,
  floorDivDim,
  maxDim,
  minDim,
  modDim,
  mulDim,
  parseDim,
  showDim,
  subDim,
  substitute,
  symbol,
} from "../src/index.ts";

const dims: fc.Arbitrary<Dim> = fc.letrec<{ dim: Dim }>((tie) => ({
  dim: fc.oneof(
    { maxDepth: 3 },
    fc.integer({ min: -9, max: 9 }),
    fc.constantFrom("s0", "s1", "u0").map(symbol),
    fc.tuple(tie("dim"), tie("dim")).map(([a, b]) => addDim(a, b)),
    fc.tuple(tie("dim"), tie("dim")).map(([a, b]) => mulDim(a, b)),
    fc.tuple(tie("dim"), tie("dim")).map(([a, b]) => maxDim(a, b)),
    fc.tuple(tie("dim"), tie("dim")).map(([a, b]) => minDim(a, b)),
    fc.tuple(tie("dim"), fc.integer({ min: 1, max: 7 })).map(([a, b]) => floorDivDim(a, b)),
    fc.tuple(tie("dim"), fc.integer({ min: 1, max: 7 })).map(([a, b]) => modDim(a, b)),
  ),
})).dim;
const values = fc.record({
  s0: fc.integer({ min: 0, max: 20 }),
  s1: fc.integer({ min: 0, max: 20 }),
  u0: fc.integer({ min: 0, max: 20 }),
});
const at = (d: Dim, v: Record<string, number>): number => substitute(d, (s) => v[s]) as number;

test.prop([dims, dims, values])("expressions compute what numbers compute", (a, b, v) => {
  const [x, y] = [at(a, v), at(b, v)];
  expect(at(addDim(a, b), v)).toBe(x + y);
  expect(at(subDim(a, b), v)).toBe(x - y);
  expect(at(mulDim(a, b), v) - x * y).toBe(0);
  expect(at(maxDim(a, b), v)).toBe(Math.max(x, y));
  expect(at(floorDivDim(a, 3), v)).toBe(Math.floor(x / 3));
  expect(at(modDim(a, 3), v)).toBe(x - 3 * Math.floor(x / 3));
});
test.prop([dims, dims, values])("an exact quotient times the divisor is the dividend", (a, b, v) => {
  const q = divideExactly(a, b);
  if (q !== undefined && b !== 0) expect(at(mulDim(q, b), v) - at(a, v)).toBe(0);
});
test.prop([dims])("text reads back", (d) => {
  expect(showDim(parseDim(showDim(d)))).toBe(showDim(d));
});
test.prop([dims, values])("bounds hold", (d, v) => {
  const { min, max } = boundsOf(d, () => ({ min: 0, max: 20 }));
  expect(at(d, v)).toBeGreaterThanOrEqual(min);
  expect(at(d, v)).toBeLessThanOrEqual(max);
});
test("equal expressions are equal however they are built", () => {
  const s = symbol("s0");
  expect(showDim(addDim(s, addDim(s, 2)))).toBe("2*s0+2");
  expect(floorDivDim(mulDim(4, s), 2)).toEqual(mulDim(2, s));
  expect(showDim(floorDivDim(addDim(mulDim(2, s), 5), 2))).toBe("s0+2");
  expect(subDim(s, s)).toBe(0);
});
test("a malformed dimension says where", () => {
  expect(() => parseDim("2*(s0")).toThrow('expected ")" in dimension "2*(s0" at column 6');
});
