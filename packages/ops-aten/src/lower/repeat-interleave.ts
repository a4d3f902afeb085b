import { tfl } from "@tflower/backend-tflite";
import { type Dim, dataOf, defineLowering, type Emit, i32Data, isStatic, mulDim, type Value } from "@tflower/core";
import * as aten from "../dialect/repeat-interleave.ts";
import { broadcastTo, castTo, flatten, reshapeTo } from "../emit/rearrange.ts";
import { axisOf } from "../semantics/axes.ts";

export const repeatInterleaveSelfInt = defineLowering(
  aten.repeatInterleaveSelfInt,
  ({ self }, { repeats, dim }, emit) => {
    const x =
      dim === undefined ? flatten(emit, self) : reshapeTo(emit, self, self.type.shape.length ? self.type.shape : [1]);
    const shape = x.type.shape;
    const axis = axisOf(dim ?? 0, shape.length);
    const next = axis + 1;
    const apart = broadcastTo(emit, reshapeTo(emit, x, shape.toSpliced(next, 0, 1)), shape.toSpliced(next, 0, repeats));
    return reshapeTo(emit, apart, shape.with(axis, mulDim(shape[axis]!, repeats)));
  },
);

/** Place `i` of the result is `values[i]`-th place of the input, each of the places as often as `repeats` says. */
function repeatedPlaces(repeats: readonly number[]): number[] {
  return repeats.flatMap((n, i) => new Array<number>(n).fill(i));
}
/** Places as int32: those whose running total is not above 0, 1, 2, ... */
function placesOf(emit: Emit, repeats: Value, count: Dim): Value {
  const data = dataOf(repeats);
  if (data && isStatic(count)) return emit.constant(i32Data(repeatedPlaces(Array.from(data.data, Number))));
  const each = castTo(emit, repeats, "i32");
  const ends = emit(tfl.cumsum, { input: each }, { axis: 0 });
  const limit = isStatic(count) ? undefined : emit(tfl.sum, { input: each }, { axes: [0], keep_dims: false });
  const [iota] = emit.all(tfl.range, { ...(limit && { limit }) }, { limit: count }, [{ dtype: "i32", shape: [count] }]);
  const passed = emit(tfl.lessEqual, { lhs: ends, rhs: reshapeTo(emit, iota!, [count, 1]) });
  return emit(tfl.sum, { input: castTo(emit, passed, "i32") }, { axes: [1], keep_dims: false });
}
export const repeatInterleaveTensor = defineLowering(aten.repeatInterleaveTensor, ({ repeats }, _, emit, node) =>
  castTo(emit, placesOf(emit, repeats, node.results[0]!.type.shape[0]!), node.results[0]!.type.dtype),
);
export const repeatInterleaveSelfTensor = defineLowering(
  aten.repeatInterleaveSelfTensor,
  ({ self, repeats }, { dim }, emit, node) => {
    const x =
      dim === undefined ? flatten(emit, self) : reshapeTo(emit, self, self.type.shape.length ? self.type.shape : [1]);
    const axis = axisOf(dim ?? 0, x.type.shape.length);
    const extent = x.type.shape[axis]!;
    const each =
      repeats.type.shape.length === 1 && repeats.type.shape[0] !== 1
        ? repeats
        : broadcastTo(emit, reshapeTo(emit, repeats, [1]), [extent]);
    return emit(tfl.gather, { params: x, indices: placesOf(emit, each, node.results[0]!.type.shape[axis]!) }, { axis });
  },
);
