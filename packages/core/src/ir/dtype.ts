/** What one element of a tensor is. `carrier` says which JavaScript array holds decoded elements. */
export interface DTypeInfo {
  readonly bits: number;
  readonly kind: "float" | "int" | "uint" | "bool" | "complex" | "handle";
  /** Array that holds decoded elements: half precisions are carried as float32 values, complex as interleaved pairs. */
  readonly carrier: "f64" | "f32" | "i64" | "u64" | "i32" | "u32" | "i16" | "u16" | "i8" | "u8";
}

/** Every element type that a `.pt2` or a `.tflite` can name. */
export const dtypes = {
  f64: { bits: 64, kind: "float", carrier: "f64" },
  f32: { bits: 32, kind: "float", carrier: "f32" },
  f16: { bits: 16, kind: "float", carrier: "f32" },
  bf16: { bits: 16, kind: "float", carrier: "f32" },
  f8e4m3: { bits: 8, kind: "float", carrier: "f32" },
  f8e5m2: { bits: 8, kind: "float", carrier: "f32" },
  i64: { bits: 64, kind: "int", carrier: "i64" },
  i32: { bits: 32, kind: "int", carrier: "i32" },
  i16: { bits: 16, kind: "int", carrier: "i16" },
  i8: { bits: 8, kind: "int", carrier: "i8" },
  i4: { bits: 4, kind: "int", carrier: "i8" },
  i2: { bits: 2, kind: "int", carrier: "i8" },
  u64: { bits: 64, kind: "uint", carrier: "u64" },
  u32: { bits: 32, kind: "uint", carrier: "u32" },
  u16: { bits: 16, kind: "uint", carrier: "u16" },
  u8: { bits: 8, kind: "uint", carrier: "u8" },
  u4: { bits: 4, kind: "uint", carrier: "u8" },
  bool: { bits: 8, kind: "bool", carrier: "u8" },
  c64: { bits: 64, kind: "complex", carrier: "f32" },
  c128: { bits: 128, kind: "complex", carrier: "f64" },
  c32: { bits: 32, kind: "complex", carrier: "f32" },
  string: { bits: 0, kind: "handle", carrier: "u8" },
  resource: { bits: 0, kind: "handle", carrier: "u8" },
} as const satisfies Readonly<Record<string, DTypeInfo>>;

/** Name of an element type, as the text form prints it. */
export type DType = keyof typeof dtypes;

/** Facts about `dtype`. */
export const dtypeInfo = (dtype: DType): DTypeInfo => dtypes[dtype];
/** Whether elements are real floating-point numbers. */
export const isFloat = (dtype: DType): boolean => dtypes[dtype].kind === "float";
/** Whether elements are signed or unsigned integers; bool is not one. */
export const isInteger = (dtype: DType): boolean => dtypes[dtype].kind === "int" || dtypes[dtype].kind === "uint";
/** Whether elements are complex numbers. */
export const isComplex = (dtype: DType): boolean => dtypes[dtype].kind === "complex";
/** Bytes that `count` packed elements take; sub-byte types round up to a whole byte. */
export const byteLength = (dtype: DType, count: number): number => Math.ceil((dtypes[dtype].bits * count) / 8);
