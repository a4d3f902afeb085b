import { tfl } from "@tflower/backend-tflite";
import {
  addDim,
  type Dim,
  defineLowering,
  type Emit,
  isStatic,
  mulDim,
  type Rejection,
  reject,
  type Value,
} from "@tflower/core";
import * as aten from "../dialect/diagonal.ts";
import { castTo, concatAxis, flatten, permuteBy, reshapeTo, sliceAxis } from "../emit/rearrange.ts";
import { axisOf } from "../semantics/axes.ts";
import { diagonalOf } from "../semantics/diagonals.ts";
import { inversePermutation } from "../semantics/permutations.ts";

interface DiagonalAttrs {
  readonly offset: number;
  readonly dim1: number;
  readonly dim2: number;
}
/** A diagonal of a row-major matrix is every `columns + 1`-th of its elements. */
function taken(emit: Emit, self: Value, { offset, dim1, dim2 }: DiagonalAttrs): Value | Rejection {
  const shape = self.type.shape;
  const d = diagonalOf(shape, offset, dim1, dim2);
  const columns = shape[d.axis2]!;
  if (!isStatic(columns)) return reject("needs a static extent of the second axis");
  const rest = d.rest.map((a) => shape[a]!);
  const matrices = permuteBy(emit, self, [...d.rest, d.axis1, d.axis2]);
  const flat = reshapeTo(emit, matrices, [...rest, mulDim(shape[d.axis1]!, columns)]);
  const first = d.skip1 * columns + d.skip2;
  const end = d.length === 0 ? first : addDim(mulDim(addDim(d.length, -1), columns + 1), first + 1);
  if (d.length === 0) return sliceAxis(emit, flat, rest.length, 0, 0);
  const others = (1 << rest.length) - 1;
  return emit(
    tfl.stridedSlice,
    { input: flat },
    {
      begin: [...rest.map(() => 0), first],
      end: [...rest.map(() => 0), end],
      strides: [...rest.map(() => 1), columns + 1],
      begin_mask: others,
      end_mask: others,
    },
  );
}
export const diagonal = defineLowering(aten.diagonal, ({ self }, attrs, emit) => taken(emit, self, attrs));
export const diagonalCopy = defineLowering(aten.diagonalCopy, ({ self }, attrs, emit) => taken(emit, self, attrs));
export const linalgDiagonal = defineLowering(aten.linalgDiagonal, ({ A }, attrs, emit) => taken(emit, A, attrs));

/** `x` with zeros around an axis. */
function padAxis(emit: Emit, x: Value, axis: number, before: Dim, after: Dim): Value {
  if (before === 0 && after === 0) return x;
  return emit(
    tfl.pad,
    { input: x },
    { paddings: x.type.shape.flatMap((_, i) => (i === axis ? [before, after] : [0, 0])) },
  );
}
/** Rows of `size` zeros with one element of `x` each lie on the diagonal once they are read as rows one shorter. */
function embedded(emit: Emit, x: Value, { offset, dim1, dim2 }: DiagonalAttrs): Value | Rejection {
  const shape = x.type.shape;
  const rank = shape.length + 1;
  const [axis1, axis2] = [axisOf(dim1, rank), axisOf(dim2, rank)];
  const rest = shape.slice(0, -1);
  const n = shape[shape.length - 1]!;
  const size = addDim(n, Math.abs(offset));
  if (!isStatic(size)) return reject("needs a static extent of the last axis");
  const before = offset >= 0 ? offset : -offset * size;
  const total = size * size;
  const rows = padAxis(emit, reshapeTo(emit, x, [...shape, 1]), rank - 1, 0, size);
  const lead = padAxis(emit, reshapeTo(emit, rows, [...rest, mulDim(n, size + 1)]), rest.length, before, 0);
  const have = before + (n as number) * (size + 1);
  const fitted =
    have > total ? sliceAxis(emit, lead, rest.length, 0, total) : padAxis(emit, lead, rest.length, 0, total - have);
  const others = Array.from({ length: rank }, (_, i) => i).filter((i) => i !== axis1 && i !== axis2);
  return permuteBy(emit, reshapeTo(emit, fitted, [...rest, size, size]), inversePermutation([...others, axis1, axis2]));
}
export const diagEmbed = defineLowering(aten.diagEmbed, ({ self }, attrs, emit) => embedded(emit, self, attrs));
export const diag = defineLowering(aten.diag, ({ self }, { diagonal: offset }, emit) =>
  (self.type.shape.length === 1 ? embedded : taken)(emit, self, { offset, dim1: 0, dim2: 1 }),
);
export const diagflat = defineLowering(aten.diagflat, ({ self }, { offset }, emit) =>
  embedded(emit, flatten(emit, self), { offset, dim1: 0, dim2: 1 }),
);

export const blockDiag = defineLowering(aten.blockDiag, ({ tensors }, _, emit, node) => {
  const { dtype, shape } = node.results[0]!.type;
  let column: Dim = 0;
  const bands = tensors.map((t) => {
    const s = t.type.shape;
    const block = reshapeTo(emit, castTo(emit, t, dtype), [s[s.length - 2] ?? 1, s[s.length - 1] ?? 1]);
    const width = block.type.shape[1]!;
    const band = padAxis(emit, block, 1, column, addDim(shape[1]!, mulDim(addDim(column, width), -1)));
    column = addDim(column, width);
    return band;
  });
  return concatAxis(emit, bands, 0);
});
