import type { DType, OpDef } from "@tflower/core";
import { aten } from "@tflower/ops-aten";
import type { Draft, Sample } from "../application/sample.ts";
import { slot } from "../application/sample.ts";
import { commonDTypes, drawDType } from "../arbitrary/dtypes.ts";
import { drawShape } from "../arbitrary/shapes.ts";
import type { Choose } from "../choose/choose.ts";

/** A float that an integer type cannot hold becomes whatever the machine makes of it; such casts have no meaning to prove. */
function drawCast(choose: Choose) {
  const [from, to] = [drawDType(choose), drawDType(choose, [...commonDTypes].reverse())];
  const shape = drawShape(choose);
  const unsigned: readonly DType[] = ["u8"];
  if (from !== "f32" || to === "f32" || to === "bool") return { self: slot(from, shape, { values: "any" }), to };
  return {
    self: slot(from, shape, { values: unsigned.includes(to) ? { min: 0, max: 255 } : { min: -100, max: 100 } }),
    to,
  };
}
const casting = (op: OpDef): Sample => ({
  op,
  draw(choose): Draft {
    const { self, to } = drawCast(choose);
    return { operands: { self }, attrs: { dtype: to, ...("device" in op.attrs && { device: "cpu" }) } };
  },
});
const castingLike = (op: OpDef, other: string): Sample => ({
  op,
  draw(choose): Draft {
    const { self, to } = drawCast(choose);
    return { operands: { self, [other]: slot(to, drawShape(choose)) } };
  },
});

/** Casts. */
export const castingSamples: readonly Sample[] = [
  ...[aten.toDtype, aten.toDtypeLayout, aten.toDevice, aten.toCopy].map(casting),
  ...[aten.toOther, aten.typeAs].map((op) => castingLike(op, "other")),
];
