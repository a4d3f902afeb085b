import { isFloat, operand, roundTo, type TensorData } from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";
import { placeOf } from "../semantics/indexing.ts";
import { copied } from "../semantics/views.ts";

/** The `p`-norm of a row. */
function normOf(row: readonly number[], p: number): number {
  if (p === Infinity) return row.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
  return row.reduce((a, b) => a + Math.abs(b) ** p, 0) ** (1 / p);
}
export const embeddingRenorm = defineAten(
  "embedding_renorm(Tensor self, Tensor indices, float max_norm, float norm_type) -> Tensor",
  {
    summary: "Rows of a table that are looked up, shortened to `max_norm` where they are longer.",
    operands: { self: operand.both(operand.float, operand.rank(2)), indices: operand.dtype("i64", "i32") },
    infer: ({ self }) => self,
    evaluate({ self, indices }, { max_norm, norm_type }): TensorData {
      const [rows, width] = self.type.shape as readonly [number, number];
      const out = copied(self);
      const round =
        roundTo(self.type.dtype) ??
        (isFloat(self.type.dtype) && self.type.dtype !== "f64" ? Math.fround : (v: number) => v);
      for (const r of new Set(Array.from(indices.data, (i: number | bigint) => placeOf(i, rows, false)))) {
        const row = Array.from(self.data.subarray(r * width, (r + 1) * width) as Float32Array);
        const norm = normOf(row, norm_type);
        if (!(norm > max_norm)) continue;
        const scale = max_norm / (norm + 1e-7);
        row.forEach((v, c) => {
          out.data[r * width + c] = round(v * scale);
        });
      }
      return out;
    },
  },
);
