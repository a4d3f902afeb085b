import { type DType, showType, type TensorType } from "@tflower/core";
import { refuse } from "./refusal.ts";

/** Element types of QNN's tensors, with their codes in its API. `sfix` and `ufix` are integers that stand for reals. */
export const qnnDataTypes = {
  int8: 0x008,
  int16: 0x016,
  int32: 0x032,
  int64: 0x064,
  uint8: 0x108,
  uint16: 0x116,
  uint32: 0x132,
  uint64: 0x164,
  float16: 0x216,
  float32: 0x232,
  sfix4: 0x304,
  sfix8: 0x308,
  sfix16: 0x316,
  sfix32: 0x332,
  ufix8: 0x408,
  ufix16: 0x416,
  ufix32: 0x432,
  bool8: 0x508,
} as const;

/** Name of an element type of QNN's tensors. */
export type QnnDataType = keyof typeof qnnDataTypes;

const plain: Readonly<Partial<Record<DType, QnnDataType>>> = {
  f32: "float32",
  f16: "float16",
  i8: "int8",
  i16: "int16",
  i32: "int32",
  i64: "int64",
  u8: "uint8",
  u16: "uint16",
  u32: "uint32",
  bool: "bool8",
};
const fixed: Readonly<Partial<Record<DType, QnnDataType>>> = {
  // four bits lie in a byte each, and the encoding tells how many count
  i4: "sfix8",
  i8: "sfix8",
  i16: "sfix16",
  i32: "sfix32",
  u8: "ufix8",
  u16: "ufix16",
};

/** The element type that stands for a TFLite one. Refuses what QNN has none for. */
export const qnnDataTypeOf = (t: TensorType): QnnDataType =>
  (t.quant ? fixed : plain)[t.dtype] ??
  refuse(
    `QNN has no element type for ${showType({ ...t, shape: [] })}`,
    "cast it to float32, int32 or a quantized type",
  );
