import {
  type Compiler,
  type Constant,
  constantByteLength,
  type Node,
  type Quantization,
  type TensorType,
  type Value,
  type WeightForm,
} from "@tflower/core";
import type { Scheme, WeightScheme } from "../scheme.ts";
import { weightQuantization, weightRanges, weightType } from "./weight-type.ts";

/** Weights of fewer elements save less than the op that unpacks them takes. */
const fewest = 128;
/** Weights of fewer elements have 8 bits where 4 are asked for: the bytes are few, and such layers are often the first or the last. */
const fewestOf4 = 256;

/** Weights of a node that may be stored as integers. */
export interface Weights {
  readonly node: Node;
  readonly operand: string;
  readonly constant: Constant;
  readonly axis: number;
}

/** The constant float weights of a node, if it has some worth packing. */
export function weightsOf(node: Node): Weights | undefined {
  const trait = node.op.traits.weights;
  const value = trait && (node.operands_[trait.operand] as Value | undefined);
  const constant = value?.constant;
  if (!trait || !constant || value.type.dtype !== "f32" || value.type.shape.length < 2) return undefined;
  if (constantByteLength(constant) < 4 * fewest) return undefined;
  return { node, operand: trait.operand, constant, axis: trait.axis(node.attrs as never, value.type.shape.length) };
}

/** How a node's weights are stored, and whether its kernel reads the integers or gets reals. */
export interface WeightPlan {
  readonly form: WeightForm;
  readonly scheme: WeightScheme & { readonly dtype: "i8" | "i4" };
  readonly reads: "integers" | "reals";
  /** Why it is not what the scheme says. */
  readonly instead?: string;
}

const tooFew = `fewer than ${fewestOf4} weights: 8 bits`;
const channels = (dtype: "i8" | "i4") => ({ dtype, granularity: "channel" }) as const;

/**
 * What a scheme with float activations comes to for these weights: what a kernel runs, and runs fast, before what the scheme says; a small
 * file is what 4 bits are for, so there a slower kernel is taken.
 */
export function planWeights(weights: Weights, scheme: Scheme, compiler: Compiler): WeightPlan {
  const trait = weights.node.op.traits.weights!;
  const wanted = scheme.weights as WeightScheme & { readonly dtype: "i8" | "i4" };
  const block = typeof wanted.granularity === "object" ? wanted.granularity.block : undefined;
  const form: WeightForm = block ? "i4-block" : wanted.dtype;
  const small = wanted.dtype === "i4" && constantByteLength(weights.constant) < 4 * fewestOf4;
  if (scheme.activations === "float")
    return small
      ? { form: "i8", scheme: channels("i8"), reads: "reals", instead: tooFew }
      : { form, scheme: wanted, reads: "reals" };
  const takes = (f: WeightForm): boolean =>
    (trait.dynamic.includes(f) || (form !== "i8" && (trait.dynamicSlow ?? []).includes(f))) &&
    kernelTakes(weights, f === "i4-block" ? wanted : channels(f), compiler);
  if (small) {
    const reads = trait.dynamic.includes("i8") && kernelTakes(weights, channels("i8"), compiler) ? "integers" : "reals";
    return { form: "i8", scheme: channels("i8"), reads, instead: tooFew };
  }
  if (block !== undefined) {
    const inner = weights.constant.type.shape.at(-1) as number;
    if (inner % block === 0 && takes("i4-block")) return { form, scheme: wanted, reads: "integers" };
    const why = inner % block === 0 ? "no kernel takes blocks" : `${inner} elements are no blocks of ${block}`;
    if (takes("i4"))
      return { form: "i4", scheme: channels("i4"), reads: "integers", instead: `${why}: a scale for each channel` };
    return { form: "i8", scheme: channels("i8"), reads: "reals", instead: `${why}: 8 bits` };
  }
  if (takes(form)) return { form, scheme: wanted, reads: "integers" };
  return {
    form: "i8",
    scheme: channels("i8"),
    reads: "reals",
    instead: `no kernel multiplies float values by ${form} weights of this op at least as fast: 8 bits, unpacked when the file is loaded`,
  };
}

/** Whether the target has a kernel for the node with integer weights and everything else as it is. */
function kernelTakes(
  weights: Weights,
  scheme: WeightScheme & { readonly dtype: "i8" | "i4" },
  compiler: Compiler,
): boolean {
  const { node, operand, constant, axis } = weights;
  const block = typeof scheme.granularity === "object" ? { block: scheme.granularity.block } : { axis };
  // one scale more than one tells a kernel that they are per channel
  const quant: Quantization = { scales: [1, 1], zeroPoints: [0, 0], ...block };
  const type: TensorType = { ...constant.type, dtype: scheme.dtype, quant };
  const operands = { ...node.operands_, [operand]: { type, constant } };
  const results = node.results.map((r) => r.type);
  return (
    compiler.hooks.kernel.call({ op: node.op, operands, attrs: node.attrs as never, results })?.supported !== false
  );
}

/** Whether integers of this type are what a plan wants: somebody has rounded the weights already. */
export const isStoredAs = ({ dtype, quant }: TensorType, scheme: WeightPlan["scheme"]): boolean =>
  dtype === scheme.dtype &&
  quant !== undefined &&
  quant.block === (typeof scheme.granularity === "object" ? scheme.granularity.block : undefined) &&
  quant.zeroPoints.every((z) => z === 0);

/** The integer type of weights under a plan, or why there is none. Reads the weights once. */
export async function typeOfWeights(weights: Weights, scheme: WeightPlan["scheme"]): Promise<TensorType | string> {
  const { granularity, dtype } = scheme;
  const by = typeof granularity === "object" ? { block: granularity.block } : { axis: weights.axis };
  const ranges = await weightRanges(weights.constant, by);
  if (ranges.nonFinite) return `${ranges.nonFinite} of its weights are no finite numbers`;
  return weightType(weights.constant, dtype, weightQuantization(ranges, scheme, weights.axis));
}
