import { fc, test } from "@fast-check/vitest";
import { builder, toReference } from "flatbuffers/js/flexbuffers.js";
import { describe, expect } from "vitest";
import { readFlexMap } from "../../src/read/read-flex-buffer.ts";
import { TfliteError } from "../../src/schema/tflite-error.ts";
import { type FlexLists, type FlexValue, packFlexMap } from "../../src/write/flex-buffer.ts";

const scalar = fc.oneof(
  fc.boolean(),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.bigInt({ min: -200n, max: 200n }),
  fc.double({ noNaN: true }),
  fc.float({ noNaN: true }),
  fc.string({ unit: "grapheme" }).filter((s) => !s.includes("\0")),
  fc.string({ minLength: 250, maxLength: 300 }).filter((s) => !s.includes("\0")),
);
const value: fc.Arbitrary<FlexValue> = fc.oneof(
  scalar,
  fc.array(scalar, { maxLength: 6 }),
  fc.array(fc.bigInt({ min: -9n, max: 70000n }), { maxLength: 300 }),
  fc.array(fc.float({ noNaN: true })),
  fc.array(fc.array(scalar, { maxLength: 3 }), { maxLength: 3 }),
);
/** flatbuffers' reader cannot read containers of 64-bit numbers. */
const narrow = fc.oneof(
  fc.boolean(),
  fc.bigInt({ min: -(2n ** 31n), max: 2n ** 31n - 1n }),
  fc.float({ noNaN: true }),
  fc.string().filter((s) => !s.includes("\0")),
);
const narrowEntries = () =>
  fc.dictionary(
    key,
    fc.oneof(
      narrow,
      fc.array(narrow, { maxLength: 300 }),
      fc.array(fc.array(narrow, { maxLength: 3 }), { maxLength: 3 }),
    ),
    { maxKeys: 9, noNullPrototype: true },
  );
const key = fc.string({ minLength: 1 }).filter((s) => !s.includes("\0"));
const entries = fc.dictionary(key, value, { maxKeys: 9, noNullPrototype: true });
const lists = fc.constantFrom<FlexLists>("typed", "plain");

/** The same as flatbuffers' reader gives it: it knows no difference between integers and floats, and takes a float of zero for nothing. */
const plain = (v: FlexValue): unknown =>
  typeof v === "bigint" ? Number(v) : Array.isArray(v) ? v.map(plain) : v === 0 ? null : v;
const numbers = (v: unknown): unknown => (typeof v === "bigint" ? Number(v) : Array.isArray(v) ? v.map(numbers) : v);

describe("a FlexBuffer map", () => {
  test.prop([entries, lists], { numRuns: 500 })("reads back as what it was", (map, how) => {
    const { entries } = readFlexMap(packFlexMap(map, how), "test");
    expect(Object.fromEntries(entries)).toEqual(map);
  });
  test.prop([narrowEntries()], { numRuns: 300 })("is what flatbuffers' own reader finds", (map) => {
    const bytes = packFlexMap(map, "plain");
    // by key: its toObject sets the prototype where a key is "__proto__"
    const root = toReference(bytes.slice().buffer);
    expect(root.length()).toBe(Object.keys(map).length);
    expect(Object.fromEntries(Object.keys(map).map((k) => [k, numbers(root.get(k).toObject())]))).toEqual(
      Object.fromEntries(Object.entries(map).map(([k, v]) => [k, plain(v)])),
    );
  });
  test.prop([
    fc.dictionary(
      key,
      fc.oneof(
        fc.boolean(),
        fc.integer(),
        fc.string().filter((s) => !s.includes("\0")),
        fc.array(fc.integer(), { maxLength: 9 }),
      ),
      { noNullPrototype: true },
    ),
  ])("of flatbuffers' own writer can be read", (map) => {
    const b = builder();
    b.add(map);
    // it writes two to four numbers as a vector of fixed length, which options do not have
    const fixed = Object.values(map).some((v) => Array.isArray(v) && v.length >= 2 && v.length <= 4);
    const read = () =>
      Object.fromEntries([...readFlexMap(b.finish(), "test").entries].map(([k, v]) => [k, numbers(v)]));
    if (fixed) expect(read).toThrow(TfliteError);
    else expect(read()).toEqual(map);
  });
  test.prop([entries, lists])("does not depend on the order of its entries", (map, how) => {
    expect(packFlexMap(Object.fromEntries(Object.entries(map).reverse()), how)).toEqual(packFlexMap(map, how));
  });
  test.prop([entries, lists, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }), fc.nat(5)], {
    numRuns: 1000,
  })("that is damaged ends in an error, or in another map", (map, how, edits, cut) => {
    const bytes = packFlexMap(map, how);
    for (const [at, to] of edits) bytes[at % bytes.length] = to;
    try {
      readFlexMap(bytes.subarray(0, bytes.length - cut), "test");
    } catch (e) {
      expect(e).toBeInstanceOf(TfliteError);
    }
  });
  test("tells lists that kernels read from those that composites hold", () => {
    expect([
      ...readFlexMap(packFlexMap({ a: [1n, 2n, 3n], b: [true, false], c: [0.5] }, "typed"), "test").lists,
    ]).toEqual(["typed"]);
    expect([
      ...readFlexMap(packFlexMap({ a: [1n, 2n, 3n], b: [true, false], c: [0.5] }, "plain"), "test").lists,
    ]).toEqual(["plain"]);
    // strings have no typed vector that readers agree on
    expect([...readFlexMap(packFlexMap({ a: ["x", "y"] }, "typed"), "test").lists]).toEqual(["plain"]);
  });
  test("refuses what fits no option", () => {
    expect(() => packFlexMap({ big: 2n ** 63n }, "plain")).toThrow(
      /"big" is 9223372036854775808, which does not fit 64 bits/,
    );
    expect(() => packFlexMap({ odd: null as never }, "plain")).toThrow(/"odd" is null; a FlexBuffer of options holds/);
    expect(() => readFlexMap(new Uint8Array(), "custom op Roll")).toThrow(/custom op Roll: .* 0 bytes are too few/);
    expect(() => readFlexMap(new TextEncoder().encode("no flexbuffer"), "x")).toThrow(/they are no map/);
  });
});
