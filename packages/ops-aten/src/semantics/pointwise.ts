import {
  allocate,
  broadcastShapes,
  countOf,
  type DType,
  isBig,
  isComplex,
  isFloat,
  type NumberCarrier,
  numbersOf,
  roundTo,
  rowMajorStrides,
  staticShape,
  type TensorData,
  type TensorType,
  wrap,
} from "@tflower/core";

/** `type` with the extents that the operands have at run time. */
export function broadcastType(type: TensorType, operands: readonly TensorData[]): TensorData["type"] {
  return {
    ...type,
    shape: staticShape(operands.length ? broadcastShapes(...operands.map((o) => o.type.shape)) : type.shape),
  };
}

/** For each element of `shape` in turn, where the elements of the broadcast operands lie. */
function eachPlace(
  shape: readonly number[],
  operands: readonly TensorData[],
  visit: (i: number, at: readonly number[]) => void,
): void {
  const steps = operands.map(({ type }) => {
    const own = rowMajorStrides(type.shape);
    const pad = shape.length - type.shape.length;
    return shape.map((_, d) => (d < pad || type.shape[d - pad] === 1 ? 0 : own[d - pad]!));
  });
  const at = operands.map(() => 0);
  const index = shape.map(() => 0);
  const last = shape.length - 1;
  const row = shape[last] ?? 1;
  const inner = steps.map((s) => s[last] ?? 0);
  const count = countOf(shape);
  for (let i = 0; i < count; ) {
    for (const end = i + row; i < end; i++) {
      visit(i, at);
      for (let k = 0; k < inner.length; k++) at[k]! += inner[k]!;
    }
    for (let k = 0; k < inner.length; k++) at[k]! -= inner[k]! * row;
    for (let d = last - 1; d >= 0; d--) {
      for (let k = 0; k < at.length; k++) at[k]! += steps[k]![d]!;
      if (++index[d]! < shape[d]!) break;
      for (let k = 0; k < at.length; k++) at[k]! -= steps[k]![d]! * shape[d]!;
      index[d] = 0;
    }
  }
}

const sameShapes = (operands: readonly TensorData[], count: number): boolean =>
  operands.every((o) => countOf(o.type.shape) === count);

/** Real functions see the parts of complex numbers as numbers of their own, which is hardly ever what is meant. */
function wantReal(types: readonly TensorType[]): void {
  const complex = types.find((t) => isComplex(t.dtype));
  if (complex) throw new RangeError(`has no reference semantics for ${complex.dtype}`);
}

/** Applies `f` to numbers, operands broadcast to the result's shape; the result is rounded to its dtype. */
export function mapNumbers(
  type: TensorType,
  operands: readonly TensorData[],
  f: (...v: number[]) => number,
): TensorData {
  wantReal([type, ...operands.map((o) => o.type)]);
  const full = broadcastType(type, operands);
  const out = allocate(full.dtype, countOf(full.shape));
  const read = operands.map((o) => numbersOf(o));
  const round = roundTo(full.dtype);
  const big = isBig(full.dtype);
  const store = (i: number, v: number): void => {
    if (big) (out as BigInt64Array)[i] = toBigInt(v);
    else (out as NumberCarrier)[i] = round ? round(v) : v;
  };
  const [x, y] = read;
  if (operands.length === 1) for (let i = 0; i < out.length; i++) store(i, f(x![i]!));
  else if (operands.length === 2 && sameShapes(operands, out.length))
    for (let i = 0; i < out.length; i++) store(i, f(x![i]!, y![i]!));
  else if (operands.length === 2) eachPlace(full.shape, operands, (i, at) => store(i, f(x![at[0]!]!, y![at[1]!]!)));
  else {
    const args = read.map(() => 0);
    eachPlace(full.shape, operands, (i, at) => {
      for (let k = 0; k < args.length; k++) args[k] = read[k]![at[k]!]!;
      store(i, f(...args));
    });
  }
  return wrap(full, out);
}

