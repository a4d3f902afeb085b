import { defineLowering, isStatic, reject, type Value } from "@tflower/core";
import * as aten from "../dialect/int-matmul.ts";
import * as matmul from "../dialect/matmul.ts";
import { convertTo } from "../emit/convert.ts";
import { add } from "../emit/pointwise.ts";
import { sliceAxis } from "../emit/rearrange.ts";

/** Sums of so many products of bytes are whole numbers that float32 holds. */
const exact = 512;

/** Products of floats, which are exact as long as sums are short; longer ones are put together as integers. */
export const intMm = defineLowering(aten.intMm, ({ self, mat2 }, _, emit) => {
  const inner = self.type.shape[1]!;
  if (!isStatic(inner)) return reject("needs a static number of columns");
  let sum: Value | undefined;
  for (let from = 0; from === 0 || from < inner; from += exact) {
    const count = Math.min(exact, inner - from);
    const [a, b] = [sliceAxis(emit, self, 1, from, count), sliceAxis(emit, mat2, 0, from, count)];
    const part = emit(matmul.mm, { self: convertTo(emit, a, "f32"), mat2: convertTo(emit, b, "f32") });
    const whole = convertTo(emit, part, "i32");
    sum = sum ? add(emit, sum, whole) : whole;
  }
  return sum!;
});
