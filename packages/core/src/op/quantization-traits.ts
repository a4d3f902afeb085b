import type { DType } from "../ir/dtype.ts";

/** How weights of an op may be stored, beside as floats: 8 bits or 4 for each channel, or 4 for each block. */
export type WeightForm = "i8" | "i4" | "i4-block";

/** How an image is cut into windows, each of which is multiplied by weights. */
export interface WindowsOf {
  readonly kernel: readonly [height: number, width: number];
  readonly stride: readonly [height: number, width: number];
  readonly dilation: readonly [height: number, width: number];
  /** Zeros before the first row and column. */
  readonly before: readonly [top: number, left: number];
  /** Windows along each axis. */
  readonly count: readonly [height: number, width: number];
  /** Weights have their window's elements outermost, and each channel of results reads one channel only. */
  readonly depthwise?: boolean;
}

/** What weights are multiplied by: rows along the last axis of an operand, or windows of it. */
export interface WeightedTrait {
  readonly operand: string;
  readonly windows?: (shapes: {
    readonly input: readonly number[];
    readonly weights: readonly number[];
    readonly attrs: Readonly<Record<string, unknown>>;
  }) => WindowsOf;
}

/** The operand of an op that holds weights, and how its kernels take them. */
export interface WeightsTrait {
  readonly operand: string;
  /** The axis along which each index has a scale of its own. */
  readonly axis: (attrs: Readonly<Record<string, unknown>>, rank: number) => number;
  /**
   * Forms that a kernel takes beside float values, quantizing those while it runs (or looking rows up and giving floats), at least as
   * fast as with floats. What is not among them is turned back into floats when the model is loaded.
   */
  readonly dynamic: readonly WeightForm[];
  /** What each channel of results is the product of, where that is so simple. */
  readonly weighted?: WeightedTrait;
  /** Forms that a kernel takes, too, but slower than floats: for those who want a small file above all. */
  readonly dynamicSlow?: readonly WeightForm[];
}

/** Integers that every result has, whatever its range: scale and zero point by dtype. */
export type FixedQuantization = Partial<Record<DType, readonly [scale: number, zeroPoint: number]>>;

/** What quantization may know about an op without knowing its name. */
export interface QuantizationTraits {
  /**
   * Turns reals into integers at the result type's scales, or integers into reals; or rounds reals to 8 bits at a scale found in them, as
   * kernels with integer weights do by themselves.
   */
  readonly quantizer?: "quantize" | "dequantize" | "dynamic";
  /** Holds weights in one operand. */
  readonly weights?: WeightsTrait;
  /** Adds `bias` to a sum of products of two operands: integers of it have the product of their scales. */
  readonly accumulator?: { readonly bias: string; readonly operands: readonly [string, string] };
  /** All quantized operands and results have one scale and zero point: stored integers are moved or compared. */
  readonly sameScales?: boolean;
  /**
   * Each result element is an operand's: they move, or the largest of some is taken. Whatever rises may then be done before or after, such as
   * rounding to integers.
   */
  readonly selects?: boolean;
  /** Elements between these bounds stay as they are, others become the nearer bound. */
  readonly clamps?: readonly [low: number, high: number];
  /** Integer results have these scales. */
  readonly fixedOutputRange?: FixedQuantization;
  /**
   * How the runtime computes on 8-bit integers: fast and by itself; by a look-up table that it makes of DEQUANTIZE, the op, QUANTIZE, which
   * beats any integer kernel; or worse than on floats. Absent: it has no integer kernel.
   */
  readonly int8Kernel?: "native" | "lut" | "slow";
  /** Operands that may keep a range of their own even where others are floats: numbers that mask others and are never computed with. */
  readonly neverInRange?: readonly string[];
  /** Multiplies its operands with each other: one value twice gives squares. */
  readonly multiplies?: boolean;
  /** Squares, exponents and the like: results span too many magnitudes for 8 bits. */
  readonly wideRange?: boolean;
}
