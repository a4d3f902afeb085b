import {
  allocate,
  type DType,
  dtypeInfo,
  isBig,
  isComplex,
  isInteger,
  roundTo,
  type TensorData,
  wrap,
} from "@tflower/core";

/**
 * Elements in another dtype, as the kernel's `static_cast` has it: floats truncate, integers wrap, to bool by not being zero.
 * A float beyond the integers of the target is clamped, and NaN is the largest of them.
 */
export function cast(x: TensorData, dtype: DType): TensorData {
  const from = x.type.dtype;
  const type = { ...x.type, dtype };
  if (from === dtype) return x;
  const lanes = isComplex(from) ? 2 : 1;
  const count = x.data.length / lanes;
  const out = allocate(dtype, count);
  const step = isComplex(dtype) ? 2 : 1;
  const round = roundTo(dtype);
  const source = x.data as Float32Array;
  const target = out as Float32Array;
  if (lanes === 2 && step === 2) target.set(source);
  else if (isBig(dtype)) {
    const big = out as BigInt64Array;
    for (let i = 0; i < count; i++) big[i] = toBig(x.data[i * lanes]!);
  } else if (dtype === "bool") {
    for (let i = 0; i < count; i++) target[i] = isZero(x.data[i * lanes]!) ? 0 : 1;
  } else if (isBig(from)) {
    const { bits } = dtypeInfo(dtype);
    const narrow = isInteger(dtype);
    const big = x.data as BigInt64Array;
    for (let i = 0; i < count; i++)
      target[i * step] = Number(narrow ? BigInt.asIntN(bits + 1, BigInt.asUintN(bits, big[i]!)) : big[i]!);
  } else if (isInteger(dtype) && !isInteger(from) && from !== "bool") {
    const { bits, kind } = dtypeInfo(dtype);
    const low = kind === "uint" ? 0 : -(2 ** (bits - 1));
    const high = kind === "uint" ? 2 ** bits - 1 : 2 ** (bits - 1) - 1;
    for (let i = 0; i < count; i++) {
      const v = source[i * lanes]!;
      target[i] = Number.isNaN(v) ? high : Math.min(high, Math.max(low, Math.trunc(v)));
    }
  } else if (round) for (let i = 0; i < count; i++) target[i * step] = round(source[i * lanes]!);
  else for (let i = 0; i < count; i++) target[i * step] = source[i * lanes]!;
  return wrap({ dtype: type.dtype, shape: type.shape }, out);
}

const toBig = (v: number | bigint): bigint => {
  if (typeof v === "bigint") return v;
  if (Number.isNaN(v) || v >= 2 ** 63) return 2n ** 63n - 1n;
  return v <= -(2 ** 63) ? -(2n ** 63n) : BigInt(Math.trunc(v));
};

/** NaN is not zero. */
export const isZero = (v: number | bigint): boolean => v === 0 || v === 0n;
