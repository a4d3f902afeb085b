import type { AnyFields, BuiltinName, OptionsTable } from "../schema/fields.ts";

/**
 * A `.tflite` as plain data: what {@link readTflite} gives and {@link writeTflite} takes. The wire's bookkeeping (operator
 * codes, buffer indices, the empty sentinel buffer, superseded fields) is left to them.
 */
export interface TfliteFile {
  readonly description?: string;
  /** Subgraph 0 is the one that runs by default. Others are bodies of control flow, or have their own signature. */
  readonly subgraphs: readonly Subgraph[];
  readonly signatures?: readonly Signature[];
  readonly metadata?: readonly Metadata[];
}

export interface Subgraph {
  readonly name?: string;
  readonly tensors: readonly Tensor[];
  /** Indices in `tensors`, in the order in which callers bind them. */
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  /** In execution order. */
  readonly operators: readonly Operator[];
  /** Opaque index into debug metadata. */
  readonly debugMetadataIndex?: number;
}

/** Element types in the order of the wire's TensorType. */
export const fileDTypes = [
  "f32",
  "f16",
  "i32",
  "u8",
  "i64",
  "string",
  "bool",
  "i16",
  "c64",
  "i8",
  "f64",
  "c128",
  "u64",
  "resource",
  "variant",
  "u32",
  "u16",
  "i4",
  "bf16",
  "i2",
  "u4",
  "f8e4m3",
  "f8e5m2",
] as const;
/** Element type of a tensor in a `.tflite`. */
export type FileDType = (typeof fileDTypes)[number];

export interface Tensor {
  readonly name?: string;
  readonly dtype: FileDType;
  /** Extents; a dynamic one is 1 here and -1 in `shapeSignature`. `undefined` when not even the rank is known. */
  readonly shape: readonly number[] | undefined;
  /** Only on tensors with a dynamic extent. */
  readonly shapeSignature?: readonly number[];
  /** Constant data. Tensors that share it are written with one copy; identity decides, not content. */
  readonly buffer?: BufferData;
  readonly quantization?: TensorQuantization;
  /** Kept across invocations, zero at first. */
  readonly isVariable?: boolean;
  /** The schema's SparsityParameters. */
  readonly sparsity?: AnyFields;
  /** The schema's VariantSubType, for dtype `variant`. */
  readonly variantTensors?: readonly AnyFields[];
  /** Constant data in another file. */
  readonly externalBuffer?: ExternalBuffer;
}

/** Data that is produced when it is written, chunk after chunk, and not kept. */
export interface LazyBuffer {
  readonly byteLength: number;
  /** The chunks add up to `byteLength`. */
  chunks(): AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}
/** Data of a constant: resident, or produced on demand. */
export type BufferData = Uint8Array | LazyBuffer;

/** `real = scale * (q - zeroPoint)`. */
export interface TensorQuantization {
  /** One for the tensor, or one per slice of `axis`; empty when `details` says it all. */
  readonly scale: readonly number[];
  readonly zeroPoint: readonly (number | bigint)[];
  /** Axis of per-channel scales; 0 when there is one scale. */
  readonly axis?: number;
  readonly min?: readonly number[];
  readonly max?: readonly number[];
  /** Blockwise, multi-axis or custom quantization: a member of the schema's QuantizationDetails. */
  readonly details?: { readonly table: string; readonly fields: AnyFields };
}

export interface ExternalBuffer {
  /** Name of the file's group. */
  readonly group: string;
  readonly offset: number;
  readonly byteLength: number;
  readonly packing?: string;
}

export interface Operator {
  readonly builtin: BuiltinName;
  /** The file holds the maximum over the uses of a builtin. */
  readonly version: number;
  /** Name of the op when `builtin` is `CUSTOM`. */
  readonly customCode?: string;
  /** Indices of tensors, -1 for an optional one that is absent. */
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  /** Tensors that carry the quantization of an op's inner values. */
  readonly intermediates?: readonly number[];
  /** Fields by the schema's names; enumerations by name, e.g. `{ padding: "SAME" }`. */
  readonly options?: { readonly table: OptionsTable; readonly fields: AnyFields };
  /** Options of a custom op: a FlexBuffer by convention. */
  readonly customOptions?: Uint8Array;
  readonly mutatingVariableInputs?: readonly boolean[];
  readonly debugMetadataIndex?: number;
}

/** An entry point with names for its tensors. */
export interface Signature {
  readonly key: string;
  readonly subgraph: number;
  readonly inputs: readonly NamedTensor[];
  readonly outputs: readonly NamedTensor[];
}
export interface NamedTensor {
  readonly name: string;
  readonly tensor: number;
}

export interface Metadata {
  readonly name: string;
  readonly bytes: Uint8Array;
}
