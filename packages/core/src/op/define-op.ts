import type { TensorData } from "../eval/tensor-data.ts";
import type { Constant } from "../ir/constant.ts";
import type { TensorType } from "../ir/type.ts";
import type { Value } from "../ir/value.ts";
import type { Attr } from "./attr.ts";
import type { Operand } from "./operand.ts";
import type { Traits } from "./traits.ts";

export type Operands = Readonly<Record<string, Operand>>;
export type Attrs = Readonly<Record<string, Attr<any>>>;

export type Simplify<T> = { [K in keyof T]: T[K] } & {};
type One<O extends Operand, V> =
  O extends Operand<"one">
    ? V
    : O extends Operand<"optional">
      ? V | undefined
      : O extends Operand<"variadic">
        ? readonly V[]
        : readonly (V | undefined)[];
/** What the operands of an op hold: values, types, data or constants. */
export type OperandsOf<O extends Operands, V = Value> = Simplify<{ readonly [K in keyof O]: One<O[K], V> }>;
/** What the attributes of an op hold. */
export type AttrsOf<A extends Attrs> = Simplify<{ readonly [K in keyof A]: A[K] extends Attr<infer T> ? T : never }>;

type OptionalKeys<O extends Operands> = { [K in keyof O]: O[K] extends Operand<"optional"> ? K : never }[keyof O];
type DefaultedKeys<A extends Attrs> = { [K in keyof A]: A[K] extends Attr<any, true> ? K : never }[keyof A];
type Loose<T> = { readonly [K in keyof T]?: T[K] | undefined };
/** What a caller writes for operands: optional ones may be left out. */
export type OperandInput<O extends Operands> = Simplify<
  Omit<OperandsOf<O>, OptionalKeys<O>> & Loose<Pick<OperandsOf<O>, OptionalKeys<O>>>
>;
/** What a caller writes for attributes: those with a default may be left out. */
export type AttrInput<A extends Attrs> = Simplify<
  Omit<AttrsOf<A>, DefaultedKeys<A>> & Loose<Pick<AttrsOf<A>, DefaultedKeys<A>>>
>;
/** Attributes may be left out as a whole only when every one of them has a default. */
export type AttrArgs<A extends Attrs> = {} extends AttrInput<A> ? [attrs?: AttrInput<A>] : [attrs: AttrInput<A>];

/** Everything known about an op, said once. */
export interface OpSpec<O extends Operands, A extends Attrs> {
  /** One sentence; becomes the row of the op table. */
  readonly summary: string;
  readonly operands: O;
  readonly attrs?: A;
  readonly traits?: Traits;
  /**
   * Result types from operand types: shape inference and half of the verifier. Call {@link invalid} when they do not fit.
   * An op without `infer` (its result extents depend on data) gets its result types from whoever makes the node.
   */
  readonly infer?: (types: OperandsOf<O, TensorType>, attrs: AttrsOf<A>) => TensorType | readonly TensorType[];
  /** Constraints a type alone cannot say: what is wrong, or `undefined`. */
  readonly verify?: (types: OperandsOf<O, TensorType>, attrs: AttrsOf<A>) => string | undefined;
  /** Reference semantics, written for reading. `types` are the result types. */
  readonly evaluate?: (
    inputs: OperandsOf<O, TensorData>,
    attrs: AttrsOf<A>,
    types: readonly TensorType[],
  ) => TensorData | readonly TensorData[];
  /** Reference semantics of an op that runs graphs of its module: `call` runs the graph of that name. */
  readonly run?: (
    inputs: OperandsOf<O, TensorData>,
    attrs: AttrsOf<A>,
    call: (graph: string, inputs: readonly TensorData[]) => Promise<readonly TensorData[]>,
  ) => Promise<readonly TensorData[]>;
}

export interface OpDef<N extends string = string, O extends Operands = any, A extends Attrs = any>
  extends OpSpec<O, A> {
  readonly name: N;
  readonly attrs: A;
  readonly traits: Traits;
}
export type OpName = `${string}.${string}`;

/**
 * Declares an op. Types, verifier, text, evaluation, folding and generators follow from the result.
 *
 * @example
 * const swish = defineOp("mylib.swish", {
 *   summary: "`x * sigmoid(beta * x)`.",
 *   operands: { x: operand.float },
 *   attrs: { beta: attr.float.default_(1) },
 *   infer: ({ x }) => x,
 * });
 */
export function defineOp<const N extends OpName, const O extends Operands, const A extends Attrs = {}>(
  name: N,
  spec: OpSpec<O, A>,
): OpDef<N, O, A> {
  return Object.freeze({ traits: {}, ...spec, name, attrs: (spec.attrs ?? {}) as A });
}

/** Thrown by `infer` through {@link invalid}; becomes a diagnostic that names the node. */
export class InvalidOp extends Error {
  override readonly name = "InvalidOp";
}
/** Says, inside `infer`, why operands and attributes do not fit together. */
export function invalid(why: string): never {
  throw new InvalidOp(why);
}

/** Operands of any op, by name. */
export type AnyOperands<V> = Readonly<Record<string, V | undefined | readonly (V | undefined)[]>>;

/** Applies `f` to every operand that is there, keeping the structure. */
export function mapOperands<V, W>(
  operands: AnyOperands<V>,
  f: (v: V) => W,
): Record<string, W | undefined | readonly (W | undefined)[]> {
  const out: Record<string, W | undefined | readonly (W | undefined)[]> = {};
  for (const k in operands) {
    const v = operands[k];
    out[k] =
      v === undefined ? undefined : Array.isArray(v) ? v.map((x) => (x === undefined ? undefined : f(x))) : f(v as V);
  }
  return out;
}

/** The operands that are there, in declaration order. */
export function flattenOperands<V>(operands: AnyOperands<V>): V[] {
  const out: V[] = [];
  for (const k in operands) {
    const v = operands[k];
    if (v === undefined) continue;
    if (Array.isArray(v)) {
      for (const x of v) if (x !== undefined) out.push(x);
    } else out.push(v as V);
  }
  return out;
}

/** Operand types of an application of `op` to constants. */
export const constantTypes = (operands: AnyOperands<Constant>): AnyOperands<TensorType> =>
  mapOperands(operands, (c) => c.type);
