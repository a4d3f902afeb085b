import { type Dim, defineLowering, type Emit, isStatic, reject, sizeOf, tensorData, type Value } from "@tflower/core";
import * as aten from "../dialect/logsumexp.ts";
import { numberLike } from "../emit/compute.ts";
import { logSumExpOver } from "../emit/log-sum-exp.ts";
import { select } from "../emit/pointwise.ts";
import { castTo, permuteBy, reshapeTo } from "../emit/rearrange.ts";
import { axisOf } from "../semantics/axes.ts";
import { axisToLast, inversePermutation } from "../semantics/permutations.ts";
import { floatResult } from "../semantics/promote.ts";
import { reduceAxes } from "../semantics/reduce.ts";

interface Attrs {
  readonly dim: readonly number[];
  readonly keepdim: boolean;
}
const total = ({ self }: { readonly self: Value }, { dim, keepdim }: Attrs, emit: Emit): Value =>
  logSumExpOver(
    emit,
    castTo(emit, self, floatResult(self.type.dtype)),
    reduceAxes(dim, self.type.shape.length),
    keepdim,
  );
export const logsumexp = defineLowering(aten.logsumexp, total);
export const specialLogsumexp = defineLowering(aten.specialLogsumexp, total);

/** Elements of the intermediate result up to which all prefixes are summed side by side. */
const limit = 1 << 24;

/** Each prefix is a row of a triangle: one shift for all of them, as a running sum would need, makes small early prefixes vanish. */
export const logcumsumexp = defineLowering(aten.logcumsumexp, ({ self }, { dim }, emit) => {
  const { shape } = self.type;
  const rank = shape.length;
  if (rank === 0) return self;
  const axis = axisOf(dim, rank);
  const n = shape[axis]!;
  if (!isStatic(n)) return reject("needs a static extent of the axis");
  const rest: Dim = sizeOf(shape.toSpliced(axis, 1));
  if (isStatic(rest) && rest * n * n > limit)
    return reject(`compares ${n} x ${n} elements of ${rest} lines, which is more than ${limit}: use a shorter axis`);
  const perm = axisToLast(rank, axis);
  const lines = reshapeTo(emit, permuteBy(emit, self, perm), [rest, 1, n]);
  const later = tensorData(
    "bool",
    [1, n, n],
    Array.from({ length: n * n }, (_, i) => i % n > Math.floor(i / n)),
  );
  const prefixes = select(emit, emit.constant(later), numberLike(emit, lines, -Infinity), lines);
  const sums = logSumExpOver(emit, prefixes, [2], false);
  return permuteBy(
    emit,
    reshapeTo(
      emit,
      sums,
      perm.map((p) => shape[p]!),
    ),
    inversePermutation(perm),
  );
});
