import { tfl } from "@tflower/backend-tflite";
import {
  defineLowering,
  type Emit,
  isFloat,
  isStatic,
  type Rejection,
  reject,
  scalarData,
  type Value,
} from "@tflower/core";
import * as aten from "../dialect/median.ts";
import { numberLike, widenInteger } from "../emit/compute.ts";
import { add, isNaNValue, select, sub } from "../emit/pointwise.ts";
import { castTo, flatten, permuteBy, reshapeTo, sliceAxis } from "../emit/rearrange.ts";
import { sumOver } from "../emit/reduce.ts";
import { axisOf } from "../semantics/axes.ts";
import { axisToLast } from "../semantics/permutations.ts";
import { reduceAxes, reducedShape } from "../semantics/reduce.ts";

/** Values in falling order along the last axis, and where they were. */
interface Sorted {
  readonly values: Value;
  readonly indices: Value;
}
function sorted(emit: Emit, x: Value, k: number): Sorted {
  const [values, indices] = emit.all(tfl.topkV2, { input: x }, { k });
  return { values: values!, indices: indices! };
}

/** Value and place of the middle of each line along the last axis. */
function middle(emit: Emit, x: Value, n: number): readonly [Value, Value] {
  // the lower median has floor(n / 2) elements above it
  const k = Math.floor(n / 2) + 1;
  const last = x.type.shape.length - 1;
  const pick = (v: Value): Value => sliceAxis(emit, v, last, k - 1, 1);
  const s = sorted(emit, x, k);
  return [pick(s.values), castTo(emit, pick(s.indices), "i64")];
}
/** The kernel's order of NaNs is undefined, so they are sorted as infinity. */
const sortable = (emit: Emit, x: Value, nan: Value): Value => select(emit, nan, numberLike(emit, x, Infinity), x);
function withNaN(emit: Emit, x: Value, n: number): readonly [Value, Value] {
  const last = x.type.shape.length - 1;
  const nan = isNaNValue(emit, x);
  const [value, place] = middle(emit, sortable(emit, x, nan), n);
  const hasNaN = emit(tfl.reduceAny, { input: nan }, { axes: [last], keep_dims: true });
  const first = emit(tfl.argMax, { input: nan }, { axis: last, output_type: "i64" });
  return [
    select(emit, hasNaN, numberLike(emit, x, NaN), value),
    select(emit, hasNaN, reshapeTo(emit, first, place.type.shape), place),
  ];
}
/** The middle of what is not NaN: NaNs come before all numbers, so the middle moves by how many there are. */
function withoutNaN(emit: Emit, x: Value, n: number): readonly [Value, Value] {
  const last = x.type.shape.length - 1;
  const nan = isNaNValue(emit, x);
  const { values, indices } = sorted(emit, sortable(emit, x, nan), n);
  const nans = sumOver(emit, castTo(emit, nan, "i32"), [last], true);
  // of m = n - nans numbers, floor(m / 2) are above the lower median; of none, the first NaN stands for it
  const numbers = sub(emit, numberLike(emit, nans, n), nans);
  const above = emit(tfl.floorDiv, { lhs: numbers, rhs: numberLike(emit, nans, 2) });
  const at = emit(tfl.minimum, { lhs: add(emit, above, nans), rhs: numberLike(emit, nans, n - 1) });
  const place = emit(
    tfl.oneHot,
    {
      indices: reshapeTo(emit, at, x.type.shape.slice(0, -1)),
      on_value: emit.constant(scalarData("bool", true)),
      off_value: emit.constant(scalarData("bool", false)),
    },
    { depth: n },
  );
  const pickInt = (v: Value): Value => sumOver(emit, select(emit, place, v, numberLike(emit, v, 0)), [last], true);
  const none = emit(tfl.equal, { lhs: numbers, rhs: numberLike(emit, numbers, 0) });
  // a chosen infinity survives the sum: everything else is zero
  const value = pickInt(values);
  return [
    select(emit, none, numberLike(emit, x, NaN), value),
    castTo(emit, select(emit, none, numberLike(emit, nans, 0), pickInt(indices)), "i64"),
  ];
}

function medians(
  emit: Emit,
  self: Value,
  dim: number | undefined,
  keep: boolean,
  skipNaN: boolean,
): Value[] | Rejection {
  const { dtype, shape } = self.type;
  const out = reducedShape(shape, reduceAxes(dim, shape.length), keep);
  if (shape.length === 0) return [self, emit.constant(scalarData("i64", 0n))];
  const axis = dim === undefined ? 0 : axisOf(dim, shape.length);
  const flat = dim === undefined ? flatten(emit, self) : self;
  const n = flat.type.shape[axis]!;
  if (!isStatic(n)) return reject("needs a static number of elements to find the middle one of");
  if (n === 0)
    return dim === undefined ? [emit.constant(scalarData(dtype, NaN))] : reject("has no elements to choose from");
  const x = permuteBy(emit, widenInteger(emit, flat), axisToLast(flat.type.shape.length, axis));
  const [value, place] = !isFloat(dtype) ? middle(emit, x, n) : skipNaN ? withoutNaN(emit, x, n) : withNaN(emit, x, n);
  return [castTo(emit, reshapeTo(emit, value, out), dtype), reshapeTo(emit, place, out)];
}
const first = (values: Value[] | Rejection): Value | Rejection => (Array.isArray(values) ? values[0]! : values);

export const median = defineLowering(aten.median, ({ self }, _, emit) =>
  first(medians(emit, self, undefined, false, false)),
);
export const medianDim = defineLowering(aten.medianDim, ({ self }, { dim, keepdim }, emit) =>
  medians(emit, self, dim, keepdim, false),
);
export const nanmedian = defineLowering(aten.nanmedian, ({ self }, _, emit) =>
  first(medians(emit, self, undefined, false, true)),
);
export const nanmedianDim = defineLowering(aten.nanmedianDim, ({ self }, { dim, keepdim }, emit) =>
  medians(emit, self, dim, keepdim, true),
);
