import {
  allocate,
  countOf,
  type DType,
  invalid,
  isComplex,
  isFloat,
  type NumberCarrier,
  numbersOf,
  roundTo,
  staticShape,
  type TensorData,
  tensor,
  wrap,
} from "@tflower/core";

/** The complex dtype whose parts are of `dtype`; integers and bools become float32 first. */
export function complexOf(dtype: DType): DType {
  if (isComplex(dtype)) return dtype;
  return dtype === "f64"
    ? "c128"
    : dtype === "f16"
      ? "c32"
      : dtype === "bf16"
        ? invalid("bfloat16 has no complex counterpart")
        : "c64";
}
/** The dtype of the parts of complex numbers; real dtypes stay. */
export const partOf = (dtype: DType): DType =>
  dtype === "c128" ? "f64" : dtype === "c64" ? "f32" : dtype === "c32" ? "f16" : dtype;
/** {@link partOf}, integers and bools as float32. */
export const realPartOf = (dtype: DType): DType => (isFloat(partOf(dtype)) ? partOf(dtype) : "f32");

/** Numbers with real and imaginary parts apart, in double precision. */
export interface Parts {
  readonly shape: readonly number[];
  readonly re: Float64Array;
  readonly im: Float64Array;
}
export function partsOf(x: TensorData): Parts {
  const shape = staticShape(x.type.shape);
  const data = numbersOf(x);
  if (!isComplex(x.type.dtype))
    return { shape, re: Float64Array.from(data as ArrayLike<number>), im: new Float64Array(data.length) };
  const n = countOf(shape);
  return {
    shape,
    re: Float64Array.from({ length: n }, (_, i) => data[2 * i]!),
    im: Float64Array.from({ length: n }, (_, i) => data[2 * i + 1]!),
  };
}
/** Parts as a tensor of `dtype`; a real one drops the imaginary parts. */
export function fromParts({ shape, re, im }: Parts, dtype: DType): TensorData {
  const out = allocate(dtype, countOf(shape)) as NumberCarrier;
  const round = roundTo(dtype) ?? ((v: number): number => v);
  const lanes = isComplex(dtype) ? 2 : 1;
  for (let i = 0; i < re.length; i++) {
    out[lanes * i] = round(re[i]!);
    if (lanes === 2) out[2 * i + 1] = round(im[i]!);
  }
  return wrap(tensor(dtype, shape), out);
}
