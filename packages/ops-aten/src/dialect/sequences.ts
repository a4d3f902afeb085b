import {
  addDim,
  attr,
  countOf,
  type Dim,
  type DimExpr,
  type DType,
  dtypes,
  floorDivDim,
  invalid,
  roundTo,
  type Scalar,
  showType,
  staticShape,
  subDim,
  type TensorData,
  type TensorType,
  tensor,
  wrap,
} from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";
import { sizeAttr } from "../schema/size-attr.ts";
import { power } from "../semantics/functions.ts";
import { castData } from "../semantics/pointwise.ts";
import { numberOf } from "../semantics/scalar.ts";

type Bound = Scalar | DimExpr;
const isWhole = (b: Bound): b is bigint | boolean | DimExpr =>
  typeof b === "bigint" || typeof b === "boolean" || (typeof b === "object" && "terms" in b);
const dimOf = (b: bigint | boolean | DimExpr): Dim => (typeof b === "object" ? b : Number(b));

/** How many numbers there are from `start` on, in steps of `step`, before `end`. */
function lengthOf(start: Bound, end: Bound, step: Scalar): Dim {
  const by = numberOf(step);
  if (by === 0) invalid("the step must not be zero");
  if (isWhole(start) && isWhole(end) && isWhole(step)) {
    const distance = by > 0 ? subDim(dimOf(end), dimOf(start)) : subDim(dimOf(start), dimOf(end));
    const n = floorDivDim(addDim(distance, Math.abs(by) - 1), Math.abs(by));
    return typeof n === "number"
      ? n >= 0
        ? n
        : invalid(`the bounds ${numberOf(start)} and ${numberOf(end)} do not fit a step of ${by}`)
      : n;
  }
  // no minus zero
  const n = Math.ceil((numberOf(end) - numberOf(start)) / by) + 0;
  return n >= 0 ? n : invalid(`the bounds ${numberOf(start)} and ${numberOf(end)} do not fit a step of ${by}`);
}
const rangeType = (start: Bound, end: Bound, step: Scalar, dtype: DType | undefined): TensorType =>
  tensor(dtype ?? ([start, end, step].every(isWhole) ? "i64" : "f32"), [lengthOf(start, end, step)]);

/** `f(i)` for each place; integers that JavaScript numbers hold exactly. */
function sequence(type: TensorType, f: (i: number) => number): TensorData {
  const shape = staticShape(type.shape);
  const n = countOf(shape);
  if (dtypes[type.dtype].kind === "complex") throw new RangeError("has no reference semantics for complex numbers");
  const out = new Float64Array(n);
  for (let i = 0; i < n; i++) out[i] = f(i);
  return castData(wrap(tensor("f64", shape), out), type.dtype);
}
function range(type: TensorType, start: Bound, step: Scalar): TensorData {
  // a float step over whole numbers: PyTorch converts the bounds to the result's dtype first
  const whole = dtypes[type.dtype].kind !== "float";
  const [a, by] = [numberOf(start), numberOf(step)].map((x) => (whole ? Math.trunc(x) : x));
  return sequence(type, (i) => a! + i * by!);
}

export const arange = defineAten(
  "arange(Scalar end, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor",
  {
    summary: "Whole numbers from zero up to `end`, which is left out.",
    attrs: { end: sizeAttr.required },
    infer: (_, { end, dtype }) => rangeType(0n, end, 1n, dtype),
    evaluate: (_, __, [type]) => range(type!, 0n, 1n),
  },
);
export const arangeStart = defineAten(
  "arange.start(Scalar start, Scalar end, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor",
  {
    summary: "Numbers from `start` up to `end`, which is left out.",
    attrs: { start: sizeAttr.required, end: sizeAttr.required },
    infer: (_, { start, end, dtype }) => rangeType(start, end, 1n, dtype),
    evaluate: (_, { start }, [type]) => range(type!, start, 1n),
  },
);
export const arangeStartStep = defineAten(
  "arange.start_step(Scalar start, Scalar end, Scalar step=1, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor",
  {
    summary: "Numbers from `start` up to `end`, which is left out, in steps.",
    attrs: { start: sizeAttr.required, end: sizeAttr.required, step: attr.scalar.default_(1n) },
    infer: (_, { start, end, step, dtype }) => rangeType(start, end, step, dtype),
    evaluate: (_, { start, step }, [type]) => range(type!, start, step),
  },
);
export const rangeStep = defineAten(
  "range.step(Scalar start, Scalar end, Scalar step=1, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor",
  {
    summary: "Numbers from `start` up to and including `end`, in steps.",
    infer: (_, { start, end, step, dtype }) =>
      tensor(dtype ?? "f32", [Math.floor((numberOf(end) - numberOf(start)) / numberOf(step)) + 1]),
    evaluate: (_, { start, step }, [type]) => range(type!, start, step),
  },
);

