import type { TensorData } from "../eval/tensor-data.ts";
import type { Constant } from "../ir/constant.ts";
import type { Dim } from "../ir/dim.ts";
import { residentData } from "../ir/evaluate-constant.ts";
import type { Node } from "../ir/node.ts";
import type { TensorType } from "../ir/type.ts";
import type { Value } from "../ir/value.ts";
import type { AttrArgs, Attrs, AttrsOf, OpDef, OperandInput, Operands, OperandsOf } from "../op/define-op.ts";
import type { Settings } from "../settings.ts";

/** Why a lowering does not apply. */
export class Rejection {
  readonly reason: string;
  constructor(reason: string) {
    this.reason = reason;
  }
}
/** Says why a lowering does not apply; shown when nothing else applies either. */
export const reject = (reason: string): Rejection => new Rejection(reason);

/** The only way to make nodes inside a lowering. */
export interface Emit {
  /** Makes a node and gives its first result. */
  <N extends string, O extends Operands, A extends Attrs>(
    op: OpDef<N, O, A>,
    operands: OperandInput<O>,
    ...attrs: AttrArgs<A>
  ): Value;
  /** Makes a node and gives all its results; `types` for ops that do not infer them. */
  all<N extends string, O extends Operands, A extends Attrs>(
    op: OpDef<N, O, A>,
    operands: OperandInput<O>,
    attrs: Readonly<Record<string, unknown>>,
    types?: readonly TensorType[],
  ): readonly Value[];
  /** A value that holds elements or a lazy constant. */
  constant(data: TensorData | Constant, name?: string): Value;
  /** A rank-0 int32 value of an extent, computed at run time when it is symbolic. */
  dim(d: Dim): Value;
  /**
   * Makes a graph for an op that runs one, and gives its name. `build` emits its nodes, which are lowered like any others, from its inputs and
   * constants alone: a graph sees nothing of the one around it. `wanted` is the name where it is free.
   */
  graph(wanted: string, inputs: readonly TensorType[], build: BuildGraph): string;
  readonly settings: Settings;
}

/** Emits the nodes of a graph and gives its outputs. */
export type BuildGraph = (emit: Emit, inputs: readonly Value[]) => readonly Value[];

/** How one op becomes others. A pure function: no state, no edits except through `emit`. */
export interface Lowering<D extends OpDef = OpDef> {
  readonly op: D;
  readonly name: string;
  /** Higher is tried first. */
  readonly benefit: number;
  readonly lower: (operands: any, attrs: any, emit: Emit, node: Node<D>) => Value | readonly Value[] | Rejection;
  /** Why it never applies; absent where it does. Said to people who use the op, and in the table of ops. */
  readonly refuses?: string;
}

/**
 * Declares a lowering of `op`. Operands and attributes are typed from the op's declaration.
 *
 * @example
 * const lowerSquare = defineLowering(aten.square, ({ self }, _, emit) =>
 *   self.type.dtype === "f32" ? emit(tfl.square, { input: self }) : reject("is lowered for float32 only"),
 * );
 */
export function defineLowering<N extends string, O extends Operands, A extends Attrs>(
  op: OpDef<N, O, A>,
  lower: (
    operands: OperandsOf<O>,
    attrs: AttrsOf<A>,
    emit: Emit,
    node: Node<OpDef<N, O, A>>,
  ) => Value | readonly Value[] | Rejection,
  options: { readonly name?: string; readonly benefit?: number } = {},
): Lowering<OpDef<N, O, A>> {
  return Object.freeze({ op, lower, name: options.name ?? op.name, benefit: options.benefit ?? 0 });
}

/** Declares that `op` cannot be lowered, and why: what people read instead of "no lowering". */
export const defineRefusal = (op: OpDef, reason: string): Lowering =>
  Object.freeze({ op, lower: () => reject(reason), name: op.name, benefit: 0, refuses: reason });

/** The elements of `v` when it is a constant that is in memory. */
export const dataOf = (v: Value): TensorData | undefined => v.constant && residentData(v.constant);
