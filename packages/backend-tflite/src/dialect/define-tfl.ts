import {
  type AnyOperands,
  type Attrs,
  type AttrsOf,
  attr,
  defineOp,
  type OpDef,
  type Operands,
  type OpSpec,
  operand,
  type TensorType,
  type Traits,
} from "@tflower/core";
import { quantizationTraits } from "../file/int8-kernels.ts";
import { atRunTime } from "../semantics/at-run-time.ts";
import type { EvaluateQuantized } from "../semantics/integer/quantized-kernel.ts";
import { onReals } from "../semantics/quantized.ts";

/**
 * How an attribute that the file keeps as a tensor operand is written: a list, a scalar, or pairs `[n, 2]` (held flat, before and
 * after for each axis in turn), of `i32` unless the form says otherwise.
 */
export type ParameterForm = "list" | "scalar" | "pairs" | "i64 list" | "i64 scalar" | "i64 pairs" | "f32 scalar";

/** What is known of a node without its values. */
export interface NodeTypes {
  readonly operands: AnyOperands<TensorType>;
  readonly attrs: Readonly<Record<string, unknown>>;
  readonly results: readonly TensorType[];
}

/** What the writer and the reader need to know about a builtin. */
export interface TflInfo {
  /** Name in `BuiltinOperator`, as `CONV_2D`; `CUSTOM` for custom ops. */
  readonly builtin: string;
  /** Name of a custom op. Its attributes are packed as a FlexBuffer map. */
  readonly customCode?: string;
  /** The attribute that holds a custom op's options as they are in the file, in base64, where nobody knows what they mean. */
  readonly rawOptions?: string;
  /**
   * Options table, as `Conv2DOptions`; its fields are the attributes that are no parameters. Enumerations are held by name, except
   * `TensorType`, which is a dtype; subgraph indices are names of graphs.
   */
  readonly options?: string;
  /** Operands in file order: names of operands, or of parameters. */
  readonly file: readonly string[];
  /** Attributes that are tensors in the file. One that also exists as an (optional) operand is computed at run time when the operand is there. */
  readonly parameters: Readonly<Record<string, ParameterForm>>;
  /** Operands that the file keeps as variable tensors: zero at first, and kept from one run to the next. */
  readonly variables?: readonly string[];
  /** Fields of the options table that follow from the types, so that no attribute repeats them. */
  readonly derived?: (node: NodeTypes) => Readonly<Record<string, unknown>>;
}

/** How an op behaves under a permutation of its operands' axes; see {@link Traits.permuted}. */
export interface Permuted {
  readonly attrs: Readonly<Record<string, unknown>>;
  /** Permutation left on the results. */
  readonly perm: readonly number[];
}

declare module "@tflower/core" {
  interface Traits {
    readonly tfl?: TflInfo;
    /** Elementwise, but operands must have one shape: the kernel does not broadcast. */
    readonly oneShape?: boolean;
    /**
     * `op(transpose(x, perm), attrs) = transpose(op(x, p.attrs), p.perm)`: gives `p`, or `undefined` where no such form exists.
     * Every tensor operand that is not a parameter is permuted alike (scalars stay), or those named in {@link permutedOperands}.
     * Elementwise ops have it by nature (same attributes, same permutation). `types` are those of the operands as they are.
     */
    readonly permuted?: (
      attrs: Readonly<Record<string, unknown>>,
      perm: readonly number[],
      types: AnyOperands<TensorType>,
    ) => Permuted | undefined;
    /**
     * The kernel allocates its result when it runs, even where the extents are known. Some runtimes bind a graph's outputs before
     * that, and then give out memory that nobody has written.
     */
    readonly allocatesResult?: boolean;
    /** Sums products of its operands: a matrix product or a convolution. */
    readonly sumsProducts?: boolean;
    /**
     * Some kernel of the runtime does what the op says for ordinary elements only: zeros, and normal floats that are not near the largest.
     * Those that sum products read whole registers: what lies behind the end of a row is multiplied, too, by a zero, so that a NaN there
     * makes NaN of a result that it is no part of. Those that approximate make numbers of NaN, and others of denormals.
     */
    readonly ordinaryOnly?: boolean;
    /** Takes rows of this operand, a table, at indices. */
    readonly takesRows?: string;
    /** Result elements are elements of the operands, or zeros, elsewhere: nothing is computed with them. */
    readonly movesElements?: boolean;
    /** Multiply-accumulates that one run takes; asked only where all extents are known. */
    readonly macs?: (node: NodeTypes) => number;
    /** The operands whose axes {@link permuted} permutes, where that is not all of them. */
    readonly permutedOperands?: readonly string[];
  }
}

