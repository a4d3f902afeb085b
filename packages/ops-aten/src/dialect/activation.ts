import { attr, isFloat, type Scalar, type TensorData, type TensorType, tensor } from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";
import { clampTo, logSigmoid, sigmoid, softplus as softPlus } from "../semantics/functions.ts";
import { mapNumbers } from "../semantics/pointwise.ts";
import { wantKinds } from "../semantics/result-types.ts";
import { numberOf } from "../semantics/scalar.ts";
import { ndtr } from "../semantics/special.ts";
import { stepRounding } from "../semantics/step-rounding.ts";
import { activation } from "../semantics/unary.ts";

type Self<T> = { readonly self: T };
/** An activation with parameters; `f` gets them as numbers, by name. */
const shaped = <A>(summary: string, make: (attrs: A) => (x: number) => number) => ({
  summary,
  traits: { elementwise: true } as const,
  infer: ({ self }: Self<TensorType>): TensorType => {
    wantKinds(self, ["float"]);
    return tensor(self.dtype, self.shape);
  },
  evaluate: ({ self }: Self<TensorData>, attrs: A, [type]: readonly TensorType[]): TensorData =>
    mapNumbers(type!, [self], make(attrs)),
});

export const gelu = defineAten("gelu(Tensor self, *, str approximate='none') -> Tensor", {
  ...shaped<{ readonly approximate: "none" | "tanh" }>(
    "Gaussian error linear unit: `x * Phi(x)`.",
    ({ approximate }) =>
      approximate === "tanh"
        ? (x) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)))
        : (x) => x * ndtr(x),
  ),
  attrs: { approximate: attr.oneOf("none", "tanh").default_("none") },
});
export const silu = defineAten(
  "silu(Tensor self) -> Tensor",
  activation("`x * sigmoid(x)`.", (x) => x * sigmoid(x)),
);
export const mish = defineAten(
  "mish(Tensor self) -> Tensor",
  activation("`x * tanh(log(1 + exp(x)))`.", (x) => x * Math.tanh(softPlus(x))),
);
export const hardsigmoid = defineAten(
  "hardsigmoid(Tensor self) -> Tensor",
  activation("`relu6(x + 3) / 6`.", (x) => clampTo(x + 3, 0, 6) / 6),
);
export const hardswish = defineAten(
  "hardswish(Tensor self) -> Tensor",
  activation("`x * relu6(x + 3) / 6`.", (x) => (x * clampTo(x + 3, 0, 6)) / 6),
);
export const logSigmoidOp = defineAten(
  "log_sigmoid(Tensor self) -> Tensor",
  activation("`log(sigmoid(x))` without underflow.", logSigmoid),
);
export const logSigmoidForward = defineAten("log_sigmoid_forward(Tensor self) -> (Tensor output, Tensor buffer)", {
  summary: "`log(sigmoid(x))`, and `exp(-|x|)` for the backward pass.",
  infer: ({ self }) => {
    wantKinds(self, ["float"]);
    return [tensor(self.dtype, self.shape), tensor(self.dtype, self.shape)];
  },
  evaluate: ({ self }, _, [type]) => [
    mapNumbers(type!, [self], logSigmoid),
    mapNumbers(type!, [self], (x) => Math.exp(-Math.abs(x))),
  ],
});

/** `scale * x` above zero, `scale * alpha * (exp(inputScale * x) - 1)` below. */
const exponentialUnit =
  (alpha: number, scale: number, inputScale: number) =>
  (x: number): number =>
    x <= 0 ? Math.expm1(x * inputScale) * alpha * scale : x * scale;
