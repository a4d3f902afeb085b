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
  if (shape.length === 0 || (c.type.quant?.axis === 0 && c.type.quant.scales.length !== shape[0])) return undefined;
  const type = rowsOfType(c.type, from, count);
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

/** The type of some rows: scales of other rows are not theirs. */
function rowsOfType(t: TensorType, from: number, count: number): TensorType {
  const shape = [count, ...t.shape.slice(1)];
  const { quant } = t;
  if (!quant || (quant.axis !== 0 && quant.block === undefined)) return { ...t, shape };
  const perRow = quant.scales.length / (t.shape[0] as number);
  const [first, end] = [from * perRow, (from + count) * perRow];
  const own = { scales: quant.scales.slice(first, end), zeroPoints: quant.zeroPoints.slice(first, end) };
  return { ...t, shape, quant: { ...quant, ...own } };
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
