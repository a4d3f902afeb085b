import {
  attr,
  countOf,
  invalid,
  operand,
  staticShape,
  type TensorData,
  type TensorType,
  tensor,
  tensorData,
} from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";
import { compareElements } from "../semantics/ordering.ts";
import { type Interpolation, interpolations, lerp, quantileShape } from "../semantics/quantiles.ts";
import { linesOf, reduceAxes } from "../semantics/reduce.ts";

interface QuantileAttrs {
  readonly dim: number | undefined;
  readonly keepdim: boolean;
  readonly interpolation: Interpolation;
}
const roundEven = (v: number): number => (Math.abs(v % 1) === 0.5 ? 2 * Math.round(v / 2) : Math.round(v));

/** One quantile of a sorted line, whose NaNs are at its end. */
function quantileOf(
  line: readonly number[],
  q: number,
  how: Interpolation,
  skipNaN: boolean,
  round: (v: number) => number,
): number {
  const numbers = line.filter((v) => !Number.isNaN(v)).length;
  const last = (skipNaN ? numbers : line.length) - 1;
  let rank = !skipNaN && numbers < line.length ? line.length - 1 : Math.max(round(q * last), 0);
  if (how === "lower") rank = Math.floor(rank);
  if (how === "higher") rank = Math.ceil(rank);
  if (how === "nearest") rank = roundEven(rank);
  const below = line[Math.trunc(rank)]!;
  if (how !== "linear" && how !== "midpoint") return below;
  return lerp(below, line[Math.ceil(rank)]!, how === "midpoint" ? 0.5 : round(rank - Math.trunc(rank)), round);
}
/** Checks what no type tells. */
function inRange(qs: readonly number[]): void {
  if (!qs.every((q) => q >= 0 && q <= 1)) throw new RangeError(`q must be between 0 and 1, got ${qs.join(", ")}`);
}
function quantiles(
  self: TensorData,
  qs: readonly number[],
  q: readonly number[],
  { dim, keepdim, interpolation }: QuantileAttrs,
  skipNaN: boolean,
): TensorData {
  inRange(qs);
  const { dtype, shape } = self.type;
  const round = dtype === "f32" ? Math.fround : (v: number) => v;
  const { data, length, count } = linesOf(self, reduceAxes(dim, shape.length));
  const lines = Array.from({ length: count }, (_, i) =>
    Array.from(data.subarray(i * length, (i + 1) * length) as Float32Array).sort(compareElements),
  );
  const to = staticShape(quantileShape(shape, q, dim, keepdim));
  const values = qs.flatMap((at) => lines.map((line) => quantileOf(line, round(at), interpolation, skipNaN, round)));
  return tensorData(dtype, to, values.slice(0, countOf(to)));
}
const attrs = { interpolation: attr.oneOf(...interpolations).default_("linear") };
const real = operand.dtype("f32", "f64");

const byTensor = (skipNaN: boolean) => ({
  operands: { self: real, q: real },
  attrs,
  infer: ({ self, q }: { readonly self: TensorType; readonly q: TensorType }, { dim, keepdim }: QuantileAttrs) =>
    tensor(self.dtype, quantileShape(self.shape, q.shape, dim, keepdim)),
  evaluate: ({ self, q }: { readonly self: TensorData; readonly q: TensorData }, a: QuantileAttrs) =>
    quantiles(self, Array.from(q.data, Number), q.type.shape, a, skipNaN),
});
const byNumber = (skipNaN: boolean) => ({
  operands: { self: real },
  attrs,
  infer({ self }: { readonly self: TensorType }, { q, dim, keepdim }: QuantileAttrs & { readonly q: number }) {
    if (!(q >= 0 && q <= 1)) invalid(`q must be between 0 and 1, got ${q}`);
    return tensor(self.dtype, quantileShape(self.shape, [], dim, keepdim));
  },
  evaluate: ({ self }: { readonly self: TensorData }, a: QuantileAttrs & { readonly q: number }) =>
    quantiles(self, [a.q], [], a, skipNaN),
});
export const quantile = defineAten(
  "quantile(Tensor self, Tensor q, int? dim=None, bool keepdim=False, *, str interpolation='linear') -> Tensor",
  {
    summary: "Elements below which given parts of a line lie; NaN where a line has one.",
    ...byTensor(false),
  },
);
export const quantileScalar = defineAten(
  "quantile.scalar(Tensor self, float q, int? dim=None, bool keepdim=False, *, str interpolation='linear') -> Tensor",
  {
    summary: "The element below which a given part of a line lies; NaN where a line has one.",
    ...byNumber(false),
  },
);
export const nanquantile = defineAten(
  "nanquantile(Tensor self, Tensor q, int? dim=None, bool keepdim=False, *, str interpolation='linear') -> Tensor",
  {
    summary: "`quantile` of what is not NaN.",
    ...byTensor(true),
  },
);
export const nanquantileScalar = defineAten(
  "nanquantile.scalar(Tensor self, float q, int? dim=None, bool keepdim=False, *, str interpolation='linear') -> Tensor",
  {
    summary: "`quantile` of what is not NaN.",
    ...byNumber(true),
  },
);
