import { attr, invalid, isFloat, type TensorData, type TensorType, withDType } from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";
import { promotedArithmetic } from "../semantics/binary.ts";
import { xLogY } from "../semantics/functions.ts";
import { lossType, pointwiseLoss } from "../semantics/losses.ts";
import { castData } from "../semantics/pointwise.ts";
import { floatPairType, promotedType, wantKinds } from "../semantics/result-types.ts";
import { stepRounding } from "../semantics/step-rounding.ts";

type Two<T> = { readonly self: T; readonly target: T };
type Reduction = { readonly reduction: number };
/** A loss by element of a prediction and its target. */
const pointwise = <A extends Reduction>(summary: string, f: (attrs: A) => (x: number, t: number) => number) => ({
  summary,
  infer: ({ self, target }: Two<TensorType>, { reduction }: A) =>
    lossType(floatPairType({ self, other: target }), reduction),
  evaluate: ({ self, target }: Two<TensorData>, attrs: A, [type]: readonly TensorType[]) =>
    pointwiseLoss(
      type!,
      attrs.reduction,
      [castData(self, type!.dtype), castData(target, type!.dtype)],
      f(attrs) as never,
    ),
});

export const mseLoss = defineAten(
  "mse_loss(Tensor self, Tensor target, int reduction=Mean) -> Tensor",
  pointwise("Squared differences.", () => (x, t) => (x - t) ** 2),
);
export const l1Loss = defineAten(
  "l1_loss(Tensor self, Tensor target, int reduction=Mean) -> Tensor",
  pointwise("Absolute differences.", () => (x, t) => Math.abs(x - t)),
);
export const smoothL1Loss = defineAten(
  "smooth_l1_loss(Tensor self, Tensor target, int reduction=Mean, float beta=1.0) -> Tensor",
  pointwise<Reduction & { readonly beta: number }>(
    "Squares of small differences over `beta`, absolute values of large ones.",
    ({ beta }) =>
      (x, t) => {
        const d = Math.abs(x - t);
        return d < beta ? (0.5 * d * d) / beta : d - 0.5 * beta;
      },
  ),
);
export const huberLoss = defineAten(
  "huber_loss(Tensor self, Tensor target, int reduction=Mean, float delta=1.0) -> Tensor",
  pointwise<Reduction & { readonly delta: number }>(
    "Squares of small differences, absolute values of large ones times `delta`.",
    ({ delta }) =>
      (x, t) => {
        const d = Math.abs(x - t);
        return d <= delta ? 0.5 * d * d : delta * (d - 0.5 * delta);
      },
  ),
);
export const klDiv = defineAten(
  "kl_div(Tensor self, Tensor target, int reduction=Mean, *, bool log_target=False) -> Tensor",
  pointwise<Reduction & { readonly log_target: boolean }>(
    "Kullback-Leibler divergence of a target from a log probability.",
    ({ log_target }) =>
      (x, t) =>
        log_target ? Math.exp(t) * (t - x) : xLogY(t, t) - t * x,
  ),
);
export const softMarginLoss = defineAten(
  "soft_margin_loss(Tensor self, Tensor target, int reduction=Mean) -> Tensor",
  pointwise("`log(1 + exp(-target * self))`.", () => (x, t) => Math.log1p(Math.fround(Math.exp(-t * x)))),
);
export const hingeEmbeddingLoss = defineAten(
  "hinge_embedding_loss(Tensor self, Tensor target, float margin=1.0, int reduction=Mean) -> Tensor",
  pointwise<Reduction & { readonly margin: number }>(
    "A distance where the target is 1, what it lacks of the margin where it is -1.",
    ({ margin }) =>
      (x, t) =>
        (t === 1 ? 0 : Math.max(margin - x, 0)) + (t === -1 ? 0 : x),
  ),
);

