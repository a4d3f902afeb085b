import { type Dim, invalid, isStatic, symbol, type TensorData, tensor } from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";
import { choices } from "../semantics/combinations.ts";
import { selected } from "../semantics/views.ts";

/** How many choices of `r` out of `n` there are. */
function choiceCount(n: Dim, r: number, repeat: boolean): Dim {
  if (!isStatic(n)) return symbol("choices");
  let count = 1;
  const from = repeat ? n + r - 1 : n;
  for (let i = 0; i < r; i++) count = (count * (from - i)) / (i + 1);
  return Math.max(Math.round(count), 0);
}
export const combinations = defineAten("combinations(Tensor self, int r=2, bool with_replacement=False) -> Tensor", {
  summary: "All choices of `r` elements in order of place, one for each row.",
  infer({ self }, { r, with_replacement }) {
    if (self.shape.length !== 1) invalid(`expects a vector, got rank ${self.shape.length}`);
    if (r < 0) invalid(`r must not be negative, got ${r}`);
    return r === 0
      ? tensor(self.dtype, [0])
      : tensor(self.dtype, [choiceCount(self.shape[0]!, r, with_replacement), r]);
  },
  evaluate({ self }, { r, with_replacement }): TensorData {
    if (r === 0) return selected(self, [0], () => 0);
    const rows = choices(self.type.shape[0]!, r, with_replacement);
    return selected(self, [rows.length, r], (i) => rows[Math.floor(i / r)]![i % r]!);
  },
});
