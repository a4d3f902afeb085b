/** Facts about one element type of `torch`. */
export interface ScalarTypeInfo {
  /** Short name; the same as core's `DType` wherever core has the type. */
  readonly name: string;
  /** What Python calls it, without `torch.`. */
  readonly torch: string;
  readonly bytes: number;
}

/** Element types by the number that `torch.export` writes for them. They are not c10's numbers. */
export const scalarTypes = {
  1: { name: "u8", torch: "uint8", bytes: 1 },
  2: { name: "i8", torch: "int8", bytes: 1 },
  3: { name: "i16", torch: "int16", bytes: 2 },
  4: { name: "i32", torch: "int32", bytes: 4 },
  5: { name: "i64", torch: "int64", bytes: 8 },
  6: { name: "f16", torch: "float16", bytes: 2 },
  7: { name: "f32", torch: "float32", bytes: 4 },
  8: { name: "f64", torch: "float64", bytes: 8 },
  9: { name: "c32", torch: "complex32", bytes: 4 },
  10: { name: "c64", torch: "complex64", bytes: 8 },
  11: { name: "c128", torch: "complex128", bytes: 16 },
  12: { name: "bool", torch: "bool", bytes: 1 },
  13: { name: "bf16", torch: "bfloat16", bytes: 2 },
  28: { name: "u16", torch: "uint16", bytes: 2 },
  29: { name: "f8e4m3", torch: "float8_e4m3fn", bytes: 1 },
  30: { name: "f8e5m2", torch: "float8_e5m2", bytes: 1 },
  31: { name: "f8e4m3fnuz", torch: "float8_e4m3fnuz", bytes: 1 },
  32: { name: "f8e5m2fnuz", torch: "float8_e5m2fnuz", bytes: 1 },
  33: { name: "f8e8m0", torch: "float8_e8m0fnu", bytes: 1 },
  34: { name: "u32", torch: "uint32", bytes: 4 },
  35: { name: "u64", torch: "uint64", bytes: 8 },
} as const satisfies Readonly<Record<number, ScalarTypeInfo>>;

/** Name of an element type that a `.pt2` can hold: core's `DType` names, and the float8 types that core lacks. */
export type Pt2DType = (typeof scalarTypes)[keyof typeof scalarTypes]["name"];

const byName = new Map<string, ScalarTypeInfo>(Object.values(scalarTypes).map((info) => [info.name, info]));
const byTorch = new Map<string, Pt2DType>(Object.values(scalarTypes).map((info) => [info.torch, info.name]));

/** Bytes that one element of `dtype` takes. */
export const scalarBytes = (dtype: Pt2DType): number => byName.get(dtype)!.bytes;

/** What Python calls `dtype`, such as `float32`. */
export const torchName = (dtype: Pt2DType): string => byName.get(dtype)!.torch;

/** The element type that Python calls `torch.NAME`. */
export const dtypeOfTorchName = (name: string): Pt2DType | undefined => byTorch.get(name);

/** Tensor layouts by the number that `torch.export` writes. */
export const layouts = {
  1: "sparse_coo",
  2: "sparse_csr",
  3: "sparse_csc",
  4: "sparse_bsr",
  5: "sparse_bsc",
  6: "mkldnn",
  7: "strided",
} as const;
/** How a tensor's elements are stored. */
export type Layout = (typeof layouts)[keyof typeof layouts];

/** Memory formats by the number that `torch.export` writes. */
export const memoryFormats = {
  1: "contiguous_format",
  2: "channels_last",
  3: "channels_last_3d",
  4: "preserve_format",
} as const;
/** The order in memory that an op was asked for. */
export type MemoryFormat = (typeof memoryFormats)[keyof typeof memoryFormats];
