import { invalid } from "../op/define-op.ts";
import { type Dim, isStatic, sameDim, showDim } from "./dim.ts";

/** The shape that operands of these shapes broadcast to, as in NumPy. Symbolic extents that differ are taken as equal, as the exporter has checked. */
export function broadcastShapes(...shapes: readonly (readonly Dim[])[]): Dim[] {
  const rank = Math.max(0, ...shapes.map((s) => s.length));
  const out: Dim[] = new Array(rank).fill(1);
  for (const s of shapes)
    s.forEach((d, i) => {
      const at = rank - s.length + i;
      const have = out[at]!;
      if (d === 1 || sameDim(have, d)) return;
      if (have === 1) out[at] = d;
      else if (isStatic(have) && isStatic(d))
        invalid(
          `cannot broadcast ${shapes.map((x) => `[${x.map(showDim).join(",")}]`).join(" with ")}: axis ${at} has ${have} and ${d}`,
        );
      else if (isStatic(d)) out[at] = d;
    });
  return out;
}
