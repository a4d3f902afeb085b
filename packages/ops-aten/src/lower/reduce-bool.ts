import { tfl } from "@tflower/backend-tflite";
import { defineLowering, type Emit, isComplex, type Rejection, reject, type Value } from "@tflower/core";
import * as aten from "../dialect/reduce-bool.ts";
import { toBool } from "../emit/compute.ts";
import { castTo } from "../emit/rearrange.ts";
import { reduceBy } from "../emit/reduce.ts";
import { reduceAxes, truthAxes } from "../semantics/reduce.ts";

function truth(
  emit: Emit,
  op: typeof tfl.reduceAny | typeof tfl.reduceAll,
  self: Value,
  axes: readonly number[],
  keep: boolean,
): Value | Rejection {
  if (isComplex(self.type.dtype)) return reject("has no lowering for complex numbers");
  const out = reduceBy(emit, op, toBool(emit, self), axes, keep);
  return self.type.dtype === "u8" ? castTo(emit, out, "u8") : out;
}
const rankOf = (v: Value): number => v.type.shape.length;

export const any = defineLowering(aten.any, ({ self }, _, emit) =>
  truth(emit, tfl.reduceAny, self, reduceAxes(undefined, rankOf(self)), false),
);
export const anyDim = defineLowering(aten.anyDim, ({ self }, { dim, keepdim }, emit) =>
  truth(emit, tfl.reduceAny, self, reduceAxes(dim, rankOf(self)), keepdim),
);
export const anyDims = defineLowering(aten.anyDims, ({ self }, { dim, keepdim }, emit) =>
  truth(emit, tfl.reduceAny, self, truthAxes(dim, rankOf(self)), keepdim),
);
export const all = defineLowering(aten.all, ({ self }, _, emit) =>
  truth(emit, tfl.reduceAll, self, reduceAxes(undefined, rankOf(self)), false),
);
export const allDim = defineLowering(aten.allDim, ({ self }, { dim, keepdim }, emit) =>
  truth(emit, tfl.reduceAll, self, reduceAxes(dim, rankOf(self)), keepdim),
);
export const allDims = defineLowering(aten.allDims, ({ self }, { dim, keepdim }, emit) =>
  truth(emit, tfl.reduceAll, self, truthAxes(dim, rankOf(self)), keepdim),
);
