import { allocate, type NumberCarrier, type TensorData, type TensorType, tensor, wrap } from "@tflower/core";
import type { FusedActivation } from "../../dialect/define-tfl.ts";
import { activatedRange, bareCodes, clampCode, gridOf, offsetCodes } from "./codes.ts";
import { multiplierOf, roundAway, scaleTwice, scaleWide } from "./fixed-point.ts";
import type { EvaluateQuantized } from "./quantized-kernel.ts";

const weightTypes = new Set(["i8", "u8", "i4", "i2", "i16"] as const);

/** Which operands of an op that sums products are what, and how its kernel scales sums. */
export interface Products {
  readonly input: string;
  readonly weights: string;
  readonly bias?: string;
  /** The product of the scales of input and weights is rounded to a float first. */
  readonly roundsProduct?: boolean;
  /** Sums are scaled by a real number in double precision, instead of a mantissa and a shift. */
  readonly byReal?: boolean;
}

/**
 * Sums of products of integers, which the op's own semantics compute on codes; then each sum is scaled to the result's grid.
 * Sums that take 64 bits, as they do beside a bias of 64, are scaled by a shorter mantissa.
 */
export const productsOfCodes =
  (p: Products): EvaluateQuantized =>
  (operands, attrs, [type], evaluate) => {
    const x = operands[p.input] as TensorData;
    const w = operands[p.weights] as TensorData;
    const bias = p.bias === undefined ? undefined : (operands[p.bias] as TensorData | undefined);
    const from = gridOf(x.type);
    const to = gridOf(type);
    const quant = w.type.quant;
    if (
      !from ||
      !to ||
      from.dtype !== to.dtype ||
      !quant ||
      quant.block !== undefined ||
      !weightTypes.has(w.type.dtype as never)
    )
      return undefined;
    if (quant.scales.length > 1 && quant.zeroPoints.some((z) => z !== 0)) return undefined;
    const sums = evaluate(
      {
        ...operands,
        [p.input]: offsetCodes(x, from.zero),
        [p.weights]: offsetCodes(w, quant.zeroPoints[0] ?? 0),
        ...(p.bias !== undefined && { [p.bias]: bias && bareCodes(bias) }),
      },
      { ...attrs, fused_activation_function: "NONE" },
      [tensor("f64", type!.shape)],
    ) as TensorData;
    const wide = from.dtype === "i16" && bias?.type.dtype !== "i32";
    const scalings = quant.scales.map((s) => {
      const product = from.scale * Math.fround(s);
      return scaling((p.roundsProduct ? Math.fround(product) : product) / to.scale, p.byReal ?? false, wide);
    });
    const [low, high] = activatedRange(to, (attrs["fused_activation_function"] ?? "NONE") as FusedActivation);
    const out = allocate(to.dtype, sums.data.length) as NumberCarrier;
    const from64 = sums.data as Float64Array;
    for (let i = 0; i < out.length; i++) {
      const sum = wide ? from64[i]! : from64[i]! | 0;
      out[i] = clampCode(scalings[i % scalings.length]!(sum) + to.zero, low, high);
    }
    return wrap(type as TensorType, out);
  };

function scaling(factor: number, byReal: boolean, wide: boolean): (sum: number) => number {
  if (byReal) return (sum) => roundAway(sum * factor);
  const m = multiplierOf(factor);
  return wide ? (sum) => scaleWide(sum, m) : (sum) => scaleTwice(sum, m);
}
