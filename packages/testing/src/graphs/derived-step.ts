import type { OpDef, Operand, Operands, TensorType } from "@tflower/core";
import { deriveDraft } from "../application/derive-draft.ts";
import type { Slot } from "../application/sample.ts";
import { type GraphBuilder, StepEnds } from "./graph-builder.ts";
import type { GraphStep } from "./programs.ts";

/**
 * A step from an op's declaration alone: its operands are values made before where they fit, else constants, its attributes drawn by
 * kind. Serves ops whose arguments hang together loosely; what the op refuses ends the step.
 */
export const derivedStep = (op: OpDef): GraphStep => ({
  name: op.name,
  grow(b) {
    const draft = deriveDraft(b.choose, op);
    let like: TensorType | undefined;
    const one = (spec: Operand, slot: Slot) => {
      const v = b.value((t) => spec.accepts(t) && (!like || (t.dtype === like.dtype && broadcasts(t, like))));
      if (v && (!like || b.choose.maybe(0.7))) {
        like ??= v.type;
        return v;
      }
      return b.constant(slot.type);
    };
    const operands = Object.fromEntries(
      Object.entries(op.operands as Operands).map(([name, spec]) => {
        const slot = draft.operands[name];
        return [
          name,
          slot === undefined
            ? undefined
            : Array.isArray(slot)
              ? slot.map((s) => s && one(spec, s))
              : one(spec, slot as Slot),
        ];
      }),
    );
    if (!like) throw new StepEnds();
    return emitAny(b, op, operands, draft.attrs ?? {});
  },
});

const emitAny = (
  b: GraphBuilder,
  op: OpDef,
  operands: Readonly<Record<string, unknown>>,
  attrs: Readonly<Record<string, unknown>>,
) => b.emitAll(op, operands, attrs);

function broadcasts(a: TensorType, b: TensorType): boolean {
  for (let i = 1; i <= Math.min(a.shape.length, b.shape.length); i++) {
    const [x, y] = [a.shape.at(-i), b.shape.at(-i)];
    if (x !== y && x !== 1 && y !== 1) return false;
  }
  return true;
}
