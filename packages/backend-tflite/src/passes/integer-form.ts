import {
  type AppliedConstant,
  appliedConstant,
  type Constant,
  countOf,
  isStaticShape,
  numbersOf,
  type Quantization,
  residentData,
  staticShape,
  type TensorType,
  tensor,
} from "@tflower/core";
import { mul } from "../dialect/elementwise-binary.ts";
import { concatenation } from "../dialect/join.ts";
import { expandDims, reshape, squeeze, transpose } from "../dialect/layout.ts";
import { pad } from "../dialect/pad.ts";
import { quantize } from "../dialect/quantization.ts";
import { slice } from "../dialect/slice.ts";
import { axisOf } from "../semantics/axes.ts";
import { cutScales, joinScales, padScales, permuteScales, type Scales, spreadScales } from "./constant-scales.ts";
import { groupAxes } from "./move-through-reshape.ts";

/** Integers that a float constant is made of, and their scales. */
interface IntegerForm {
  readonly dtype: "i8" | "i4";
  readonly scales: Scales;
}
type Read<O> = (c: AppliedConstant, of: (c: Constant) => IntegerForm | undefined) => O | undefined;

const known = new WeakMap<AppliedConstant, IntegerForm | "none">();
function formOf(c: Constant): IntegerForm | undefined {
  if (c.kind !== "applied" || c.type.dtype !== "f32" || c.result !== 0 || !isStaticShape(c.type.shape))
    return undefined;
  const seen = known.get(c);
  if (seen) return seen === "none" ? undefined : seen;
  const form = read(c);
  known.set(c, form ?? "none");
  return form;
}
function read(c: AppliedConstant): IntegerForm | undefined {
  if (c.op.traits.quantizer === "dequantize") return dequantized(c);
  if (c.op.traits.converts) return converted(c);
  return readers.get(c.op.name)?.(c, formOf);
}

/** A constant without scales has one, of 1. */
function converted(c: AppliedConstant): IntegerForm | undefined {
  const x = Object.values(c.operands)[0] as Constant;
  if (x.type.dtype !== "i8" || x.type.quant) return undefined;
  return { dtype: "i8", scales: { counts: c.type.shape.map(() => 1), values: [1], zeros: undefined } };
}
function dequantized(c: AppliedConstant): IntegerForm | undefined {
  const x = (c.operands["input"] as Constant).type;
  if ((x.dtype !== "i8" && x.dtype !== "i4") || !x.quant) return undefined;
  const { quant } = x;
  const shape = staticShape(x.shape);
  const counts =
    quant.block !== undefined
      ? shape.map((d, i) => (i === shape.length - 1 ? d / quant.block! : d))
      : shape.map((d, i) => (i === quant.axis && quant.scales.length > 1 ? d : 1));
  const zeros = quant.zeroPoints.some((z) => z !== 0) ? quant.zeroPoints : undefined;
  return { dtype: x.dtype, scales: { counts, values: quant.scales, zeros } };
}

const inputOf = (c: AppliedConstant): Constant => c.operands["input"] as Constant;
const numbers = (v: unknown): readonly number[] | undefined =>
  Array.isArray(v) && v.every((x) => typeof x === "number") ? v : undefined;

const reshaped: Read<IntegerForm> = (c, of) => {
  const form = of(inputOf(c));
  if (!form) return undefined;
  const { counts } = form.scales;
  const [from, to] = [staticShape(inputOf(c).type.shape), staticShape(c.type.shape)];
  const groups = groupAxes(from, to);
  if (!groups) return undefined;
  const next = to.map(() => 1);
  for (const { source, target } of groups) {
    const [only, alone] = [source[0]!, source.length === 1 && target.length === 1];
    if (alone) next[target[0]!] = counts[only]!;
    else if (source.every((a) => counts[a] === from[a])) for (const t of target) next[t] = to[t]!;
    else if (source.some((a) => counts[a] !== 1)) return undefined;
  }
  return { ...form, scales: { ...form.scales, counts: next } };
};

