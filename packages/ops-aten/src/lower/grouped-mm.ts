import { tfl } from "@tflower/backend-tflite";
import { type Dim, defineLowering, type Emit, isStatic, type Rejection, reject, type Value } from "@tflower/core";
import * as aten from "../dialect/grouped-mm.ts";
import { float } from "../emit/convert.ts";
import { extentValue, iotaValue } from "../emit/indices.ts";
import { select } from "../emit/pointwise.ts";
import { castTo, reshapeTo } from "../emit/rearrange.ts";

/**
 * Every row times every matrix, of which each row takes its own: which rows a group has is known only when the program runs, and kernels
 * want extents before. Exact for whatever the other products are, infinities and NaN included.
 */
function groupedProduct(emit: Emit, rows: Value, matrices: Value, ends: Value): Value | Rejection {
  const [count, depth] = rows.type.shape as readonly [Dim, Dim];
  const [groups] = matrices.type.shape;
  if (!isStatic(groups!) || groups === 0) return reject("needs a static number of groups");
  const place = reshapeTo(emit, iotaValue(emit, count), [count, 1]);
  const passed = emit(tfl.greaterEqual, { lhs: place, rhs: reshapeTo(emit, castTo(emit, ends, "i32"), [1, groups!]) });
  const group = emit(tfl.sum, { input: castTo(emit, passed, "i32") }, { axes: [1], keep_dims: true });
  const own = emit(tfl.minimum, { lhs: group, rhs: extentValue(emit, groups! - 1, "i32") });
  const products = emit(tfl.batchMatmul, { x: reshapeTo(emit, rows, [1, count, depth]), y: matrices });
  const indices = emit(tfl.concatenation, { values: [own, place] }, { axis: 1 });
  const picked = emit(tfl.gatherNd, { params: products, indices });
  const inside = emit(tfl.less, { lhs: group, rhs: extentValue(emit, groups!, "i32") });
  return select(emit, inside, picked, float(emit, 0));
}

export const groupedMmFallback = defineLowering(aten.groupedMmFallback, ({ input, weight, offs }, _, emit) =>
  groupedProduct(emit, input, weight, offs),
);
export const groupedMm = defineLowering(aten.groupedMm, ({ self, mat2, offs }, _, emit) =>
  offs ? groupedProduct(emit, self, mat2, offs) : reject("has groups of rows only"),
);
