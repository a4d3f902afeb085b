import { tfl } from "@tflower/backend-tflite";
import { defineLowering, isStatic, reject, tensorData } from "@tflower/core";
import * as aten from "../dialect/combinations.ts";
import { sliceAxis } from "../emit/rearrange.ts";
import { choices } from "../semantics/combinations.ts";

export const combinations = defineLowering(aten.combinations, ({ self }, { r, with_replacement }, emit) => {
  const n = self.type.shape[0]!;
  if (r === 0) return sliceAxis(emit, self, 0, 0, 0);
  if (!isStatic(n)) return reject("needs a static number of elements to choose from");
  const rows = choices(n, r, with_replacement);
  return emit(
    tfl.gather,
    { params: self, indices: emit.constant(tensorData("i32", [rows.length, r], rows.flat())) },
    { axis: 0 },
  );
});
