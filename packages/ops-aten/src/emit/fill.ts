import { tfl } from "@tflower/backend-tflite";
import { byteLength, countOf, type Dim, dataOf, type Emit, isStaticShape, type Value } from "@tflower/core";
import { broadcasted } from "../semantics/views.ts";

/** Constants up to this many bytes are held as they are; larger ones are made when the program runs. */
const held = 65536;

/** A tensor that holds the rank-0 `value` everywhere. */
export function fillWith(emit: Emit, value: Value, shape: readonly Dim[]): Value {
  if (shape.length === 0) return value;
  const data = dataOf(value);
  if (data && isStaticShape(shape) && byteLength(value.type.dtype, countOf(shape)) <= held)
    return emit.constant(broadcasted(data, shape));
  return emit(tfl.fill, { value }, { dims: shape });
}

/** `value` in each element of a tensor shaped as `x`. */
export const fillLike = (emit: Emit, value: Value, x: Value): Value => fillWith(emit, value, x.type.shape);
