import { type Emit, isStaticShape, type Rejection, reject, type Value } from "@tflower/core";
import { cat } from "../dialect/cat.ts";
import { flip } from "../dialect/flip.ts";
import * as aten from "../dialect/fourier.ts";
import { linear } from "../dialect/matmul.ts";
import { constantPadNd } from "../dialect/pad.ts";
import { permute } from "../dialect/permute.ts";
import { reshape } from "../dialect/reshape.ts";
import { sliceTensor } from "../dialect/slice.ts";
import { scaleOf, type Transform } from "../semantics/fourier.ts";
import { asFloat, eachPart, neg, product, table } from "./numbers.ts";
import { type ComplexRule, complexRule, isPair, type Pair, type Part } from "./rule.ts";

/** Signals up to this length are multiplied by one matrix; longer ones are cut in two factors if they have any. */
const dense = 512;
/** Signals without such factors, up to this length. */
const most = 2048;

const onParts = (p: Part, f: (v: Value) => Value): Part => (isPair(p) ? eachPart(p, f) : f(p));
const some = (p: Part): Value => (isPair(p) ? p.re : p);
const cut = (emit: Emit, self: Value, dim: number, start: number, end: number): Value =>
  emit(sliceTensor, { self }, { dim, start, end });

/** An axis cut or filled up with zeros to `n`. */
function resized(emit: Emit, p: Part, axis: number, n: number): Part {
  const { shape } = some(p).type;
  const extent = shape[axis] as number;
  if (extent === n) return p;
  const pad = [...new Array<number>(2 * (shape.length - 1 - axis)).fill(0), 0, n - extent];
  return onParts(p, (self) => (n < extent ? cut(emit, self, axis, 0, n) : emit(constantPadNd, { self }, { pad })));
}
/** `f` with an axis moved last. */
function withLast(emit: Emit, p: Part, axis: number, f: (p: Part) => Part): Part {
  const rank = some(p).type.shape.length;
  if (axis === rank - 1) return f(p);
  const dims = Array.from({ length: rank }, (_, i) => (i === axis ? rank - 1 : i === rank - 1 ? axis : i));
  const swapped = (self: Value): Value => emit(permute, { self }, { dims });
  return onParts(f(onParts(p, swapped)), swapped);
}

const turn = (sign: number, k: number, t: number, n: number): number => (sign * 2 * Math.PI * ((k * t) % n)) / n;
/** Rows of real and imaginary parts as a constant weight. */
function weights(emit: Emit, rows: number, columns: number, at: (row: number, column: number) => number): Value {
  const values = new Float32Array(rows * columns);
  for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) values[r * columns + c] = at(r, c);
  return table(emit, [rows, columns], values);
}
const flat = (emit: Emit, p: Part): Value => (isPair(p) ? emit(cat, { tensors: [p.re, p.im] }, { dim: -1 }) : p);

/** The first `count` numbers of the transform of the last axis, `n` long, by one matrix. */
function byMatrix(emit: Emit, p: Part, n: number, count: number, sign: number, scale: number): Pair {
  const weight = weights(emit, 2 * count, isPair(p) ? 2 * n : n, (row, column) => {
    const angle = turn(sign, row % count, column % n, n);
    // the imaginary part of the input turns by a right angle more
    const [fromIm, toIm] = [column >= n, row >= count];
    return scale * (fromIm === toIm ? Math.cos(angle) : toIm ? Math.sin(angle) : -Math.sin(angle));
  });
  const both = emit(linear, { input: flat(emit, p), weight });
  return { re: cut(emit, both, -1, 0, count), im: cut(emit, both, -1, count, 2 * count) };
}

/** The largest divisor of `n` up to its root. */
function divisorOf(n: number): number {
  for (let d = Math.floor(Math.sqrt(n)); d > 1; d--) if (n % d === 0) return d;
  return 1;
}
/**
 * Cooley and Tukey: with `t = b * t1 + t2` and `k = k1 + a * k2`, transforms of length `a` over `t1`, turned by `k1 * t2`, and
 * transforms of length `b` over `t2`.
 */