const readers: ReadonlyMap<string, Read<IntegerForm>> = new Map<string, Read<IntegerForm>>([
  [reshape.name, reshaped],
  [expandDims.name, reshaped],
  [squeeze.name, reshaped],
  [
    transpose.name,
    (c, of) => {
      const form = of(inputOf(c));
      const perm = numbers(c.attrs["perm"]);
      return form && perm && { ...form, scales: permuteScales(form.scales, perm) };
    },
  ],
  [
    slice.name,
    (c, of) => {
      const form = of(inputOf(c));
      const begin = numbers(c.attrs["begin"]);
      if (!form || !begin || c.operands["begin"] || c.operands["size"]) return undefined;
      const scales = cutScales(form.scales, staticShape(inputOf(c).type.shape), begin, staticShape(c.type.shape));
      return scales && { ...form, scales };
    },
  ],
  [
    concatenation.name,
    (c, of) => {
      const values = c.operands["values"] as readonly Constant[];
      const forms = values.map(of);
      if (!forms.every((f) => f !== undefined)) return undefined;
      const shapes = values.map((v) => staticShape(v.type.shape));
      const axis = axisOf(c.attrs["axis"] as number, shapes[0]!.length);
      const scales = joinScales(
        forms.map((f) => f.scales),
        shapes,
        axis,
      );
      return scales && { dtype: forms.some((f) => f.dtype === "i8") ? "i8" : "i4", scales };
    },
  ],
  [
    pad.name,
    (c, of) => {
      const form = of(inputOf(c));
      const paddings = numbers(c.attrs["paddings"]);
      if (!form || !paddings || c.operands["paddings"] || form.scales.zeros) return undefined;
      const scales = padScales(form.scales, staticShape(inputOf(c).type.shape), paddings);
      return scales && { ...form, scales };
    },
  ],
  [
    mul.name,
    (c, of) => {
      const [a, b] = [c.operands["lhs"] as Constant, c.operands["rhs"] as Constant];
      const form = of(a) ?? of(b);
      if (!form || c.attrs["fused_activation_function"] !== "NONE") return undefined;
      const [x, factor] = of(a) ? [a, b] : [b, a];
      const data =
        countOf(staticShape(factor.type.shape)) <= countOf(form.scales.counts) * 65536 && residentData(factor);
      if (!data || x.type.shape.length !== c.type.shape.length || x.type.shape.some((d, i) => d !== c.type.shape[i]))
        return undefined;
      const shape = staticShape(x.type.shape);
      const scales = spreadScales(form.scales, shape, data.type.shape, numbersOf(data));
      return scales && { ...form, scales };
    },
  ],
]);

/** Scales as a type can say them: one, one for each index of an axis, or one for each block of the last axis. */
function quantizationOf({ counts, values, zeros }: Scales, shape: readonly number[]): Quantization | undefined {
  const list = Array.from(values, Math.fround);
  if (!list.every((s) => s > 0 && s < Infinity)) return undefined;
  const zeroPoints = zeros ? Array.from(zeros) : list.map(() => 0);
  const wide = counts.flatMap((n, i) => (n === 1 ? [] : [i]));
  if (wide.length === 0) return { scales: list, zeroPoints };
  const last = shape.length - 1;
  if (wide.length === 1 && counts[wide[0]!] === shape[wide[0]!]) return { scales: list, zeroPoints, axis: wide[0]! };
  const block = shape[last]! / counts[last]!;
  // one block to a row is a scale for each row, which is an axis only where there is one other
  if (!Number.isInteger(block) || block < 2 || counts.some((n, i) => i !== last && n !== shape[i])) return undefined;
  return { scales: list, zeroPoints: zeros ? zeroPoints : [], block };
}

/**
 * The integers that stand for a float constant, where it was made of some and only moved and scaled since, in a way that integers of one
 * type can say. They are the same integers: rounding finds them again.
 */
export function integerForm(c: Constant): Constant | undefined {
  const form = formOf(c);
  if (!form) return undefined;
  const from = c as AppliedConstant;
  if (from.op.traits.quantizer === "dequantize") return inputOf(from);
  const quant = quantizationOf(form.scales, staticShape(c.type.shape));
  const type: TensorType | undefined = quant && tensor(form.dtype, c.type.shape, quant);
  return type && appliedConstant(quantize, { input: c }, {}, type);
}

/** Whether a constant is made of integers. What scales or sums it up otherwise than {@link integerForm} can say makes floats of it. */
export const isMadeOfIntegers = (c: Constant): boolean => formOf(c) !== undefined;
