import {
  type Dim,
  defineLowering,
  type Emit,
  isComplex,
  isStatic,
  type Rejection,
  reject,
  sizeOf,
  tensorData,
  type Value,
} from "@tflower/core";
import * as aten from "../dialect/linalg.ts";
import { numberLike, widenInteger } from "../emit/compute.ts";
import { inverseOf } from "../emit/eliminate.ts";
import { matmulOf, zeros } from "../emit/matmul.ts";
import { mul } from "../emit/pointwise.ts";
import { broadcastTo, castTo, concatAxis, reshapeTo } from "../emit/rearrange.ts";
import { sumResult } from "../semantics/promote.ts";

function power(emit: Emit, x: Value, n: number): Value | Rejection {
  if (isComplex(x.type.dtype)) return reject("has no lowering for complex numbers");
  const { shape, dtype } = x.type;
  const size = shape.at(-1)!;
  if (n < 0) {
    const inverse = inverseOf(emit, x);
    return "reason" in inverse ? inverse : power(emit, inverse, -n);
  }
  if (n === 0) {
    if (!isStatic(size)) return reject("needs a static extent");
    const identity = emit.constant(
      tensorData(
        dtype,
        [size, size],
        Array.from({ length: size * size }, (_, i) => (i % (size + 1) === 0 ? 1 : 0)),
      ),
    );
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
export const linalgMatrixPower = defineLowering(aten.linalgMatrixPower, ({ self }, { n }, emit) =>
  power(emit, self, n),
);

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
export const linalgVander = defineLowering(aten.linalgVander, ({ x }, { N }, emit) =>
  powers(emit, x.type.shape.length ? x : reshapeTo(emit, x, [1]), N ?? x.type.shape.at(-1)!, false),
);
export const vander = defineLowering(aten.vander, ({ x }, { N, increasing }, emit) =>
  powers(emit, x, N ?? x.type.shape[0]!, !increasing),
);
