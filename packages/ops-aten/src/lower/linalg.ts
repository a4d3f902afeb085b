import { tfl } from "@tflower/backend-tflite";
import { defineLowering, type Dim, type Emit, type Graph, isComplex, isStatic, reject, type Rejection, sizeOf, tensorData, type Value } from "@tflower/core";
import * as aten from "../dialect/linalg.ts";
import { add, div, mul, numberLike, sub, widenInteger } from "../emit/compute.ts";
import { matmulOf, zeros } from "../emit/matmul.ts";
import { broadcastTo, castTo, concatAxis, reshapeTo, sliceAxis } from "../emit/rearrange.ts";
import { sumResult } from "../semantics/promote.ts";

/** Minors are sums of products, which lose digits where elimination with pivots does not: for these few rows the loss is small. */
const largest = 3;
const tooLarge = reject(`needs matrices of at most ${largest} x ${largest}: LiteRT has no kernel for larger ones`);

/** Every element of the matrices, each with extents 1 in the last two axes. */
type Elements = Value[][];
function elementsOf(emit: Emit, x: Value): Elements | undefined {
  const { shape } = x.type;
  const n = shape.at(-1)!;
  if (!isStatic(n) || n === 0 || n > largest) return undefined;
  const flat = reshapeTo(emit, x, [...shape.slice(0, -2), n * n]);
  const axis = flat.type.shape.length - 1;
  return Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_y, j) => sliceAxis(emit, flat, axis, i * n + j, 1)));
}
const minor2 = (emit: Emit, m: Elements, [a, b]: readonly number[], [c, d]: readonly number[]): Value =>
  sub(emit, mul(emit, m[a!]![c!]!, m[b!]![d!]!), mul(emit, m[a!]![d!]!, m[b!]![c!]!));
const three = [0, 1, 2] as const;
/** Cofactor of row `i` and column `j`. Cyclic order of rows and columns takes care of the sign. */
const cofactor3 = (emit: Emit, m: Elements, i: number, j: number): Value => minor2(emit, m, [(i + 1) % 3, (i + 2) % 3], [(j + 1) % 3, (j + 2) % 3]);

function determinantOf(emit: Emit, m: Elements): Value {
  if (m.length === 1) return m[0]![0]!;
  if (m.length === 2) return minor2(emit, m, [0, 1], [0, 1]);
  return three.map((j) => mul(emit, m[0]![j]!, cofactor3(emit, m, 0, j))).reduce((a, b) => add(emit, a, b));
}
function determinants(emit: Emit, x: Value): Value | Rejection {
  const batch = x.type.shape.slice(0, -2);
  if (x.type.shape.at(-1) === 0) return broadcastTo(emit, numberLike(emit, x, 1), batch);
  const m = elementsOf(emit, x);
  return m ? reshapeTo(emit, determinantOf(emit, m), batch) : tooLarge;
}
export const det = defineLowering(aten.det, ({ self }, _, emit) => determinants(emit, self));
export const linalgDet = defineLowering(aten.linalgDet, ({ A }, _, emit) => determinants(emit, A));

/** Cofactors over the determinant. PyTorch raises an error for a singular matrix; here it gives infinities and NaN. */
function inverses(emit: Emit, x: Value): Value | Rejection {
  const { shape } = x.type;
  if (sizeOf(shape) === 0) return x;
  const m = elementsOf(emit, x);
  if (!m) return tooLarge;
  const n = m.length;
  const determinant = determinantOf(emit, m);
  const one = numberLike(emit, x, 1);
  const minus = (v: Value): Value => emit(tfl.neg, { input: v });
  const adjugate = n === 1 ? [broadcastTo(emit, one, determinant.type.shape)] : n === 2 ? [m[1]![1]!, minus(m[0]![1]!), minus(m[1]![0]!), m[0]![0]!] : three.flatMap((i) => three.map((j) => cofactor3(emit, m, j, i)));
  const axis = shape.length - 2;
  return reshapeTo(emit, div(emit, concatAxis(emit, adjugate, axis), determinant), shape);
}
export const inverseOp = defineLowering(aten.inverseOp, ({ self }, _, emit) => inverses(emit, self));
export const linalgInv = defineLowering(aten.linalgInv, ({ A }, _, emit) => inverses(emit, A));
export const linalgInvEx = defineLowering(aten.linalgInvEx, ({ A }, _, emit, node) => {
  const info = node.results[1]!;
  if (info.users.size > 0 || (node as { graph?: Graph }).graph?.isOutput(info)) return reject("reads where the first zero pivot is, and minors have no pivots");
  const out = inverses(emit, A);
  return "reason" in out ? out : [out, zeros(emit, emit.constant(tensorData("i32", [], [0])), A.type.shape.slice(0, -2))];
});

function power(emit: Emit, x: Value, n: number): Value | Rejection {
  if (isComplex(x.type.dtype)) return reject("has no lowering for complex numbers");
  const { shape, dtype } = x.type;
  const size = shape.at(-1)!;
  if (n < 0) {
    const inverse = inverses(emit, x);
    return "reason" in inverse ? inverse : power(emit, inverse, -n);
  }
  if (n === 0) {
    if (!isStatic(size)) return reject("needs a static extent");
    const identity = emit.constant(tensorData(dtype, [size, size], Array.from({ length: size * size }, (_, i) => (i % (size + 1) === 0 ? 1 : 0))));
    return broadcastTo(emit, identity, shape);
  }
  let out: Value | undefined;
  for (let bits = n, square = x; bits > 0; bits = Math.floor(bits / 2)) {
    if (bits % 2 === 1) out = out ? matmulOf(emit, out, square) : square;
    if (bits > 1) square = matmulOf(emit, square, square);
  }
  return out!;
}
export const matrixPower = defineLowering(aten.matrixPower, ({ self }, { n }, emit) => power(emit, self, n));
export const linalgMatrixPower = defineLowering(aten.linalgMatrixPower, ({ self }, { n }, emit) => power(emit, self, n));

/** Powers along a new last axis, each from the one before. */
function powers(emit: Emit, x: Value, count: Dim, falling: boolean): Value | Rejection {
  if (isComplex(x.type.dtype)) return reject("has no lowering for complex numbers");
  if (!isStatic(count)) return reject("needs a static number of powers");
  const base = castTo(emit, x, sumResult(x.type.dtype));
  const shape = [...base.type.shape, 1];
  if (count === 0 || sizeOf(shape) === 0) return zeros(emit, base, [...base.type.shape, count]);
  const column = reshapeTo(emit, widenInteger(emit, base), shape);
  const out = [broadcastTo(emit, numberLike(emit, column, 1), shape)];
  for (let k = 1; k < count; k++) out.push(k === 1 ? column : mul(emit, out[k - 1]!, column));
  return concatAxis(emit, falling ? out.toReversed() : out, shape.length - 1);
}
export const linalgVander = defineLowering(aten.linalgVander, ({ x }, { N }, emit) => powers(emit, x.type.shape.length ? x : reshapeTo(emit, x, [1]), N ?? x.type.shape.at(-1)!, false));
export const vander = defineLowering(aten.vander, ({ x }, { N, increasing }, emit) => powers(emit, x, N ?? x.type.shape[0]!, !increasing));