function inTwo(emit: Emit, p: Part, n: number, sign: number, scale: number): Pair {
  const a = divisorOf(n);
  const b = n / a;
  const outer = some(p).type.shape.slice(0, -1);
  const axis = outer.length;
  const apart = onParts(p, (self) => emit(reshape, { self }, { shape: [...outer, a, b] }));
  const first = withLast(emit, apart, axis, (x) => transformLast(emit, x, a, a, sign, 1));
  const angles = Array.from({ length: n }, (_, i) => turn(sign, Math.floor(i / b), i % b, n));
  const turned = product(emit, first, {
    re: table(emit, [a, b], angles.map(Math.cos)),
    im: table(emit, [a, b], angles.map(Math.sin)),
  });
  const second = transformLast(emit, turned, b, b, sign, scale);
  const dims = [...outer.keys(), axis + 1, axis];
  return eachPart(second, (self) =>
    emit(reshape, { self: emit(permute, { self }, { dims }) }, { shape: [...outer, n] }),
  );
}
function transformLast(emit: Emit, p: Part, n: number, count: number, sign: number, scale: number): Pair {
  if (n <= dense || divisorOf(n) === 1) return byMatrix(emit, p, n, count, sign, scale);
  const whole = inTwo(emit, p, n, sign, scale);
  return count === n ? whole : eachPart(whole, (v) => cut(emit, v, -1, 0, count));
}

/** Real numbers, `n` along the last axis, from the half of their spectrum that is not redundant. */
function realFromHalf(emit: Emit, p: Part, n: number, sign: number, scale: number): Value {
  const half = Math.floor(n / 2) + 1;
  if (n <= dense || divisorOf(n) === 1) {
    const weight = weights(emit, n, isPair(p) ? 2 * half : half, (t, column) => {
      const k = column % half;
      const angle = turn(sign, k, t, n);
      const twice = k === 0 || 2 * k === n ? 1 : 2;
      return scale * twice * (column < half ? Math.cos(angle) : twice === 1 ? 0 : -Math.sin(angle));
    });
    return emit(linear, { input: flat(emit, p), weight });
  }
  // the other half is the conjugate in reverse; lone imaginary parts cancel in what is real of the result
  const mirror = (self: Value): Value => emit(flip, { self: cut(emit, self, -1, 1, n - half + 1) }, { dims: [-1] });
  const join = (v: Value, rest: Value): Value => emit(cat, { tensors: [v, rest] }, { dim: -1 });
  const whole: Part = isPair(p)
    ? { re: join(p.re, mirror(p.re)), im: join(p.im, neg(emit, mirror(p.im))) }
    : join(p, mirror(p));
  return transformLast(emit, whole, n, n, sign, scale).re;
}

/** Computes a transform by constant matrices, axis by axis. */
export function transform(emit: Emit, self: Part, t: Transform): Part | Rejection {
  const { sizes, axes, kind, sign } = t;
  const extents = axes.map((a) => some(self).type.shape[a]!);
  if (!isStaticShape(sizes) || !isStaticShape(extents))
    return reject("needs static extents along the axes that are transformed");
  const large = sizes.find((n) => n > most && divisorOf(n) === 1);
  if (large !== undefined)
    return reject(`has ${large} elements along an axis: more than ${most}, and no factors to cut them into`);
  const last = axes.length - 1;
  const scale = scaleOf(t);
  let p: Part = isPair(self) ? self : asFloat(emit, self);
  axes.forEach((axis, i) => {
    p = resized(emit, p, axis, kind === "c2r" && i === last ? Math.floor(sizes[i]! / 2) + 1 : sizes[i]!);
  });
  // the axis that is halved comes first where it is halved, and last where it is made whole
  const order = kind === "r2c" ? [last, ...axes.keys()].slice(0, axes.length) : [...axes.keys()];
  for (const i of order) {
    const n = sizes[i]!;
    const own = i === last ? scale : 1;
    p = withLast(emit, p, axes[i]!, (x) => {
      if (kind === "c2r" && i === last) return realFromHalf(emit, x, n, sign, own);
      return transformLast(emit, x, n, kind === "r2c" && i === last ? Math.floor(n / 2) + 1 : n, sign, own);
    });
  }
  return p;
}

export const fourierRules: readonly ComplexRule[] = Object.values(aten).flatMap((op) => {
  const plan = typeof op === "object" ? op.traits.fourier : undefined;
  if (!plan) return [];
  return complexRule(
    op as typeof aten.fftFft,
    ({ self }, attrs, emit, node) => {
      // the plan follows from the operand's own type, which has been complex
      const type = (node.operands as unknown as { readonly self: Value }).self.type;
      return transform(emit, self, plan(type, attrs as unknown as Readonly<Record<string, unknown>>));
    },
    true,
  );
});
