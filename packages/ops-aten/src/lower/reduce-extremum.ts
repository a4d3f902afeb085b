import { tfl } from "@tflower/backend-tflite";
import { defineLowering, type Emit, isFloat, scalarData, tensorData, type Value } from "@tflower/core";
import { maximum, minimum } from "../dialect/binary-functions.ts";
import * as aten from "../dialect/reduce-extremum.ts";
import { squared, widenInteger } from "../emit/compute.ts";
import { isNaNValue, select } from "../emit/pointwise.ts";
import { flatten, reshapeTo } from "../emit/rearrange.ts";
import { extremeOver, looseExtremeOver, sumOver } from "../emit/reduce.ts";
import { reduceAxes, reducedShape } from "../semantics/reduce.ts";

type Kind = "max" | "min";
type Dims = readonly number[] | number | undefined;
const values = (emit: Emit, kind: Kind, self: Value, dim: Dims, keep: boolean): Value =>
  extremeOver(emit, kind, self, reduceAxes(dim, self.type.shape.length), keep);

/** Where the extreme of each line along `axis` stands, as int64; the axis goes away. */
function placesAlong(emit: Emit, kind: Kind, x: Value, axis: number): Value {
  const op = kind === "max" ? tfl.argMax : tfl.argMin;
  const at = { axis, output_type: "i64" } as const;
  const { dtype } = x.type;
  if (dtype === "i64") {
    // the kernel has no int64: the first place that is equal to the extreme
    const extreme = looseExtremeOver(emit, kind, x, [axis], true);
    return emit(tfl.argMax, { input: emit(tfl.equal, { lhs: x, rhs: extreme }) }, at);
  }
  if (!isFloat(dtype)) return emit(op, { input: widenInteger(emit, x) }, at);
  // the kernel passes over NaN, which comes before all numbers here
  const s = sumOver(emit, squared(emit, x), [axis], false);
  return select(
    emit,
    isNaNValue(emit, s),
    emit(tfl.argMax, { input: isNaNValue(emit, x) }, at),
    emit(op, { input: x }, at),
  );
}
function places(emit: Emit, kind: Kind, self: Value, dim: number | undefined, keep: boolean): Value {
  const { shape } = self.type;
  const axes = reduceAxes(dim, shape.length);
  const out = reducedShape(shape, axes, keep);
  if (shape.length === 0) return emit.constant(scalarData("i64", 0n));
  if (shape.some((d) => d === 0)) return emit.constant(tensorData("i64", out as number[], []));
  return reshapeTo(
    emit,
    placesAlong(emit, kind, dim === undefined ? flatten(emit, self) : self, dim === undefined ? 0 : axes[0]!),
    out,
  );
}

export const amax = defineLowering(aten.amax, ({ self }, { dim, keepdim }, emit) =>
  values(emit, "max", self, dim, keepdim),
);
export const amin = defineLowering(aten.amin, ({ self }, { dim, keepdim }, emit) =>
  values(emit, "min", self, dim, keepdim),
);
export const max = defineLowering(aten.max, ({ self }, _, emit) => values(emit, "max", self, undefined, false));
export const min = defineLowering(aten.min, ({ self }, _, emit) => values(emit, "min", self, undefined, false));
export const maxDim = defineLowering(aten.maxDim, ({ self }, { dim, keepdim }, emit) => [
  values(emit, "max", self, dim, keepdim),
  places(emit, "max", self, dim, keepdim),
]);
export const minDim = defineLowering(aten.minDim, ({ self }, { dim, keepdim }, emit) => [
  values(emit, "min", self, dim, keepdim),
  places(emit, "min", self, dim, keepdim),
]);
export const argmax = defineLowering(aten.argmax, ({ self }, { dim, keepdim }, emit) =>
  places(emit, "max", self, dim, keepdim),
);
export const argmin = defineLowering(aten.argmin, ({ self }, { dim, keepdim }, emit) =>
  places(emit, "min", self, dim, keepdim),
);
export const aminmax = defineLowering(aten.aminmax, ({ self }, { dim, keepdim }, emit) => [
  values(emit, "min", self, dim, keepdim),
  values(emit, "max", self, dim, keepdim),
]);

export const maxOther = defineLowering(aten.maxOther, ({ self, other }, _, emit) => emit(maximum, { self, other }));
export const minOther = defineLowering(aten.minOther, ({ self, other }, _, emit) => emit(minimum, { self, other }));
