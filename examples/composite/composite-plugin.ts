import { emitComposite, tfl } from "@tflower/backend-tflite";
import { defineLowering, definePlugin, type Emit, reject, type Value } from "@tflower/core";
import { aten } from "@tflower/ops-aten";

const scalar = (emit: Emit, v: number): Value =>
  emit.constant({ type: { dtype: "f32", shape: [] }, data: Float32Array.of(v) });

/** What an RMSNorm is, for whoever has no kernel for it. */
function normalized(emit: Emit, x: Value, weight: Value, epsilon: number): Value {
  const square = emit(tfl.mean, { input: emit(tfl.square, { input: x }) }, { axes: [-1], keep_dims: true });
  const scale = emit(tfl.rsqrt, { input: emit(tfl.add, { lhs: square, rhs: scalar(emit, epsilon) }) });
  return emit(tfl.mul, { lhs: emit(tfl.mul, { lhs: x, rhs: scale }), rhs: weight });
}

/** Delegates that have one kernel for all of it find it by the composite's name; the CPU runs the decomposition. */
export const rmsNormAsComposite = defineLowering(
  aten.rmsNorm,
  ({ input, weight }, { normalized_shape, eps }, emit) => {
    if (input.type.dtype !== "f32" || !weight || eps === undefined || normalized_shape.length !== 1)
      return reject("odml.rms_norm is over one axis, with a weight and an epsilon, in float32");
    return emitComposite(emit, {
      name: "odml.rms_norm",
      attributes: { epsilon: eps },
      inputs: [input, weight],
      decomposition: (inner, [x, w]) => [normalized(inner, x!, w!, eps)],
    });
  },
  { name: "rms-norm-as-composite", benefit: 1 },
);

export const compositePlugin = definePlugin({ name: "composite", lowerings: [rmsNormAsComposite] });
