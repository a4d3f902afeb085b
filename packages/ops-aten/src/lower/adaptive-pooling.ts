import { tfl } from "@tflower/backend-tflite";
import {
  type Dim,
  defineLowering,
  type Emit,
  isFloat,
  type Node,
  type Rejection,
  reject,
  sameDim,
  tensorData,
  type Value,
} from "@tflower/core";
import * as aten from "../dialect/adaptive-pooling.ts";
import { applyAlong, type Matrix, matrixValue } from "../emit/along-axis.ts";
import { addNumber, numberLike } from "../emit/compute.ts";
import { still } from "../emit/convolve.ts";
import { div, mul, sub } from "../emit/pointwise.ts";
import { averageImage, maxImage } from "../emit/pool.ts";
import { hasStaticSpace, maxByGather } from "../emit/pool-by-gather.ts";
import { castTo } from "../emit/rearrange.ts";
import { extremeOver } from "../emit/reduce.ts";
import { countTo } from "../emit/triangle.ts";
import { adaptedTaps } from "../semantics/pooling.ts";
import { adaptiveTaps, perAxis, type Sliding } from "../semantics/spatial.ts";
import { isRead, poolSpace } from "./pooling.ts";

interface Self {
  readonly self: Value;
}
interface Size {
  readonly output_size: readonly Dim[];
}
/** What becomes of one axis: stays, goes to one element, is cut evenly, or into bins that overlap. */
type Fate = "stays" | "one" | "even" | "uneven" | "unknown";
function fateOf(from: Dim, to: Dim): Fate {
  if (sameDim(from, to)) return "stays";
  if (to === 1) return "one";
  if (typeof from !== "number" || typeof to !== "number") return "unknown";
  return from % to === 0 ? "even" : "uneven";
}
const evenly = (from: number, to: number): Sliding => ({ ...still, kernel: from / to, stride: from / to });

interface Plan {
  readonly fates: readonly Fate[];
  readonly axes: readonly number[];
  readonly size: readonly Dim[];
}
function plan(self: Value, a: Size, rank: number): Plan {
  const size = perAxis(a.output_size, rank, "output_size");
  const first = self.type.shape.length - rank;
  const axes = size.map((_, i) => first + i);
  return { size, axes, fates: size.map((to, i) => fateOf(self.type.shape[first + i]!, to)) };
}
/** Windows of the axes that are cut evenly; the others stand still. */
const slidesOf = (self: Value, p: Plan): Sliding[] =>
  p.fates.map((f, i) => (f === "even" ? evenly(self.type.shape[p.axes[i]!] as number, p.size[i] as number) : still));

/** Means of bins as a matrix. */
const binMatrix = (from: number, to: number): Matrix =>
  adaptiveTaps(from, to).map((bin) => {
    const row = new Array<number>(from).fill(0);
    for (const [, i] of bin) row[i] = 1 / bin.length;
    return row;
  });

/** {@link binMatrix} for an extent that is known only when the program runs. */
function binMatrixOf(emit: Emit, extent: Dim, bins: number): Value {
  const n = emit.dim(extent);
  const column = (from: number): Value =>
    emit.constant(
      tensorData(
        "i32",
        [bins, 1],
        Array.from({ length: bins }, (_, o) => o + from),
      ),
    );
  const whole = (a: Value): Value => emit(tfl.floorDiv, { lhs: a, rhs: numberLike(emit, a, bins) });
  const start = whole(mul(emit, column(0), n));
  const end = whole(addNumber(emit, mul(emit, column(1), n), bins - 1));
  const places = countTo(emit, extent);
  const inside = emit(tfl.logicalAnd, {
    lhs: emit(tfl.greaterEqual, { lhs: places, rhs: start }),
    rhs: emit(tfl.less, { lhs: places, rhs: end }),
  });
  return div(emit, castTo(emit, inside, "f32"), castTo(emit, sub(emit, end, start), "f32"));
}

const average =
  (rank: number) =>
  ({ self }: Self, a: Size, emit: Emit): Value | Rejection => {
    if (!isFloat(self.type.dtype)) return reject(`averages floats, got ${self.type.dtype}`);
    const p = plan(self, a, rank);
    if (p.size.some((n) => typeof n !== "number" && !self.type.shape.some((d) => sameDim(d, n))))
      return reject("needs a static number of bins");
    const ones = p.axes.filter((_, i) => p.fates[i] === "one");
    let x = ones.length ? emit(tfl.mean, { input: self }, { axes: ones, keep_dims: true }) : self;
    if (p.fates.includes("even"))
      x = poolSpace(emit, x, slidesOf(self, p), (image, s) => averageImage(emit, image, s, false, "window"));
    p.fates.forEach((f, i) => {
      const extent = self.type.shape[p.axes[i]!]!;
      if (f === "uneven")
        x = applyAlong(emit, x, p.axes[i]!, matrixValue(emit, binMatrix(extent as number, p.size[i] as number)));
      if (f === "unknown") x = applyAlong(emit, x, p.axes[i]!, binMatrixOf(emit, extent, p.size[i] as number));
    });
    return x;
  };
export const adaptiveAvgPool1d = defineLowering(aten.adaptiveAvgPool1d, average(1));
export const adaptiveAvgPool2d = defineLowering(aten.adaptiveAvgPool2d, average(2));
export const adaptiveAvgPool3d = defineLowering(aten.adaptiveAvgPool3d, average(3));
export const _adaptiveAvgPool2d = defineLowering(aten._adaptiveAvgPool2d, average(2));
export const _adaptiveAvgPool3d = defineLowering(aten._adaptiveAvgPool3d, average(3));

function maxValues(emit: Emit, self: Value, p: Plan): Value | undefined {
  if (p.fates.includes("unknown") || p.fates.includes("uneven") || !isFloat(self.type.dtype)) return undefined;
  const ones = p.axes.filter((_, i) => p.fates[i] === "one");
  const x = ones.length ? extremeOver(emit, "max", self, ones, true) : self;
  return p.fates.includes("even")
    ? poolSpace(emit, x, slidesOf(self, p), (image, s) => maxImage(emit, image, s, false))
    : x;
}
const max =
  (rank: number) =>
  ({ self }: Self, a: Size, emit: Emit, node: Node<any>): Value[] | Rejection => {
    const p = plan(self, a, rank);
    const read = isRead(node, 1);
    const values = read ? undefined : maxValues(emit, self, p);
    // nobody reads the positions; what stands for them is dead
    if (values) return [values, castTo(emit, values, "i64")];
    if (!hasStaticSpace(self, rank))
      return reject(`${read ? "positions of the largest elements" : "uneven bins"} need static extents`);
    const best = maxByGather(
      emit,
      self,
      adaptedTaps(self.type.shape as readonly number[], p.size as readonly number[]),
    );
    return [best.values, read ? best.positions() : castTo(emit, best.values, "i64")];
  };
export const adaptiveMaxPool1d = defineLowering(aten.adaptiveMaxPool1d, max(1));
export const adaptiveMaxPool2d = defineLowering(aten.adaptiveMaxPool2d, max(2));
export const adaptiveMaxPool3d = defineLowering(aten.adaptiveMaxPool3d, max(3));
