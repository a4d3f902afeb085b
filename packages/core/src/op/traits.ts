import type { DType } from "../ir/dtype.ts";
import type { QuantizationTraits } from "./quantization-traits.ts";

/**
 * What shared code may know about an op without knowing its name. Packages add traits of their own by
 * declaration merging: `declare module "@tflower/core" { interface Traits { ... } }`.
 */
export interface Traits extends QuantizationTraits {
  /** Has an effect besides its results, so it is neither dropped, merged nor reordered: state, printing, asserts. */
  readonly effects?: boolean;
  /** Gives other results on each run. */
  readonly random?: boolean;
  /** Operands 0 and 1 may change places. */
  readonly commutative?: boolean;
  /** Each result element depends on the operand elements at the same place, operands broadcast as in NumPy. */
  readonly elementwise?: boolean;
  /** Gives the numbers of its only operand in another dtype. */
  readonly converts?: boolean;
  /** Reads a number out of its only operand, a tensor of one element: what the program holds as a Python number is a tensor of rank 0 here. */
  readonly readsNumber?: boolean;
  /** The operand written in place; the functional op of the same meaning. */
  readonly inplace?: { readonly operand: string; readonly functional: string };
  /** Results alias this operand's storage; where it is a list of operands, each result that of the operand at its place. */
  readonly view?: { readonly operand: string };
  /** Dtypes of results that do not follow the operands, for generators. */
  readonly resultDType?: DType;
  /**
   * Runs the graph named by one attribute on the values of one operand, once, and gives its outputs: nothing is lost by inlining it, unless
   * it is `named`, so that whoever runs the program may know something better than the graph.
   */
  readonly wraps?: { readonly graph: string; readonly operands: string; readonly named?: boolean };
  /**
   * Runs graphs named by attributes. Each takes the values of `carried`, which a loop replaces from one call to the next, and then those
   * of `captured`, which are the same at every call.
   */
  readonly calls?: { readonly graphs: readonly string[]; readonly carried?: string; readonly captured: string };
  /** A view that copies when the operand's strides leave it no choice, or that is asked for other strides. */
  readonly maybeCopies?: boolean;
  /** A view whose attributes count in the operand's storage: they mean the operand's elements only where it is all of a row-major storage. */
  readonly viewsStorage?: boolean;
  /** Extents of its results that depend on data count elements of the first operand, so they are at most as many. */
  readonly countsElements?: boolean;
  /** Known only by name: its types come from the program, and nothing can be said about it. */
  readonly opaque?: boolean;
}
