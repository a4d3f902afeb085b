import { describe, expect, test } from "vitest";
import { blobSource, leafConstant, memorySource, tensor } from "../src/index.ts";

const f32x2 = tensor("f32", [2]);
const leaf = (source: ReturnType<typeof memorySource>) => leafConstant(f32x2, source, { offset: 0, length: 8 }).key;

describe("sources of one name", () => {
  test("hold constants of their own: two programs may be called alike", () => {
    expect(leaf(memorySource("model.pt2", new Uint8Array(8)))).not.toBe(
      leaf(memorySource("model.pt2", new Uint8Array(8))),
    );
    expect(leaf(blobSource("model.pt2", new Blob(["12345678"])))).not.toBe(
      leaf(blobSource("model.pt2", new Blob(["12345678"]))),
    );
  });
  test("share constants within one source", () => {
    const source = memorySource("model.pt2", new Uint8Array(8));
    expect(leaf(source)).toBe(leaf(source));
  });
});
