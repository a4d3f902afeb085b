import { fc, test } from "@fast-check/vitest";
import { byteLength, type DType } from "@tflower/core";
import { expect } from "vitest";
import { readSafetensors, writeSafetensors } from "../src/safetensors/safetensors.ts";

const tensors = fc.dictionary(
  fc.string({ minLength: 1 }).filter((k) => k !== "__metadata__" && k !== "__proto__"),
  fc
    .tuple(
      fc.constantFrom<DType>("f32", "f16", "bf16", "i64", "u8", "bool", "c64"),
      fc.array(fc.nat(4), { maxLength: 3 }),
    )
    .map(([dtype, shape]) => ({
      dtype,
      shape,
      bytes: Uint8Array.from(
        {
          length: byteLength(
            dtype,
            shape.reduce((a, b) => a * b, 1),
          ),
        },
        (_, i) => i,
      ),
    })),
);
test.prop([tensors])("reads back what it writes", (t) => {
  const entries = new Map(Object.entries(t));
  const again = readSafetensors("x", writeSafetensors(entries));
  expect([...again].sort()).toEqual([...entries].sort());
});
test.prop([tensors, fc.nat(), fc.nat(255)])("a damaged file is refused or read, never worse", (t, where, value) => {
  const bytes = writeSafetensors(new Map(Object.entries(t)));
  bytes[where % bytes.length] = value;
  try {
    readSafetensors("x.safetensors", bytes);
  } catch (e) {
    expect((e as Error).message).toMatch(/^x\.safetensors is not a \.safetensors file: /);
  }
});