/** `steps` numbers from `start` to `end`; the upper half is counted from the end, as PyTorch does. */
function spaced(type: TensorType, start: number, end: number, steps: number, map: (x: number) => number): TensorData {
  const float = dtypes[type.dtype].kind === "float";
  const [a, b] = [start, end].map((x) => (float ? x : Math.trunc(x)));
  const round = type.dtype === "f64" || !float ? (x: number) => x : (roundTo(type.dtype) ?? Math.fround);
  const step = steps > 1 ? round((b! - a!) / (steps - 1)) : 0;
  return sequence(type, (i) => map(i < steps / 2 ? a! + step * i : b! - step * (steps - i - 1)));
}
export const linspace = defineAten(
  "linspace(Scalar start, Scalar end, int steps, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor",
  {
    summary: "Evenly spaced numbers, both ends included.",
    attrs: { steps: attr.int },
    infer: (_, { steps, dtype }) => tensor(dtype ?? "f32", [steps]),
    evaluate: (_, { start, end, steps }, [type]) => spaced(type!, numberOf(start), numberOf(end), steps, (x) => x),
  },
);
export const logspace = defineAten(
  "logspace(Scalar start, Scalar end, int steps, float base=10.0, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor",
  {
    summary: "`base` to the power of evenly spaced numbers, both ends included.",
    attrs: { steps: attr.int },
    infer: (_, { steps, dtype }) => tensor(dtype ?? "f32", [steps]),
    evaluate: (_, { start, end, steps, base }, [type]) =>
      spaced(type!, numberOf(start), numberOf(end), steps, (x) => power(base, x)),
  },
);
export const rangeOp = defineAten(
  "range(Scalar start, Scalar end, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor",
  {
    summary: "Numbers from `start` up to and including `end`.",
    infer: (_, { start, end, dtype }) => tensor(dtype ?? "f32", [Math.floor(numberOf(end) - numberOf(start)) + 1]),
    evaluate: (_, { start }, [type]) => range(type!, start, 1n),
  },
);

/** The only element of a bound that is a tensor. */
const only = (x: TensorData): number => Number(x.data[0]!);
type Steps = { readonly steps: number; readonly dtype: DType | undefined };
function spacedType(bounds: Readonly<Record<string, TensorType>>, { steps, dtype }: Steps): TensorType {
  for (const [name, type] of Object.entries(bounds))
    if (type.shape.length) invalid(`takes a bound of rank 0, got ${name} of type ${showType(type)}`);
  return tensor(dtype ?? "f32", [steps]);
}
const summary = "Evenly spaced numbers between bounds that are data, both ends included.";
const logSummary = "`base` to the power of evenly spaced numbers between bounds that are data.";
const same = (x: number): number => x;
export const linspaceTensorTensor = defineAten(
  "linspace.Tensor_Tensor(Tensor start, Tensor end, int steps, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor",
  {
    summary,
    infer: spacedType,
    evaluate: ({ start, end }, { steps }, [type]) => spaced(type!, only(start), only(end), steps, same),
  },
);
export const logspaceTensorTensor = defineAten(
  "logspace.Tensor_Tensor(Tensor start, Tensor end, int steps, float base=10.0, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor",
  {
    summary: logSummary,
    infer: spacedType,
    evaluate: ({ start, end }, { steps, base }, [type]) =>
      spaced(type!, only(start), only(end), steps, (x) => power(base, x)),
  },
);
export const linspaceTensorScalar = defineAten(
  "linspace.Tensor_Scalar(Tensor start, Scalar end, int steps, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor",
  {
    summary,
    infer: spacedType,
    evaluate: ({ start }, { end, steps }, [type]) => spaced(type!, only(start), numberOf(end), steps, same),
  },
);
export const logspaceTensorScalar = defineAten(
  "logspace.Tensor_Scalar(Tensor start, Scalar end, int steps, float base=10.0, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor",
  {
    summary: logSummary,
    infer: spacedType,
    evaluate: ({ start }, { end, steps, base }, [type]) =>
      spaced(type!, only(start), numberOf(end), steps, (x) => power(base, x)),
  },
);
export const linspaceScalarTensor = defineAten(
  "linspace.Scalar_Tensor(Scalar start, Tensor end, int steps, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor",
  {
    summary,
    infer: spacedType,
    evaluate: ({ end }, { start, steps }, [type]) => spaced(type!, numberOf(start), only(end), steps, same),
  },
);
export const logspaceScalarTensor = defineAten(
  "logspace.Scalar_Tensor(Scalar start, Tensor end, int steps, float base=10.0, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor",
  {
    summary: logSummary,
    infer: spacedType,
    evaluate: ({ end }, { start, steps, base }, [type]) =>
      spaced(type!, numberOf(start), only(end), steps, (x) => power(base, x)),
  },
);
