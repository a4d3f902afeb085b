import {
  allocate,
  countOf,
  isBig,
  isFloat,
  type NumberCarrier,
  numbersOf,
  roundTo,
  rowMajorStrides,
  type TensorData,
  type TensorType,
  tensor,
  wrap,
} from "@tflower/core";
import { matmulShape } from "./matmul-shape.ts";
import { castData } from "./pointwise.ts";
import { reshaped } from "./views.ts";

/** One label for each axis. An axis of extent 1 goes along with longer ones of the same label. */
export type Labels = readonly string[];

/** Extent of every label: the longest of the axes it stands for. */
function labelExtents(operands: readonly TensorData[], labels: readonly Labels[]): Map<string, number> {
  const out = new Map<string, number>();
  for (const [k, x] of operands.entries())
    for (const [i, l] of labels[k]!.entries()) {
      const have = out.get(l);
      if (have === undefined || have === 1) out.set(l, x.type.shape[i]!);
    }
  return out;
}

/** Where each combination of `labels` lies in `x`, in row-major order of `labels`. A label that stands for several axes runs along their diagonal. */
function offsets(x: TensorData, own: Labels, labels: Labels, extents: ReadonlyMap<string, number>): Int32Array {
  const strides = rowMajorStrides(x.type.shape);
  let out = new Int32Array(1);
  for (const l of labels) {
    const step = own.reduce((sum, o, i) => (o === l && x.type.shape[i] !== 1 ? sum + strides[i]! : sum), 0);
    const n = extents.get(l)!;
    const next = new Int32Array(out.length * n);
    out.forEach((at, i) => {
      for (let k = 0; k < n; k++) next[i * n + k] = at + k * step;
    });
    out = next;
  }
  return out;
}

/**
 * Sum over all labels that are not in `result` of the product of the operands: what matrix products, outer products and Einstein
 * sums have in common. Floats are summed in double precision, integers exactly, and then brought to the dtype of `type`.
 */
export function contract(
  type: TensorType,
  operands: readonly TensorData[],
  labels: readonly Labels[],
  result: Labels,
): TensorData {
  const extents = labelExtents(operands, labels);
  const summed = [...extents.keys()].filter((l) => !result.includes(l));
  const shape = result.map((l) => extents.get(l)!);
  const outer = operands.map((x, k) => offsets(x, labels[k]!, result, extents));
  const inner = operands.map((x, k) => offsets(x, labels[k]!, summed, extents));
  const steps = countOf(summed.map((l) => extents.get(l)!));
  const out = allocate(type.dtype, countOf(shape));
  if (isFloat(type.dtype) || type.dtype === "bool") {
    const read = operands.map(numbersOf);
    const round = roundTo(type.dtype);
    for (let o = 0; o < out.length; o++) {
      let sum = 0;
      for (let s = 0; s < steps; s++) {
        let product = 1;
        for (let k = 0; k < read.length; k++) product *= read[k]![outer[k]![o]! + inner[k]![s]!]!;
        sum += product;
      }
      (out as NumberCarrier)[o] = round ? round(sum) : sum;
    }
  } else {
    const read = operands.map((x) => castData(x, "i64").data as BigInt64Array);
    for (let o = 0; o < out.length; o++) {
      let sum = 0n;
      for (let s = 0; s < steps; s++)
        sum += BigInt.asIntN(
          64,
          read.reduce((p, r, k) => p * r[outer[k]![o]! + inner[k]![s]!]!, 1n),
        );
      if (isBig(type.dtype)) (out as BigInt64Array)[o] = BigInt.asIntN(64, sum);
      else (out as NumberCarrier)[o] = Number(BigInt.asIntN(32, sum));
    }
  }
  return wrap(tensor(type.dtype, shape), out);
}

const letters = (rank: number): string[] => Array.from({ length: rank }, (_, i) => `b${rank - i}`);
/** Labels of a product of matrices in the last two axes, axes before them broadcast from the right. */
export function matmulLabels(
  left: number,
  right: number,
): { readonly left: Labels; readonly right: Labels; readonly result: Labels } {
  const batch = letters(Math.max(left, right) - 2);
  const of = (rank: number, own: Labels): Labels => [...batch.slice(batch.length - (rank - 2)), ...own];
  return { left: of(left, ["m", "k"]), right: of(right, ["k", "n"]), result: [...batch, "m", "n"] };
}
/** Product of matrices in the last two axes. */
export function multiply(type: TensorType, a: TensorData, b: TensorData): TensorData {
  const { left, right, result } = matmulLabels(a.type.shape.length, b.type.shape.length);
  return contract(type, [a, b], [left, right], result);
}
/** `matmul`: vectors count as a row or a column. */
export function matmulData(type: TensorType, a: TensorData, b: TensorData): TensorData {
  const sa: readonly number[] = a.type.shape;
  const sb: readonly number[] = b.type.shape;
  const left = sa.length === 1 ? reshaped(a, [1, ...sa]) : a;
  const right = sb.length === 1 ? reshaped(b, [...sb, 1]) : b;
  return reshaped(multiply(type, left, right), matmulShape(sa, sb) as number[]);
}
