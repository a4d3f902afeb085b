import { type TensorData, tensor } from "@tflower/core";
import type { FusedActivation } from "../../dialect/define-tfl.ts";
import { staticType } from "../pointwise.ts";
import { type PoolWindow, poolRules, poolWindows } from "../pooling.ts";
import { activatedRange, clampCode, gridOf } from "./codes.ts";
import type { EvaluateQuantized } from "./quantized-kernel.ts";

/** Pools of codes: input and result have one grid. A mean is rounded; its halves go away from zero. */
const poolCodes =
  (rule: "average" | "max"): EvaluateQuantized =>
  ({ input }, attrs, [type]) => {
    const x = input as TensorData;
    const [from, to] = [gridOf(x.type), gridOf(type)];
    if (!from || !to || from.dtype !== to.dtype || from.scale !== to.scale || from.zero !== to.zero) return undefined;
    const [low, high] = activatedRange(to, attrs["fused_activation_function"] as FusedActivation);
    const { start, fold, finish } = poolRules[rule];
    const settle =
      rule === "max"
        ? finish
        : (sum: number, n: number): number => {
            const half = Math.floor(n / 2);
            return Math.trunc((sum > 0 ? sum + half : sum - half) / n);
          };
    const out = poolWindows(staticType(tensor(to.dtype, type!.shape)), x, attrs as unknown as PoolWindow, {
      start,
      fold,
      finish: (sum: number, n: number) => clampCode(settle(sum, n), low, high),
    });
    return { ...out, type: staticType(type!) };
  };

export const averagePoolCodes = poolCodes("average");
export const maxPoolCodes = poolCodes("max");