type Ranking<T> = { readonly input1: T; readonly input2: T; readonly target: T };
export const marginRankingLoss = defineAten(
  "margin_ranking_loss(Tensor input1, Tensor input2, Tensor target, float margin=0.0, int reduction=Mean) -> Tensor",
  {
    summary: "`max(-target * (input1 - input2) + margin, 0)`.",
    // the margin is a float, so the result is one; what integers make before that is made of integers, and wraps
    infer: ({ input1, input2, target }: Ranking<TensorType>, { reduction }) => {
      if (input1.dtype === "bool" && input2.dtype === "bool") invalid("bools are not subtracted: use logical_xor");
      const whole = promotedType(input1, input2, target);
      return lossType(isFloat(whole.dtype) ? whole : withDType(whole, "f32"), reduction);
    },
    evaluate({ input1, input2, target }, { margin, reduction }, [type]) {
      const order = promotedArithmetic(
        [input1, input2, target],
        (a, b, t) => -t! * (a! - b!),
        (a, b, t) => -t! * (a! - b!),
      );
      return pointwiseLoss(type!, reduction, [order], (v) => Math.max(v + margin, 0));
    },
  },
);

type Weighted<T> = Two<T> & { readonly weight: T | undefined };
const weighted = ({ self, target, weight }: Weighted<TensorType>, reduction: number): TensorType => {
  wantKinds(self, ["float"]);
  return lossType(promotedType(...[self, target, weight].filter((t) => t !== undefined)), reduction);
};

export const binaryCrossEntropy = defineAten(
  "binary_cross_entropy(Tensor self, Tensor target, Tensor? weight=None, int reduction=Mean) -> Tensor",
  {
    summary: "Cross entropy of a probability; logarithms are kept above -100.",
    attrs: { reduction: attr.int.default_(1) },
    infer: (types, { reduction }) => weighted(types, reduction),
    evaluate: ({ self, target, weight }, { reduction }, [type]) =>
      pointwiseLoss(
        type!,
        reduction,
        [self, target, ...(weight ? [weight] : [])],
        (x, t, w = 1) => w * ((t! - 1) * Math.max(Math.log1p(-x!), -100) - t! * Math.max(Math.log(x!), -100)),
      ),
  },
);
export const binaryCrossEntropyWithLogits = defineAten(
  "binary_cross_entropy_with_logits(Tensor self, Tensor target, Tensor? weight=None, Tensor? pos_weight=None, int reduction=Mean) -> Tensor",
  {
    summary: "Cross entropy of the sigmoid of a number, without overflow.",
    attrs: { reduction: attr.int.default_(1) },
    infer: (types, { reduction }) => weighted(types, reduction),
    evaluate: ({ self, target, weight, pos_weight }, { reduction }, [type]) => {
      const one = (w: TensorData | undefined): TensorData =>
        w ?? { type: { dtype: type!.dtype, shape: [] }, data: Float32Array.of(1) };
      return pointwiseLoss(type!, reduction, [self, target, one(weight), one(pos_weight)], (x, t, w, p) => {
        const share = 1 + (p! - 1) * t!;
        return w! * ((1 - t!) * x! + share * (Math.log1p(Math.exp(-Math.abs(x!))) + Math.max(-x!, 0)));
      });
    },
  },
);

type Poisson<T> = { readonly input: T; readonly target: T };
export const poissonNllLoss = defineAten(
  "poisson_nll_loss(Tensor input, Tensor target, bool log_input, bool full, float eps, int reduction) -> Tensor",
  {
    summary: "Negative log likelihood of counts; `full` adds Stirling's approximation of the factorial.",
    infer: ({ input, target }: Poisson<TensorType>, { reduction }) =>
      lossType(floatPairType({ self: input, other: target }), reduction),
    evaluate: ({ input, target }, { log_input, full, eps, reduction }, [type]) =>
      pointwiseLoss(type!, reduction, [input, target], (x, t) => {
        const loss = log_input ? Math.exp(x!) - t! * x! : x! - t! * Math.log(stepRounding(type!.dtype)(x! + eps));
        return full && t! > 1 ? loss + t! * Math.log(t!) - t! + 0.5 * Math.log(2 * Math.PI * t!) : loss;
      }),
  },
);
