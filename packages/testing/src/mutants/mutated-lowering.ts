import type { Emit, Lowering, OpDef } from "@tflower/core";
import type { Mutant } from "./mutant.ts";

/** A lowering with a mistake in it, and how often the mistake was made. */
export interface MutatedLowering {
  readonly lowering: Lowering<any>;
  readonly count: () => number;
}

/** `lowering` with `mutant` in every node that it emits and that has something to get wrong. */
export function mutated(lowering: Lowering<any>, mutant: Mutant): MutatedLowering {
  let made = 0;
  const change = (
    op: OpDef,
    attrs: Readonly<Record<string, unknown>> | undefined,
  ): Readonly<Record<string, unknown>> | undefined => {
    const full: Record<string, unknown> = {};
    for (const [k, spec] of Object.entries(op.attrs as OpDef["attrs"]))
      full[k] = attrs?.[k] ?? (spec as { default: unknown }).default;
    const wrong = mutant.mutate(full, op);
    if (wrong) made++;
    return wrong ?? attrs;
  };
  const wrap = (emit: Emit): Emit => {
    const out = ((op: OpDef, operands: never, attrs?: Readonly<Record<string, unknown>>) =>
      emit(op, operands, change(op, attrs) as never)) as unknown as Emit & { settings: Emit["settings"] };
    out.all = (op, operands, attrs, types) => emit.all(op, operands, change(op as OpDef, attrs) ?? {}, types);
    out.constant = (data, name) => emit.constant(data, name);
    out.dim = (d) => emit.dim(d);
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
