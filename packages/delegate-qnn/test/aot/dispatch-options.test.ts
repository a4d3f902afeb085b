import { expect, test } from "vitest";
import { packDispatchOptions } from "../../src/index.ts";

// what LiteRT's plugin wrote into a file, taken out of it
const peers =
  "62797465636f64655f73697a650062797465636f64655f6f6666736574006e616d65000f716e6e5f706172746974696f6e5f3000000000000300000000000000" +
  "320000000000000048000000000000003200000000000000180000000000000008000000000000000300000000000000000500000000000000206000000000005c00" +
  "0000000000000b0b141b2701";

test("options are those of LiteRT's compiler, byte for byte", () => {
  const bytes = packDispatchOptions({ name: "qnn_partition_0", offset: 1280, size: 6299648 });
  expect(Buffer.from(bytes).toString("hex")).toBe(peers);
});

test("numbers of any size take the same room", () => {
  const small = packDispatchOptions({ name: "g", offset: 1, size: 1 });
  const large = packDispatchOptions({ name: "g", offset: 2 ** 40, size: 2 ** 33 });
  expect(large.length).toBe(small.length);
  expect(new DataView(large.buffer).getBigUint64(large.length - 30, true)).toBe(BigInt(2 ** 40));
});

test("a name that has no room is refused", () => {
  expect(() => packDispatchOptions({ name: "n".repeat(256), offset: 1, size: 1 })).toThrow("256 bytes");
});
