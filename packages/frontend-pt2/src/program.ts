import type { ByteSource } from "@tflower/core";
import type { ConstantValue, ExportedProgram } from "./schema/exported-program.ts";
import type { Pt2DType } from "./schema/scalar-type.ts";

/**
 * A block of bytes that one or more tensors lie in. Two tensors share memory (tied weights, views of one buffer)
 * exactly when their `storage` is the same object.
 */
export interface TensorStorage {
  /** Stable name of the block within the file, such as `data/weights/weight_3`. Two blocks never have the same. */
  readonly id: string;
  /** Reads the block's archive entry; offsets count from the entry's first data byte. */
  readonly source: ByteSource;
  /** Where the block starts in `source`. */
  readonly offset: number;
  readonly length: number;
  /** CRC-32 of the whole block; undefined where the archive has none. */
  readonly crc32: number | undefined;
}

/** A weight, buffer, constant or sample input. Nothing is read until {@link readStorage} or `storage.source.read`. */
export interface TensorData {
  readonly dtype: Pt2DType;
  readonly sizes: readonly number[];
  /** In elements, never negative; 0 where the tensor is expanded. */
  readonly strides: readonly number[];
  /** In elements of `dtype`, from the start of the storage. */
  readonly storageOffset: number;
  readonly storage: TensorStorage;
}

/** A named tensor of the program. */
export interface NamedTensor extends TensorData {
  /** Name in the module tree, such as `features.0.0.weight`: what parameter, buffer and constant specs refer to. */
  readonly fqn: string;
  readonly isParam: boolean;
  /** Which table of the archive it came from: `weights` holds the state dict, `constants` the rest. */
  readonly table: "weights" | "constants";
}

/**
 * A tensor of a class that is not torch's own, such as a quantized weight of torchao. It has no bytes itself; nodes of
 * `export.access_subclass_inner_tensor` take the tensors it is made of by name.
 */
export interface TensorSubclass {
  /** Python class, such as `torchao.quantization.Int8Tensor`. */
  readonly class: string;
  /** What it pretends to be. */
  readonly dtype: Pt2DType;
  readonly sizes: readonly number[];
  readonly strides: readonly number[];
  /** By name of the attribute: `qdata`, `scale`, `zero_point`, ... */
  readonly inner: ReadonlyMap<string, TensorData | TensorSubclass>;
}

/** One leaf of the sample inputs, in flattened order. */
export type SampleValue =
  | { readonly kind: "tensor"; readonly tensor: TensorData }
  | ConstantValue
  /** Something else that Python kept there, named for messages. */
  | { readonly kind: "other"; readonly what: string };

/** A program as the file holds it: plain data, nothing lowered, tensors unread. */
export interface Pt2Program extends ExportedProgram {
  /** Name of the file. */
  readonly file: string;
  /** Name of the model within the archive; `model` unless the archive was packaged with several. */
  readonly model: string;
  /** Every tensor by its FQN, in the order of the file's tables. */
  readonly tensors: ReadonlyMap<string, NamedTensor>;
  /** Every parameter, buffer or constant that is a {@link TensorSubclass}, by its FQN; none of them is in `tensors`. */
  readonly subclasses: ReadonlyMap<string, TensorSubclass>;
  /** Class, or what else is known, of each non-tensor constant by its FQN. Their contents are not read. */
  readonly customObjects: ReadonlyMap<string, string>;
  /** A readable, unique name for each `userInput` and `constantInput` of the signature, in its order. */
  readonly inputNames: readonly string[];
  /** A readable, unique name for each `userOutput` and `lossOutput` of the signature, in its order. */
  readonly outputNames: readonly string[];
  /** What reading had to assume, to be shown to the user. */
  readonly warnings: readonly string[];
  /** The inputs the program was exported with, flattened as `inputNames`; undefined when the file has none. */
  sampleInputs(): Promise<readonly SampleValue[] | undefined>;
}

/** Choices of {@link readPt2}. */
export interface ReadPt2Options {
  /** Which model of an archive that holds several. */
  readonly model?: string;
}
