import { broadcastShapes, invalid, rowMajorStrides, showType, type TensorType, withShape } from "@tflower/core";

/** Result type of a pointwise op on two operands, which kernels want of one dtype. */
export function broadcastPair({ lhs, rhs }: { readonly lhs: TensorType; readonly rhs: TensorType }): TensorType {
  if (lhs.dtype !== rhs.dtype)
    invalid(`takes operands of one dtype, got ${showType(lhs)} and ${showType(rhs)}; cast one of them`);
  return withShape(lhs, broadcastShapes(lhs.shape, rhs.shape));
}

/** Steps of an operand along the axes of the shape it broadcasts to. */
export function broadcastStrides(from: readonly number[], shape: readonly number[]): number[] {
  const pad = shape.length - from.length;
  const own = rowMajorStrides(from);
  return shape.map((_, i) => (i < pad || from[i - pad] === 1 ? 0 : own[i - pad]!));
}

/** Sees `count` neighbouring result elements from `out` on; operand `k` begins at `at[k]` and advances by `step[k]`. */
export type VisitLine = (out: number, count: number, at: readonly number[], step: readonly number[]) => void;

/** Walks a row-major result in lines as long as possible, together with operands that have `strides` along its axes. */
export function eachLine(shape: readonly number[], strides: readonly (readonly number[])[], visit: VisitLine): void {
  if (shape.includes(0)) return;
  // neighbouring axes that every operand walks in one stride are one axis
  const dims: number[] = [];
  const steps: number[][] = strides.map(() => []);
  shape.forEach((d, i) => {
    if (d === 1) return;
    const last = dims.length - 1;
    if (last >= 0 && strides.every((s, k) => steps[k]![last] === s[i]! * d)) {
      dims[last]! *= d;
      for (const [k, s] of strides.entries()) steps[k]![last] = s[i]!;
    } else {
      dims.push(d);
      for (const [k, s] of strides.entries()) steps[k]!.push(s[i]!);
    }
  });
  const inner = dims.pop() ?? 1;
  const innerStep = steps.map((s) => s.pop() ?? 0);
  const at = strides.map(() => 0);
  const index = dims.map(() => 0);
  const lines = dims.reduce((a, b) => a * b, 1);
  for (let line = 0; line < lines; line++) {
    visit(line * inner, inner, at, innerStep);
    for (let d = dims.length - 1; d >= 0; d--) {
      for (let k = 0; k < at.length; k++) at[k]! += steps[k]![d]!;
      if (++index[d]! < dims[d]!) break;
      for (let k = 0; k < at.length; k++) at[k]! -= steps[k]![d]! * dims[d]!;
      index[d] = 0;
    }
  }
}
