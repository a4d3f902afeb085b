import {
  countOf,
  type DType,
  isComplex,
  staticShape,
  type TensorData,
  type TensorType,
  tensor,
  tensorData,
  wrap,
} from "@tflower/core";
import type fc from "fast-check";
import type { Choose } from "../choose/choose.ts";
import { drawn } from "../choose/drawn.ts";
import { drawDType } from "./dtypes.ts";
import { drawElement, drawManner, type Values } from "./elements.ts";
import { drawShape, type ShapeOptions } from "./shapes.ts";

/** Elements for `type`. */
export function drawTensor(choose: Choose, type: TensorType, values: Values = "any"): TensorData {
  const shape = staticShape(type.shape);
  const manner = drawManner(choose, values);
  const count = countOf(shape) * (isComplex(type.dtype) ? 2 : 1);
  const elements = Array.from({ length: count }, () => drawElement(choose, type.dtype, manner, values));
  return wrap(type, tensorData(type.dtype, shape, elements).data);
}

/** Which tensors to draw. */
export interface TensorOptions extends ShapeOptions {
  readonly dtypes?: readonly DType[];
  readonly values?: Values;
}

/** A type. */
export const drawType = (choose: Choose, o: TensorOptions = {}): TensorType =>
  tensor(drawDType(choose, o.dtypes), drawShape(choose, o));

/** Tensor types with independent axes. */
export const tensorTypes = (o: TensorOptions = {}): fc.Arbitrary<TensorType> =>
  drawn((choose) => drawType(choose, o), "type");
/** Tensors of one type, or of any. */
export const tensors = (o: TensorOptions | TensorType = {}): fc.Arbitrary<TensorData> =>
  drawn(
    (choose) => ("dtype" in o ? drawTensor(choose, o) : drawTensor(choose, drawType(choose, o), o.values)),
    "tensor",
  );
