import type { Attrs } from "@tflower/core";
import type { Mutant } from "./mutant.ts";

type Values = Readonly<Record<string, unknown>>;

/** Attributes named alike but for the axis change places, as `stride_h` and `stride_w`. */
function swapNamed(attrs: Values): Values | undefined {
  const out: Record<string, unknown> = { ...attrs };
  let changed = false;
  for (const k of Object.keys(attrs)) {
    const other = k.replace(/(^|_)h(_|$)/, "$1w$2").replace("height", "width");
    if (other === k || !(other in attrs) || attrs[k] === attrs[other]) continue;
    [out[k], out[other]] = [attrs[other], attrs[k]];
    changed = true;
  }
  return changed ? out : undefined;
}

const isNumbers = (v: unknown): v is readonly number[] => Array.isArray(v) && v.every((x) => typeof x === "number");
/** Changes one attribute, if it is there and the change is one. */
const changing =
  (names: readonly string[], f: (v: readonly number[]) => readonly number[] | undefined) =>
  (attrs: Values): Values | undefined => {
    for (const k of names) {
      const v = attrs[k];
      if (!isNumbers(v)) continue;
      const next = f(v);
      if (next?.some((x, i) => x !== v[i])) return { ...attrs, [k]: next };
    }
    return undefined;
  };

/** `v` with the entries of the two axes in the middle changed: H and W of an image, the last two of anything else. */
const innerAxes = (rank: number): readonly [number, number] =>
  rank >= 4 ? [rank - 3, rank - 2] : [rank - 2, rank - 1];
function swapAxes(v: readonly number[], width: number): readonly number[] | undefined {
  const rank = v.length / width;
  if (rank < 2) return undefined;
  const [a, b] = innerAxes(rank);
  const out = [...v];
  for (let i = 0; i < width; i++) [out[a * width + i], out[b * width + i]] = [v[b * width + i]!, v[a * width + i]!];
  return out;
}
const swapEnds = (v: readonly number[]): readonly number[] => v.map((_, i) => v[i ^ 1]!);

/** A whole number `by` further, where the attribute is an axis. */
function shiftAxis(attrs: Values, spec: Attrs): Values | undefined {
  for (const k of ["axis", "dim", "axes"]) {
    if (!(k in spec)) continue;
    const v = attrs[k];
    if (typeof v === "number") return { ...attrs, [k]: v > 0 || v < -1 ? (v > 0 ? v - 1 : v + 1) : v === 0 ? 1 : -2 };
    if (isNumbers(v) && v.length)
      return { ...attrs, [k]: v.map((a) => (a > 0 ? a - 1 : a === 0 ? 1 : a === -1 ? -2 : a + 1)) };
  }
  return undefined;
}

/**
 * Mistakes with axes. A property whose generator draws H and W alike notices few of them: strides, dilations and kernels of an image, perms,
 * paddings, slices, and axes themselves.
 */
export const axisMutants: readonly Mutant[] = [
  { name: "attributes of H and W change places", mutate: swapNamed },
  { name: "two axes of a perm change places", mutate: changing(["perm"], (v) => swapAxes(v, 1)) },
  { name: "paddings of H and W change places", mutate: changing(["paddings"], (v) => swapAxes(v, 2)) },
  { name: "paddings before and after change places", mutate: changing(["paddings"], swapEnds) },
  { name: "begins of two axes change places", mutate: changing(["begin"], (v) => swapAxes(v, 1)) },
  { name: "an axis is its neighbour", mutate: (attrs, op) => shiftAxis(attrs, op.attrs) },
  {
    name: "two extents of a shape change places",
    mutate: changing(["shape", "new_shape", "multiples"], (v) => swapAxes(v, 1)),
  },
];
