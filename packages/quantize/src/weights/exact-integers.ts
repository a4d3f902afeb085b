import { type Constant, numbersOf, type TensorType, tensor } from "@tflower/core";
import { eachRows } from "./each-rows.ts";

/**
 * The type of 8-bit integers that stand for exactly the elements of `c`, with one scale; `undefined` where there is none. Masks are such
 * constants: zeros, and one other number. Ordinary weights are found out at their first elements.
 */
export async function exactIntegers(c: Constant): Promise<TensorType | undefined> {
  let scale = 0;
  let exact = true;
  await eachRows(c, (_, rows) => {
    const x = numbersOf(rows);
    for (let i = 0; i < x.length && exact; i++) {
      const v = x[i]!;
      if (v === 0) {
        if (Object.is(v, -0)) exact = false;
        continue;
      }
      if (scale === 0) scale = Math.abs(v);
      const q = v / scale;
      exact = Number.isInteger(q) && Math.abs(q) <= 127 && Math.fround(scale * q) === v && Number.isFinite(v);
    }
  });
  return exact && scale > 0 ? tensor("i8", c.type.shape, { scales: [scale], zeroPoints: [0] }) : undefined;
}
