import { tfl } from "@tflower/backend-tflite";
import {
  broadcastShapes,
  type Dim,
  defineLowering,
  type Emit,
  i32Data,
  isFloat,
  isStatic,
  reject,
  sizeOf,
  type Value,
} from "@tflower/core";
import { subTensor } from "../dialect/arithmetic.ts";
import * as aten from "../dialect/distance.ts";
import { addNumber, numberLike, squared } from "../emit/compute.ts";
import { matmulOf, zeros } from "../emit/matmul.ts";
import { normOver } from "../emit/norm.ts";
import { add, atLeast, div, mul, sub, times } from "../emit/pointwise.ts";
import { broadcastTo, castTo, reshapeTo } from "../emit/rearrange.ts";
import { sumOver } from "../emit/reduce.ts";
import { axisOf } from "../semantics/axes.ts";
import { swappedAxes } from "../semantics/permutations.ts";
import { resultDType } from "../semantics/promote.ts";

/** Elements of all differences side by side up to which they are made; beyond, Euclidean distances go through a matrix product. */
const limit = 1 << 22;

/** All distances by `|a|^2 - 2 a b + |b|^2`, as PyTorch does for many rows: small distances between long vectors lose digits alike. */
function byProduct(emit: Emit, x1: Value, x2: Value): Value {
  const last = (x: Value): number => x.type.shape.length - 1;
  const rows = sumOver(emit, squared(emit, x1), [last(x1)], true);
  const sums = sumOver(emit, squared(emit, x2), [last(x2)], true);
  const columns = emit(tfl.transpose, { input: sums }, { perm: swappedAxes(sums.type.shape.length, -1, -2) });
  const distance = add(emit, add(emit, times(emit, matmulOf(emit, x1, x2, true), -2), rows), columns);
  return emit(tfl.sqrt, { input: atLeast(emit, distance, numberLike(emit, distance, 0)) });
}
function distances(emit: Emit, x1: Value, x2: Value, p: number, mode: number | undefined): Value {
  const [s1, s2] = [x1.type.shape, x2.type.shape];
  const out = [...broadcastShapes(s1.slice(0, -2), s2.slice(0, -2)), s1.at(-2)!, s2.at(-2)!];
  if (s1.at(-1) === 0 || out.some((d) => d === 0)) return zeros(emit, x1, out);
  const count: Dim = sizeOf([...out, s1.at(-1)!]);
  const many = !isStatic(count) || count > limit;
  // mode 2 says never by a matrix product, mode 1 always
  if (p === 2 && mode !== 2 && (many || mode === 1)) return byProduct(emit, x1, x2);
  const difference = sub(
    emit,
    reshapeTo(emit, x1, s1.toSpliced(-1, 0, 1)),
    reshapeTo(emit, x2, s2.toSpliced(-2, 0, 1)),
  );
  return normOver(emit, difference, p, [difference.type.shape.length - 1], false);
}
export const cdist = defineLowering(aten.cdist, ({ x1, x2 }, { p, compute_mode }, emit) =>
  distances(emit, x1, x2, p, compute_mode),
);
export const cdistForward = defineLowering(aten.cdistForward, ({ x1, x2 }, { p, compute_mode }, emit) =>
  distances(emit, x1, x2, p, compute_mode),
);

interface Self {
  readonly self: Value;
}
/** Rows of every pair, gathered, then their distance. */
const pairs = ({ self }: Self, { p }: { readonly p: number }, emit: Emit) => {
  const [n, width] = self.type.shape as [Dim, Dim];
  if (!isStatic(n)) return reject("needs a static number of rows");
  const first: number[] = [];
  const second: number[] = [];
  for (let i = 0; i < n; i++)
    for (let j = i + 1; j < n; j++) {
      first.push(i);
      second.push(j);
    }
  if (first.length === 0 || width === 0) return zeros(emit, self, [first.length]);
  const rows = (at: readonly number[]): Value =>
    emit(tfl.gather, { params: self, indices: emit.constant(i32Data(at)) });
  return normOver(emit, sub(emit, rows(first), rows(second)), p, [1], false);
};
export const pdist = defineLowering(aten.pdist, pairs);
export const pdistForward = defineLowering(aten.pdistForward, pairs);

export const pairwiseDistance = defineLowering(aten.pairwiseDistance, ({ x1, x2 }, { p, eps, keepdim }, emit) => {
  const common = resultDType(x1.type, x2.type);
  const dtype = isFloat(common) ? common : "f32";
  // integers are subtracted as such, and wrap
  const apart = isFloat(common)
    ? sub(emit, castTo(emit, x1, dtype), castTo(emit, x2, dtype))
    : castTo(emit, emit(subTensor, { self: x1, other: x2 }), dtype);
  const difference = addNumber(emit, apart, eps);
  const rank = difference.type.shape.length;
  return normOver(emit, difference, p, rank ? [rank - 1] : [], keepdim);
});

export const cosineSimilarity = defineLowering(aten.cosineSimilarity, ({ x1, x2 }, { dim, eps }, emit) => {
  const dtype = resultDType(x1.type, x2.type);
  const rank = Math.max(x1.type.shape.length, x2.type.shape.length);
  const axis = axisOf(dim, rank);
  const shape = broadcastShapes(x1.type.shape, x2.type.shape);
  // a norm along an axis that only the other operand has must see its equal elements
  const whole = (x: Value): Value => {
    const own = axis - (rank - x.type.shape.length);
    return rank > 0 && (own < 0 || (x.type.shape[own] === 1 && shape[axis] !== 1)) ? broadcastTo(emit, x, shape) : x;
  };
  const unit = (x: Value): Value => {
    const wide = castTo(emit, whole(x), dtype);
    const norm = normOver(emit, wide, 2, rank === 0 ? [] : [axis - (rank - wide.type.shape.length)], true);
    return div(emit, wide, atLeast(emit, norm, numberLike(emit, norm, eps)));
  };
  return sumOver(emit, mul(emit, unit(x1), unit(x2)), rank === 0 ? [] : [axis], false);
});
