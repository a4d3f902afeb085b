import { fc, test } from "@fast-check/vitest";
import { expect } from "vitest";
import {
  byteLength,
  copyStrided,
  type DType,
  decode,
  dtypes,
  encode,
  f16ToNumber,
  numberToBf16,
  numberToF16,
  rowMajorStrides,
  tensor,
  tensorData,
} from "../src/index.ts";

const held = (Object.keys(dtypes) as DType[]).filter((d) => dtypes[d].kind !== "handle");

test.prop([fc.constantFrom(...held), fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 64, maxLength: 64 })])(
  "decode and encode are inverse on bytes",
  (dtype, raw) => {
    const count = Math.floor((64 * 8) / Math.max(1, dtypes[dtype].bits)) & ~1;
    const bytes = Uint8Array.from(raw).subarray(0, byteLength(dtype, count));
    const type = tensor(dtype, [count]);
    const data = decode(type, bytes);
    const again = decode(type, encode(data));
    // NaN payloads may change, so values are compared, not bits
    expect(Array.from(again.data as ArrayLike<unknown>)).toEqual(Array.from(data.data as ArrayLike<unknown>));
  },
);
test("half precision rounds to nearest even", () => {
  for (let h = 0; h < 65536; h++) if (!Number.isNaN(f16ToNumber(h))) expect(numberToF16(f16ToNumber(h))).toBe(h);
  expect(f16ToNumber(numberToF16(2049))).toBe(2048);
  expect(f16ToNumber(numberToF16(2051))).toBe(2052);
  expect(f16ToNumber(numberToF16(65519))).toBe(65504);
  expect(f16ToNumber(numberToF16(65520))).toBe(Infinity);
  expect(numberToF16(2 ** -25)).toBe(0);
  expect(numberToF16(2 ** -25 * 1.01)).toBe(1);
  expect(numberToBf16(1 + 2 ** -8)).toBe(0x3f80);
  expect(numberToBf16(1 + 3 * 2 ** -8)).toBe(0x3f82);
});
test("integers wrap, int4 packs low nibble first", () => {
  expect(Array.from(encode(tensorData("i4", [3], [-8, 7, -1])))).toEqual([0x78, 0x0f]);
  expect(Array.from(tensorData("i8", [2], [200, -129]).data as Int8Array)).toEqual([-56, 127]);
  expect((tensorData("i64", [1], [2n ** 62n + 1n]).data as BigInt64Array)[0]).toBe(2n ** 62n + 1n);
});

const shapes = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 5 });
test.prop([shapes, fc.nat()])("copyStrided permutes as an index loop does", (shape, seed) => {
  const perm = shape.map((_, i) => i).sort((a, b) => ((a * 7919 + seed) % 13) - ((b * 7919 + seed) % 13));
  const count = shape.reduce((a, b) => a * b, 1);
  const from = Float32Array.from({ length: count }, (_, i) => i);
  const out = new Float32Array(count);
  const strides = rowMajorStrides(shape);
  const to = perm.map((p) => shape[p]!);
  copyStrided(
    from,
    out,
    to,
    perm.map((p) => strides[p]!),
  );
  const toStrides = rowMajorStrides(to);
  for (let i = 0; i < count; i++) {
    let at = 0;
    let rest = i;
    for (let d = 0; d < to.length; d++) {
      at += Math.floor(rest / toStrides[d]!) * strides[perm[d]!]!;
      rest %= toStrides[d]!;
    }
    expect(out[i]).toBe(from[at]);
  }
});

test("bytes that lie between two elements are copied, those of Node's Buffer too", () => {
  const whole = Buffer.alloc(24);
  const bytes = whole.subarray(8 - (whole.byteOffset % 8) + 3).subarray(0, 8);
  expect(bytes.byteOffset % 8).not.toBe(0);
  bytes.writeBigInt64LE(-5n);
  expect(decode(tensor("i64", [1]), bytes).data).toEqual(BigInt64Array.of(-5n));
});
