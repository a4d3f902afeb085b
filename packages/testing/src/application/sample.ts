import {
  type AnyOperands,
  type AttrInput,
  type Attrs,
  type DType,
  mapOperands,
  type OpDef,
  type OperandInput,
  type Operands,
  type TensorData,
  type TensorType,
  tensor,
} from "@tflower/core";
import type { Values } from "../arbitrary/elements.ts";
import { drawTensor } from "../arbitrary/tensors.ts";
import type { Choose } from "../choose/choose.ts";
import type { Tolerance } from "../compare/tolerance.ts";
import type { Argument } from "./application.ts";

/** What stands in the place of one operand: a type whose elements are still to be drawn, or elements. */
export interface Slot {
  readonly type: TensorType;
  /** What elements are like; `moderate` when absent, `any` for elementwise ops. */
  readonly values?: Values;
  readonly data?: TensorData;
  /** Whether the program holds it as a constant; drawn when absent. */
  readonly constant?: boolean;
}

/** An application whose elements are not drawn yet. */
export interface Draft {
  readonly operands: AnyOperands<Slot>;
  readonly attrs?: Readonly<Record<string, unknown>>;
  /** Result types, for ops that do not infer them. */
  readonly types?: readonly TensorType[];
  /** How many results have a meaning; all of them when absent. */
  readonly outputs?: number;
}

/** Draws arguments of an op that hang together. What the op does not take is drawn again. */
export type Sampler = (choose: Choose, op: OpDef) => Draft;

declare module "@tflower/core" {
  interface Traits {
    /**
     * For generators: draws arguments of this op, where its declaration alone does not say what hangs together.
     * A plain function, so that declaring it takes no test library.
     */
    readonly sample?: Sampler;
  }
}

/** What the kit knows of an op beside its declaration. */
export interface Sample {
  readonly op: OpDef;
  /** Absent where the declaration is enough. */
  readonly draw?: Sampler;
  /** How far a lowering may be off; see `toleranceOf` for what holds otherwise. */
  readonly tolerance?: Tolerance;
  /** How much further the runtime's kernels may be off than they usually are. */
  readonly kernels?: Tolerance;
}

/** A {@link Draft} with operands and attributes typed from the op's declaration. */
export interface DraftOf<O extends Operands, A extends Attrs> {
  readonly operands: OperandInput<O> extends infer I ? { readonly [K in keyof I]: SlotFor<I[K]> } : never;
  readonly attrs?: Partial<AttrInput<A>>;
  readonly types?: readonly TensorType[];
}
type SlotFor<V> = V extends readonly unknown[]
  ? readonly (Slot | undefined)[]
  : undefined extends V
    ? Slot | undefined
    : Slot;

/** Declares how arguments of `op` are drawn, typed from the op. */
export const defineSample = <N extends string, O extends Operands, A extends Attrs>(
  op: OpDef<N, O, A>,
  draw: ((choose: Choose) => DraftOf<O, A>) | undefined,
  o: Pick<Sample, "tolerance" | "kernels"> = {},
): Sample => ({ op: op as OpDef, ...(draw && { draw: draw as unknown as Sampler }), ...o });

/** A slot of a type. */
export const slot = (dtype: DType, shape: readonly number[], o: Omit<Slot, "type"> = {}): Slot => ({
  type: tensor(dtype, shape),
  ...o,
});

/** Elements for every slot, and which of them are constants: never all. */
export function fill(choose: Choose, op: OpDef, draft: Draft): AnyOperands<Argument> {
  const values = op.traits.elementwise ? "any" : "moderate";
  let first = true;
  return mapOperands(draft.operands, (s): Argument => {
    const constant = s.constant ?? (!first && choose.maybe(0.25));
    first = false;
    return { data: s.data ?? drawTensor(choose, s.type, s.values ?? values), constant };
  }) as AnyOperands<Argument>;
}
