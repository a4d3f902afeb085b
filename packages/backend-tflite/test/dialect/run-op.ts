import {
  type AnyOperands,
  type AttrInput,
  type Attrs,
  countOf,
  type DType,
  isComplex,
  isStaticShape,
  mapOperands,
  numbersOf,
  type OpDef,
  type OperandInput,
  type Operands,
  showType,
  type TensorData,
  type TensorType,
  tensorData,
} from "@tflower/core";
import { expect } from "vitest";

/** Elements that count up from `from` by `step`. */
export const iota = (dtype: DType, shape: readonly number[], from = 0, step = 1): TensorData =>
  tensorData(
    dtype,
    shape,
    Array.from({ length: countOf(shape) * (isComplex(dtype) ? 2 : 1) }, (_, i) => from + i * step),
  );

type Given<O extends Operands, V> = {
  [K in keyof OperandInput<O>]: OperandInput<O>[K] extends readonly unknown[]
    ? readonly V[]
    : V | (undefined extends OperandInput<O>[K] ? undefined : never);
};

/** Attributes with defaults filled in, and checked. */
function complete(op: OpDef, attrs: object | undefined): Record<string, unknown> {
  const all: Record<string, unknown> = {};
  for (const [k, spec] of Object.entries(op.attrs as Attrs)) {
    const v = (attrs as Record<string, unknown> | undefined)?.[k];
    all[k] = v === undefined && spec.hasDefault ? spec.default : v;
    expect(spec.check(all[k]), `attribute ${k}`).toBe(true);
  }
  return all;
}

/** Checks operands, and infers. */
export function inferOp<N extends string, O extends Operands, A extends Attrs>(
  op: OpDef<N, O, A>,
  types: Given<O, TensorType>,
  attrs?: AttrInput<A>,
): readonly TensorType[] {
  for (const [k, spec] of Object.entries(op.operands as Operands))
    for (const t of [(types as Record<string, TensorType>)[k] ?? []].flat() as TensorType[])
      expect(spec.accepts(t), `${k}: ${showType(t)}, expected ${spec.expected}`).toBe(true);
  const inferred = op.infer!(types as never, complete(op, attrs) as never);
  return (Array.isArray(inferred) ? inferred : [inferred]) as readonly TensorType[];
}

/** Checks operands, infers and evaluates an op. Asserts that the results have the types that are inferred, where all extents are known. */
export function runOp<N extends string, O extends Operands, A extends Attrs>(
  op: OpDef<N, O, A>,
  operands: Given<O, TensorData>,
  attrs?: AttrInput<A>,
  given?: readonly TensorType[],
): readonly TensorData[] {
  const types = mapOperands(operands as AnyOperands<TensorData>, (t) => t.type);
  const results = given ?? inferOp(op, types as unknown as Given<O, TensorType>, attrs);
  const out = op.evaluate!(operands as never, complete(op, attrs) as never, results);
  const list = (Array.isArray(out) ? out : [out]) as readonly TensorData[];
  results.forEach((t, i) => {
    if (isStaticShape(t.shape)) expect(showType(list[i]!.type)).toBe(showType(t));
  });
  for (const t of list) expect(t.data.length).toBe(countOf(t.type.shape) * (isComplex(t.type.dtype) ? 2 : 1));
  return list;
}

/** {@link runOp}, giving the elements of the first result as numbers. */
export function valuesOf<N extends string, O extends Operands, A extends Attrs>(
  op: OpDef<N, O, A>,
  operands: Given<O, TensorData>,
  attrs?: AttrInput<A>,
  given?: readonly TensorType[],
): readonly number[] {
  return Array.from(numbersOf(runOp(op, operands, attrs, given)[0]!));
}

/** Asserts elements to within single precision, relative to their size. Zeros are equal: kernels differ in their signs. */
export function expectClose(have: readonly number[], want: readonly number[]): void {
  expect(have.length).toBe(want.length);
  const close = want.every((w, i) => {
    const h = have[i]!;
    return Object.is(h, w) || Math.abs(h - w) <= 4e-6 * Math.max(1, Math.abs(w));
  });
  if (!close) expect(have).toEqual(want);
}
