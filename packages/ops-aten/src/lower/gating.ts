import { tfl } from "@tflower/backend-tflite";
import { countOf, type Dim, defineLowering, floorDivDim, isStaticShape, reject } from "@tflower/core";
import * as aten from "../dialect/gating.ts";
import { mul, neg, sub } from "../emit/pointwise.ts";
import { reshapeTo, sliceAxis } from "../emit/rearrange.ts";
import { axisOf } from "../semantics/axes.ts";

export const glu = defineLowering(aten.glu, ({ self }, { dim }, emit) => {
  const axis = axisOf(dim, self.type.shape.length);
  const half = floorDivDim(self.type.shape[axis] as Dim, 2);
  const gate = emit(tfl.logistic, { input: sliceAxis(emit, self, axis, half, half) });
  return mul(emit, sliceAxis(emit, self, axis, 0, half), gate);
});

export const prelu = defineLowering(aten.prelu, ({ self, weight }, _, emit) => {
  if (!isStaticShape(weight.type.shape)) return reject("needs a static number of weights");
  const alpha = reshapeTo(emit, weight, aten.slopeShape(self.type.shape.length, countOf(weight.type.shape)));
  if (self.type.shape.length > 1) return emit(tfl.prelu, { input: self, alpha });
  // the kernel does not broadcast in fewer than two axes
  const below = mul(emit, emit(tfl.relu, { input: neg(emit, self) }), alpha);
  return sub(emit, emit(tfl.relu, { input: self }), below);
});
export const preluKernel = defineLowering(aten.preluKernel, ({ self, weight }, _, emit) =>
  emit(tfl.prelu, { input: self, alpha: weight }),
);
