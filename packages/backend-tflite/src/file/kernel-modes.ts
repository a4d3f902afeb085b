import { isQuantized } from "./kernel-quantization.ts";
import type { OpDescription } from "./op-description.ts";

/** Modes of kernel facts, in words. */
export const MODE_TEXT: Readonly<Record<string, string>> = {
  same: "operands of one shape",
  broadcast: "operands that broadcast",
  lower: "operands of different ranks",
  "per-axis": "quantized per axis",
  grouped: "grouped",
  flat: "without keep_num_dims",
  one: "one axis",
  several: "several axes",
  adjacent: "several adjacent axes",
  apart: "axes that are not adjacent",
  first: "along the first axis",
  later: "along another axis than the first",
  batched: "with batch_dims",
};

/** The measured modes that `op` is in. All of them must run; where the description does not say, none is left out. */
export function modesOf(op: OpDescription, modes: readonly string[]): readonly string[] {
  const kind = modes.join(" ");
  const [first, second] = op.operands;
  const perAxis = [...op.operands, ...op.results].some(
    (tensor) => tensor !== undefined && isQuantized(tensor) && tensor.quantization!.scale.length > 1,
  );
  switch (kind) {
    case "same broadcast lower":
      return [relation(broadcastShapes(op))];
    case "any per-axis":
      return [perAxis ? "per-axis" : "any"];
    case "plain per-axis":
      return [perAxis ? "per-axis" : "plain"];
    case "plain per-axis grouped": {
      const found = perAxis ? ["per-axis"] : ["plain"];
      return first && second && first.shape[3] !== second.shape[3] ? [...found, "grouped"] : found;
    }
    case "plain flat per-axis":
      return [op.options?.["keep_num_dims"] === true ? "plain" : "flat", ...(perAxis ? ["per-axis"] : [])];
    case "one several":
      return [(second?.values?.length ?? second?.shape[0] ?? 1) > 1 ? "several" : "one"];
    case "one adjacent apart":
      return [axesMode(op)];
    case "first later batched":
      if (Number(op.options?.["batch_dims"] ?? 0) !== 0) return ["batched"];
      return [Number(op.options?.["axis"] ?? 0) === 0 ? "first" : "later"];
    case "reflect symmetric":
      return [op.options?.["mode"] === "SYMMETRIC" ? "symmetric" : "reflect"];
    case "plain align_corners half_pixel":
      return [
        op.options?.["align_corners"] === true
          ? "align_corners"
          : op.options?.["half_pixel_centers"] === true
            ? "half_pixel"
            : "plain",
      ];
    default:
      return modes;
  }
}

/** The shapes that broadcast against each other. */
function broadcastShapes(op: OpDescription): readonly (readonly number[])[] {
  const shapes = op.operands.flatMap((operand) => (operand ? [operand.shape] : []));
  if (op.builtin === "BATCH_MATMUL") return shapes.map((shape) => shape.slice(0, -2));
  if (op.builtin === "BROADCAST_TO") return [shapes[0] ?? [], op.results[0]?.shape ?? []];
  return shapes;
}
/** Dynamic extents (-1) are taken to be alike, except against 1. */
const alike = (a: number, b: number): boolean => a === b || (a === -1 && b !== 1) || (b === -1 && a !== 1);

function relation([first = [], ...others]: readonly (readonly number[])[]): "same" | "broadcast" | "lower" {
  if (others.some((shape) => shape.length !== first.length)) return "lower";
  return others.every((shape) => shape.every((extent, i) => alike(extent, first[i]!))) ? "same" : "broadcast";
}

function axesMode(op: OpDescription): "one" | "adjacent" | "apart" {
  const [x, axes] = op.operands;
  if ((axes?.values?.length ?? axes?.shape[0] ?? 1) === 1) return "one";
  const rank = x?.shape.length ?? 0;
  const sorted = axes?.values?.map((axis) => (axis < 0 ? axis + rank : axis)).sort((a, b) => a - b);
  return sorted?.every((axis, i) => i === 0 || axis === sorted[i - 1]! + 1) ? "adjacent" : "apart";
}
