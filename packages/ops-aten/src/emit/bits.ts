import { tfl } from "@tflower/backend-tflite";
import { type Emit, tensor, type Value } from "@tflower/core";

/** The bits of float32 elements as integers. */
export const bitsOf = (emit: Emit, x: Value): Value =>
  emit.all(tfl.bitcast, { input: x }, {}, [tensor("i32", x.type.shape)])[0]!;
/** The float32 elements that bits stand for. */
export const floatsOf = (emit: Emit, x: Value): Value =>
  emit.all(tfl.bitcast, { input: x }, {}, [tensor("f32", x.type.shape)])[0]!;