/** Applies `f` to integers exactly, operands broadcast; the result wraps to its dtype. */
export function mapIntegers(
  type: TensorType,
  operands: readonly TensorData[],
  f: (...v: bigint[]) => bigint,
): TensorData {
  wantReal([type, ...operands.map((o) => o.type)]);
  const full = broadcastType(type, operands);
  const out = allocate(full.dtype, countOf(full.shape));
  const big = isBig(full.dtype);
  const [x, y] = operands;
  const g =
    operands.length === 2
      ? (at: readonly number[]) => f(BigInt(x!.data[at[0]!]!), BigInt(y!.data[at[1]!]!))
      : (at: readonly number[]) => f(...operands.map((o, k) => BigInt(o.data[at[k]!]!)));
  eachPlace(full.shape, operands, (i, at) => {
    const v = g(at);
    if (big) (out as BigInt64Array)[i] = BigInt.asIntN(64, v);
    else if (full.dtype === "bool") (out as Uint8Array)[i] = v === 0n ? 0 : 1;
    else (out as NumberCarrier)[i] = Number(BigInt.asIntN(32, v));
  });
  return wrap(full, out);
}

/** Moves elements as they are, whatever their dtype: `choose` gives the number of the operand that element `i` is taken from. */
export function pickElements(
  type: TensorType,
  condition: TensorData,
  choices: readonly [TensorData, TensorData],
): TensorData {
  const operands = [condition, ...choices];
  const full = broadcastType(type, operands);
  const out = allocate(full.dtype, countOf(full.shape));
  const lanes = isComplex(full.dtype) ? 2 : 1;
  eachPlace(full.shape, operands, (i, at) => {
    const k = Number(condition.data[at[0]!]) !== 0 ? 0 : 1;
    for (let l = 0; l < lanes; l++) out[lanes * i + l] = choices[k]!.data[lanes * at[k + 1]! + l] as never;
  });
  return wrap(full, out);
}

/** Asks `f` of pairs of elements of one dtype, operands broadcast. 64-bit integers come as bigints, which JavaScript compares alike. */
export function mapPairs(
  type: TensorType,
  a: TensorData,
  b: TensorData,
  f: (a: number, b: number) => boolean,
): TensorData {
  const full = broadcastType(type, [a, b]);
  const out = allocate("bool", countOf(full.shape)) as Uint8Array;
  const [x, y] = [a.data as NumberCarrier, b.data as NumberCarrier];
  eachPlace(full.shape, [a, b], (i, at) => {
    out[i] = f(x[at[0]!]!, y[at[1]!]!) ? 1 : 0;
  });
  return wrap(full, out);
}

const isHalf = (dtype: DType): boolean => dtype === "f16" || dtype === "bf16";
/** `x` in another dtype, converted as PyTorch's `to` does: floats to integers truncate, to bool by being non-zero. */
export function castData(x: TensorData, dtype: DType): TensorData {
  if (x.type.dtype === dtype) return x;
  const type = { ...x.type, dtype } as TensorData["type"];
  // halves are held as the float32 numbers that they are
  if (dtype === "f32" && isHalf(x.type.dtype)) return wrap(type, x.data);
  const count = countOf(x.type.shape);
  const out = allocate(dtype, count);
  const complexIn = isComplex(x.type.dtype);
  const complexOut = isComplex(dtype);
  const round = roundTo(dtype);
  const narrow = narrowing[dtype];
  for (let i = 0; i < count; i++) {
    const v = x.data[complexIn ? 2 * i : i]!;
    const imaginary = complexIn ? (x.data[2 * i + 1] as number) : 0;
    if (isBig(dtype)) (out as BigInt64Array)[i] = typeof v === "bigint" ? v : toBigInt(v);
    else if (dtype === "bool") (out as Uint8Array)[i] = Number(v) !== 0 || imaginary !== 0 ? 1 : 0;
    else {
      const n =
        typeof v === "bigint"
          ? isFloat(dtype) || complexOut
            ? Number(v)
            : Number(BigInt.asIntN(32, v))
          : narrow
            ? narrow(v)
            : v;
      (out as NumberCarrier)[complexOut ? 2 * i : i] = round ? round(n) : n;
      if (complexOut) (out as NumberCarrier)[2 * i + 1] = round ? round(imaginary) : imaginary;
    }
  }
  return wrap(type, out);
}

/** What a float becomes on its way to an integer: x86 makes the lowest one of what does not fit; small ones go through 32 bits and wrap. */
const toInt32 = (v: number): number =>
  v >= 2147483648 || v < -2147483648 || Number.isNaN(v) ? -2147483648 : Math.trunc(v);
const narrowing: { readonly [D in DType]?: (v: number) => number } = {
  i32: toInt32,
  i16: toInt32,
  i8: toInt32,
  u8: toInt32,
};
const toBigInt = (v: number): bigint =>
  v >= 2 ** 63 || v < -(2 ** 63) || Number.isNaN(v) ? -(2n ** 63n) : BigInt(Math.trunc(v));
