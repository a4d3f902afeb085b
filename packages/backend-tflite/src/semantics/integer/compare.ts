import type { TensorData } from "@tflower/core";
import { mapPairs } from "../pointwise.ts";
import { gridOf } from "./codes.ts";
import { multiplierOf, scaleTwice } from "./fixed-point.ts";
import type { EvaluateQuantized } from "./quantized-kernel.ts";

/** Both sides as integers with 8 bits after the point, which are then compared. */
export const compareCodes =
  (holds: (a: number, b: number) => boolean): EvaluateQuantized =>
  ({ lhs, rhs }, _, [type]) => {
    const [x, y] = [lhs as TensorData, rhs as TensorData];
    const [a, b] = [gridOf(x.type), gridOf(y.type)];
    // from one on, the kernel shifts the other way than it says
    if (!a || !b || a.dtype !== b.dtype || a.scale >= 1 || b.scale >= 1) return undefined;
    const [ma, mb] = [multiplierOf(a.scale), multiplierOf(b.scale)];
    return mapPairs(type!, x, y, (i, j) =>
      Number(holds(scaleTwice((i - a.zero) * 256, ma), scaleTwice((j - b.zero) * 256, mb))),
    );
  };
