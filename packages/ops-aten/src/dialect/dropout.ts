import { scalarData, type TensorData, type TensorType, tensor } from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";
import type { OpApplication, WriteBack } from "../schema/traits.ts";
import { mapNumbers } from "../semantics/pointwise.ts";
import { broadcasted } from "../semantics/views.ts";

type Attrs = { readonly p: number; readonly train: boolean };

/** `x` in evaluation mode, zero when all is dropped; anything else is random, and no reference has it. */
function dropped(x: TensorData, p: number, train: boolean): TensorData {
  if (!train || p === 0) return x;
  if (p === 1) return mapNumbers(x.type, [x], (v) => v * 0);
  throw new RangeError(`is random in training mode (p is ${p})`);
}
const dropsOut = (summary: string) => ({
  summary,
  traits: {
    elementwise: true,
    view: { operand: "input" },
    // PyTorch gives the operand itself then, though the schema does not say so
    sharesMemory: ({ attrs }: OpApplication) => attrs["train"] === false || attrs["p"] === 0,
    writeBack: ({ written }: WriteBack) => written,
  },
  infer: ({ input }: { readonly input: TensorType }) => tensor(input.dtype, input.shape),
  evaluate: ({ input }: { readonly input: TensorData }, { p, train }: Attrs) => dropped(input, p, train),
});

export const dropout = defineAten(
  "dropout(Tensor input, float p, bool train) -> Tensor",
  dropsOut("Random zeros in training; nothing in evaluation."),
);
export const featureDropout = defineAten(
  "feature_dropout(Tensor input, float p, bool train) -> Tensor",
  dropsOut("Random zero channels in training; nothing in evaluation."),
);
export const alphaDropout = defineAten(
  "alpha_dropout(Tensor input, float p, bool train) -> Tensor",
  dropsOut("Random saturation in training; nothing in evaluation."),
);
export const featureAlphaDropout = defineAten(
  "feature_alpha_dropout(Tensor input, float p, bool train) -> Tensor",
  dropsOut("Random saturation of channels in training; nothing in evaluation."),
);

export const nativeDropout = defineAten("native_dropout(Tensor input, float p, bool? train) -> (Tensor, Tensor)", {
  summary: "Random zeros in training, nothing in evaluation; and which elements are kept.",
  infer: ({ input }) => [tensor(input.dtype, input.shape), tensor("bool", input.shape)],
  evaluate: ({ input }, { p, train }) => {
    const keeps = train === false || p === 0;
    return [dropped(input, p, train ?? true), broadcasted(scalarData("bool", keeps), input.type.shape)];
  },
});
