import {
  type Constant,
  type Emit,
  type Lowering,
  numbersOf,
  type OpDef,
  residentData,
  type TensorData,
  tensorData,
  type Value,
} from "@tflower/core";
import type { Mutant } from "./mutant.ts";

/** A lowering with a mistake in it, and how often the mistake was made. */
export interface MutatedLowering {
  readonly lowering: Lowering<any>;
  readonly count: () => number;
}

type Attributes = Readonly<Record<string, unknown>>;
type Operands = Parameters<NonNullable<Mutant["mutateOperands"]>>[0];

/** `lowering` with `mutant` in every node that it emits and that has something to get wrong. */
export function mutated(lowering: Lowering<any>, mutant: Mutant): MutatedLowering {
  let made = 0;
  const noted = <T>(wrong: T | undefined): T | undefined => {
    if (wrong !== undefined) made++;
    return wrong;
  };
  const attrsOf = (op: OpDef, attrs: Attributes | undefined): Attributes | undefined => {
    if (!mutant.mutate) return attrs;
    const full: Record<string, unknown> = {};
    for (const [k, spec] of Object.entries(op.attrs as OpDef["attrs"]))
      full[k] = attrs?.[k] ?? (spec as { default: unknown }).default;
    return noted(mutant.mutate(full, op)) ?? attrs;
  };
  const operandsOf = (op: OpDef, operands: Operands): Operands =>
    (noted(mutant.mutateOperands?.(operands, op)) as Operands | undefined) ?? operands;
  const constantOf = (given: TensorData | Constant): TensorData | Constant => {
    const data = "data" in given && !("kind" in given) ? given : residentData(given as Constant);
    if (!mutant.mutateConstant || !data) return given;
    const wrong = noted(mutant.mutateConstant(Array.from(numbersOf(data)), data.type));
    return wrong ? tensorData(data.type.dtype, data.type.shape, wrong) : given;
  };
  const wrap = (emit: Emit): Emit => {
    const out = ((op: OpDef, operands: Operands, attrs?: Attributes): Value =>
      emit(op, operandsOf(op, operands) as never, attrsOf(op, attrs) as never)) as unknown as Emit & {
      settings: Emit["settings"];
    };
    out.all = (op, operands, attrs, types) =>
      emit.all(op, operandsOf(op as OpDef, operands as never) as never, attrsOf(op as OpDef, attrs) ?? {}, types);
    out.constant = (data, name) => emit.constant(constantOf(data), name);
    out.dim = (d) => emit.dim(d);
    out.graph = (wanted, inputs, build) => emit.graph(wanted, inputs, (inner, values) => build(wrap(inner), values));
    return Object.assign(out, { settings: emit.settings });
  };
  return {
    lowering: {
      ...lowering,
      lower: (operands, attrs, emit, node) => lowering.lower(operands, attrs, wrap(emit), node as never),
    },
    count: () => made,
  };
}
