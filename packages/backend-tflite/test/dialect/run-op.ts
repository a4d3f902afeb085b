import {
  type AttrInput,
  type Attrs,
  countOf,
  type DType,
  isComplex,
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

type DataOf<O extends Operands> = {
  [K in keyof OperandInput<O>]: OperandInput<O>[K] extends readonly unknown[]
    ? readonly TensorData[]
    : TensorData | (undefined extends OperandInput<O>[K] ? undefined : never);
};

/** Checks operands, infers and evaluates an op. Asserts that the results have the types that are inferred. */
export function runOp<N extends string, O extends Operands, A extends Attrs>(
  op: OpDef<N, O, A>,
  operands: DataOf<O>,
  attrs?: AttrInput<A>,
  given?: readonly TensorType[],
): readonly TensorData[] {
  const all: Record<string, unknown> = {};
  for (const [k, spec] of Object.entries(op.attrs as Attrs)) {
    const v = (attrs as Record<string, unknown> | undefined)?.[k];
    all[k] = v === undefined && spec.hasDefault ? spec.default : v;
    expect(spec.check(all[k]), `attribute ${k}`).toBe(true);
  }
  const ordered = Object.fromEntries(
    Object.keys(op.operands).map((k) => [k, (operands as Record<string, TensorData>)[k]]),
  );
  const types = mapOperands(ordered, (t) => t.type);
  for (const [k, spec] of Object.entries(op.operands as Operands))
    for (const t of [types[k] ?? []].flat() as TensorType[])
      expect(spec.accepts(t), `${k}: ${showType(t)}, expected ${spec.expected}`).toBe(true);
  const inferred = given ?? op.infer!(types as never, all as never);
  const results = (Array.isArray(inferred) ? inferred : [inferred]) as readonly TensorType[];
  const out = op.evaluate!(ordered as never, all as never, results);
  const list = (Array.isArray(out) ? out : [out]) as readonly TensorData[];
  expect(list.map((t) => showType(t.type))).toEqual(results.map(showType));
  for (const t of list) expect(t.data.length).toBe(countOf(t.type.shape) * (isComplex(t.type.dtype) ? 2 : 1));
  return list;
}

/** {@link runOp}, giving the elements of the first result: bigints only where they are beyond doubles. */
export function valuesOf<N extends string, O extends Operands, A extends Attrs>(
  op: OpDef<N, O, A>,
  operands: DataOf<O>,
  attrs?: AttrInput<A>,
  given?: readonly TensorType[],
): readonly number[] {
  return Array.from(numbersOf(runOp(op, operands, attrs, given)[0]!));
}

/** Asserts elements to within single precision, relative to their size; NaN, infinities and the sign of zero exactly. */
export function expectClose(have: readonly number[], want: readonly number[]): void {
  expect(have.length).toBe(want.length);
  const close = want.every((w, i) => {
    const h = have[i]!;
    return Object.is(h, w) || (Math.abs(h - w) <= 4e-6 * Math.max(1, Math.abs(w)) && !(h === 0 && w === 0));
  });
  if (!close) expect(have).toEqual(want);
}
