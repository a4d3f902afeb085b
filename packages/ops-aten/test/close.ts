import { isFloat, type TensorData } from "@tflower/core";
import { expect } from "vitest";

/** Floats that differ by at most `relative` of the greater one, or by `absolute`; everything else must be equal. */
export const within =
  (relative: number, absolute = relative) =>
  (got: readonly TensorData[], expected: readonly TensorData[]): void => {
    expect(got.map((t) => t.type)).toEqual(expected.map((t) => t.type));
    for (const [k, t] of got.entries()) {
      const want = expected[k]!;
      if (!isFloat(t.type.dtype)) {
        expect(t).toEqual(want);
        continue;
      }
      const off = Array.from(t.data as Float32Array).flatMap((v, i) => {
        const w = want.data[i] as number;
        const near =
          v === w ||
          (Number.isNaN(v) && Number.isNaN(w)) ||
          Math.abs(v - w) <= Math.max(absolute, relative * Math.max(Math.abs(v), Math.abs(w)));
        return near ? [] : [`result ${k}, element ${i}: ${v}, expected ${w}`];
      });
      expect(off).toEqual([]);
    }
  };
