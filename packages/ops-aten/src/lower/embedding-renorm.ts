import { tfl } from "@tflower/backend-tflite";
import { defineLowering, reject, scalarData, type Value } from "@tflower/core";
import * as aten from "../dialect/embedding-renorm.ts";
import { linalgVectorNorm } from "../dialect/vector-norm.ts";
import { div, isMore, mul, plus, select } from "../emit/pointwise.ts";
import { flatten } from "../emit/rearrange.ts";
import { overwriteRows } from "../emit/write-rows.ts";

export const embeddingRenorm = defineLowering(
  aten.embeddingRenorm,
  ({ self, indices }, { max_norm, norm_type }, emit) => {
    if (self.type.dtype !== "f32") return reject(`has kernels for f32 only, got ${self.type.dtype}`);
    const f32 = (v: number): Value => emit.constant(scalarData("f32", v));
    const rows = flatten(emit, indices);
    const found = emit(tfl.gather, { params: self, indices: rows }, { axis: 0 });
    const norms = emit(linalgVectorNorm, { self: found }, { ord: norm_type, dim: [1], keepdim: true });
    const scale = div(emit, f32(max_norm), plus(emit, norms, 1e-7));
    // of rows that are looked up more than once each copy is the same
    const values = mul(emit, found, select(emit, isMore(emit, norms, f32(max_norm)), scale, f32(1)));
    return overwriteRows(emit, { base: self, rows, values });
  },
);
