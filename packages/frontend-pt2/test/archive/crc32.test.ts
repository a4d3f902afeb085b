import { crc32 as zlibCrc32 } from "node:zlib";
import fc from "fast-check";
import { expect, it } from "vitest";
import { crc32 } from "../../src/archive/crc32.ts";

it("gives the standard's check value", () => {
  expect(crc32(new TextEncoder().encode("123456789"))).toBe(0xcbf43926);
  expect(crc32(new Uint8Array(0))).toBe(0);
});

it("equals zlib's, whatever the bytes and wherever they are cut", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(200), (bytes, cut) => {
      const at = Math.min(cut, bytes.length);
      const whole = zlibCrc32(bytes);
      return crc32(bytes) === whole && crc32(bytes.subarray(at), crc32(bytes.subarray(0, at))) === whole;
    }),
  );
});
