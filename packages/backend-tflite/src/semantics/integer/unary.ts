import { allocate, type NumberCarrier, type TensorData, wrap } from "@tflower/core";
import { clampCode, type Grid, gridOf } from "./codes.ts";
import type { EvaluateQuantized } from "./quantized-kernel.ts";

/** Gives the function of codes for two grids of one dtype, or nothing where there is no such kernel. Its results are clamped. */
export type CodeRule = (
  from: Grid,
  to: Grid,
  attrs: Readonly<Record<string, unknown>>,
) => ((code: number) => number) | undefined;

/** An op by element, from the codes of its operand `input` to those of its result. */
export const unaryCodes =
  (rule: CodeRule): EvaluateQuantized =>
  ({ input }, attrs, [type]) => {
    const x = input as TensorData;
    const [from, to] = [gridOf(x.type), gridOf(type)];
    if (!from || !to || from.dtype !== to.dtype) return undefined;
    const f = rule(from, to, attrs);
    if (!f) return undefined;
    const codes = x.data as NumberCarrier;
    const out = allocate(to.dtype, codes.length) as NumberCarrier;
    for (let i = 0; i < out.length; i++) out[i] = clampCode(f(codes[i]!), to.low, to.high);
    return wrap(type!, out);
  };
