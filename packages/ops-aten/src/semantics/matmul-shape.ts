import { broadcastShapes, type Dim, invalid, isStatic, showDim } from "@tflower/core";

const show = (s: readonly Dim[]): string => `[${s.map(showDim).join(",")}]`;
export const differ = (a: Dim | undefined, b: Dim | undefined): boolean =>
  a !== undefined && b !== undefined && isStatic(a) && isStatic(b) && a !== b;

/** Shape of `matmul`: vectors take the place of a row or a column, which then goes away. */
export function matmulShape(a: readonly Dim[], b: readonly Dim[]): Dim[] {
  if (a.length === 0 || b.length === 0) invalid(`both operands need at least one axis, got ${show(a)} and ${show(b)}`);
  const left = a.length === 1 ? [1, ...a] : a;
  const right = b.length === 1 ? [...b, 1] : b;
  if (differ(left.at(-1), right.at(-2)))
    invalid(
      `cannot multiply ${show(a)} by ${show(b)}: inner extents are ${showDim(left.at(-1)!)} and ${showDim(right.at(-2)!)}`,
    );
  const out = broadcastShapes(left.slice(0, -2), right.slice(0, -2));
  if (a.length > 1) out.push(left.at(-2)!);
  if (b.length > 1) out.push(right.at(-1)!);
  return out;
}

/** Says that an operand has the wrong number of axes. */
export function wantRank(shape: readonly Dim[], rank: number, what: string): void {
  if (shape.length !== rank) invalid(`${what} must have ${rank} axes, got ${show(shape)}`);
}