type TflSpec<O extends Operands, A extends Attrs> = OpSpec<O, A> & {
  readonly options?: string;
  readonly file?: readonly string[];
  readonly parameters?: Readonly<Record<string, ParameterForm>>;
  readonly derived?: TflInfo["derived"];
  readonly variables?: readonly string[];
  /**
   * The op moves stored elements without interpreting them, so that quantized ones are evaluated as they are. Any other op is
   * evaluated on the real numbers that quantized elements stand for.
   */
  readonly movesElements?: boolean;
  /** What the runtime's integer kernel gives for quantized operands, exactly; without a result, real numbers are computed with. */
  readonly evaluateQuantized?: EvaluateQuantized;
};

function makeOp<N extends `tfl.${string}`, O extends Operands, A extends Attrs>(
  name: N,
  builtin: string,
  spec: TflSpec<O, A>,
  customCode?: string,
): OpDef<N, O, A> {
  const { options, file, parameters = {}, derived, variables, movesElements, evaluateQuantized, ...rest } = spec;
  const order = file ?? [...new Set([...Object.keys(spec.operands), ...Object.keys(parameters)])];
  const tfl: TflInfo = {
    builtin,
    ...(customCode !== undefined && { customCode }),
    ...(options !== undefined && { options }),
    file: order,
    parameters,
    ...(variables && { variables }),
    ...(derived && { derived }),
  };
  const evaluate = spec.evaluate && {
    evaluate: atRunTime(onReals(spec.evaluate, movesElements ?? false, evaluateQuantized), spec.infer, parameters),
  };
  return defineOp(name, {
    ...rest,
    ...evaluate,
    traits: {
      ...quantizationTraits(builtin),
      ...spec.traits,
      ...(movesElements && { movesElements, selects: true }),
      tfl,
    } as Traits,
  } as OpSpec<O, A>);
}

/**
 * Declares a TFLite builtin. Attributes are the fields of its options table, except `parameters`, which the file keeps as
 * constant tensors; `file` gives the order of operands where it is not "operands, then parameters".
 *
 * @example
 * const transpose = defineTfl("TRANSPOSE", {
 *   summary: "Permutes axes: axis `i` of the result is axis `perm[i]` of the input.",
 *   options: "TransposeOptions",
 *   operands: { input: operand.tensor },
 *   attrs: { perm: attr.ints },
 *   parameters: { perm: "list" },
 *   infer: ({ input }, { perm }) => withShape(input, perm.map((p) => input.shape[p]!)),
 * });
 */
export function defineTfl<const B extends string, const O extends Operands, const A extends Attrs = {}>(
  builtin: B,
  spec: TflSpec<O, A>,
): OpDef<`tfl.${Lowercase<B>}`, O, A> {
  return makeOp(`tfl.${builtin.toLowerCase()}` as `tfl.${Lowercase<B>}`, builtin, spec);
}

/**
 * Declares a custom op of the runtime, called `tfl.custom.<code>`. All attributes that are no parameters go to its options.
 *
 * @example
 * const roll = defineTflCustom("Roll", {
 *   summary: "Moves elements along an axis, and in at the other end.",
 *   operands: { input: operand.tensor },
 *   attrs: { shift: attr.int, axis: attr.int.default_(0) },
 *   infer: ({ input }) => input,
 * });
 */
export function defineTflCustom<const C extends string, const O extends Operands, const A extends Attrs = {}>(
  code: C,
  spec: Omit<TflSpec<O, A>, "options" | "derived">,
): OpDef<`tfl.custom.${C}`, O, A> {
  return makeOp(`tfl.custom.${code}`, "CUSTOM", spec as TflSpec<O, A>, code);
}

/** The operand that gives a parameter at run time, where its attribute holds symbols. */
export const runtimeParameter = operand.optional(operand.dtype("i32", "i64"));
/** The same, for kernels that read 32-bit integers only. */
export const runtimeI32 = operand.optional(operand.dtype("i32"));

/** Activation that kernels apply to their result. */
export const fusedActivation = attr.oneOf("NONE", "RELU", "RELU_N1_TO_1", "RELU6").default_("NONE");
export type FusedActivation = AttrsOf<{ a: typeof fusedActivation }>["a"];
