import { countOf, staticShape } from "../eval/tensor-data.ts";
import { mapOperands } from "../op/define-op.ts";
import { appliedConstant, type Constant, dataConstant, type LeafConstant } from "./constant.ts";
import { byteLength, dtypes } from "./dtype.ts";
import type { TensorType } from "./type.ts";

/**
 * Rows `from` to `from + count` along the first axis of a constant, as a constant; `undefined` where they cannot be had without the
 * rest. So what is computed element by element from a large weight is computed in pieces, in the memory of a piece.
 */
export function constantRows(c: Constant, from: number, count: number): Constant | undefined {
  const shape = staticShape(c.type.shape);
  if (shape.length === 0) return undefined;
  const type: TensorType = { ...c.type, shape: [count, ...shape.slice(1)] };
  const row = countOf(shape.slice(1));
  if (c.kind === "leaf") return leafRows(c, type, from, row);
  if (c.kind === "data") {
    if (dtypes[c.type.dtype].bits < 8 || c.data.length !== countOf(shape)) return undefined;
    return dataConstant({
      type: type as never,
      data: c.data.subarray(from * row, (from + count) * row) as typeof c.data,
    });
  }
  if (!c.op.traits.elementwise) return undefined;
  let whole = true;
  const operands = mapOperands(c.operands, (x) => {
    const extents = staticShape(x.type.shape);
    // of lower rank, or one row for all: every row of the result reads all of it
    if (extents.length < shape.length || (extents[0] === 1 && shape[0] !== 1)) return x;
    const rows = constantRows(x, from, count);
    if (!rows) whole = false;
    return rows ?? x;
  });
  return whole ? appliedConstant(c.op, operands as never, c.attrs, type, c.result) : undefined;
}

function leafRows(c: LeafConstant, type: TensorType, from: number, row: number): Constant | undefined {
  if (c.strides || dtypes[type.dtype].bits < 8) return undefined;
  const count = type.shape[0] as number;
  const offset = c.offset + byteLength(type.dtype, c.storageOffset + from * row);
  const length = byteLength(type.dtype, count * row);
  // quick to make and never compared: its name is where it lies
  return Object.freeze({
    kind: "leaf",
    type,
    source: c.source,
    offset,
    length,
    storageOffset: 0,
    key: `${c.key}@${from}+${count}`,
  });
}