type Elu = { readonly alpha: Scalar; readonly scale: Scalar; readonly input_scale: Scalar };
export const elu = defineAten(
  "elu(Tensor self, Scalar alpha=1, Scalar scale=1, Scalar input_scale=1) -> Tensor",
  shaped<Elu>("Exponential linear unit: `x` above zero, `alpha * (exp(x) - 1)` below.", (a) =>
    exponentialUnit(numberOf(a.alpha), numberOf(a.scale), numberOf(a.input_scale)),
  ),
);
export const celu = defineAten(
  "celu(Tensor self, Scalar alpha=1.0) -> Tensor",
  shaped<{ readonly alpha: Scalar }>("`x` above zero, `alpha * (exp(x / alpha) - 1)` below.", ({ alpha }) =>
    exponentialUnit(numberOf(alpha), 1, 1 / numberOf(alpha)),
  ),
);
export const seluAlpha = 1.6732632423543772;
export const seluScale = 1.0507009873554805;
export const selu = defineAten(
  "selu(Tensor self) -> Tensor",
  activation("Self-normalizing exponential linear unit.", exponentialUnit(seluAlpha, seluScale, 1)),
);

export const leakyRelu = defineAten(
  "leaky_relu(Tensor self, Scalar negative_slope=0.01) -> Tensor",
  shaped<{ readonly negative_slope: Scalar }>("`x` above zero, `negative_slope * x` below.", ({ negative_slope }) =>
    leaky(numberOf(negative_slope)),
  ),
);
const leaky =
  (slope: number) =>
  (x: number): number =>
    x > 0 ? x : x * slope;
type Rrelu = { readonly lower: Scalar; readonly upper: Scalar; readonly training: boolean };
export const rrelu = defineAten(
  "rrelu(Tensor self, Scalar lower=0.125, Scalar upper=0.3333333333333333, bool training=False, Generator? generator=None) -> Tensor",
  shaped<Rrelu>(
    "`x` above zero, a random share of it below; the mean share in evaluation.",
    ({ lower, upper, training }) => {
      if (training) throw new RangeError("is random in training mode");
      return leaky((numberOf(lower) + numberOf(upper)) / 2);
    },
  ),
);
type Lambda = { readonly lambd: Scalar };
export const hardshrink = defineAten(
  "hardshrink(Tensor self, Scalar lambd=0.5) -> Tensor",
  shaped<Lambda>("`x` where it is farther from zero than `lambd`, zero elsewhere.", ({ lambd }) => {
    const l = numberOf(lambd);
    return (x) => (x >= -l && x <= l ? 0 : x);
  }),
);
export const softshrink = defineAten("softshrink(Tensor self, Scalar lambd=0.5) -> Tensor", {
  ...shaped<Lambda>("`x` brought nearer to zero by `lambd`.", ({ lambd }) => {
    const l = numberOf(lambd);
    return (x) => (x > l ? x - l : x < -l ? x + l : Number.isNaN(x) ? x : 0);
  }),
  verify: (_, { lambd }) => (numberOf(lambd) < 0 ? `lambd must be zero or more, got ${numberOf(lambd)}` : undefined),
});
type Softplus = { readonly beta: Scalar; readonly threshold: Scalar };
export const softplus = defineAten(
  "softplus(Tensor self, Scalar beta=1, Scalar threshold=20) -> Tensor",
  shaped<Softplus>("`log(1 + exp(beta * x)) / beta`; `x` itself above the threshold.", (a) => {
    const [beta, limit] = [numberOf(a.beta), numberOf(a.threshold)];
    return (x) => (x * beta > limit ? x : softPlus(x * beta) / beta);
  }),
);
export const logit = defineAten("logit(Tensor self, float? eps=None) -> Tensor", {
  summary: "`log(x / (1 - x))`, `x` kept `eps` away from 0 and 1 when asked.",
  traits: { elementwise: true },
  infer: ({ self }) => tensor(isFloat(self.dtype) ? self.dtype : "f32", self.shape),
  evaluate({ self }, { eps }, [type]) {
    const round = stepRounding(type!.dtype);
    return mapNumbers(type!, [self], (v) => {
      // the bounds are float32 numbers: the upper one misses 1 - eps by up to half the distance between neighbours of 1
      const x = eps === undefined ? v : clampTo(v, round(eps), round(1 - round(eps)));
      return Math.log(x / (1 - x));
    });
  },
});
