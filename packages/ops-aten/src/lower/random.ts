import { defineRefusal, type Lowering, type OpDef } from "@tflower/core";
import * as aten from "../dialect/random.ts";

/** The runtime has generators of its own, whose numbers are not PyTorch's: nothing could be compared, and no seed would be kept. */
const refused = (op: OpDef): Lowering =>
  defineRefusal(
    op,
    "is random: its numbers cannot be those of PyTorch. Make them outside the model and pass them in as an input",
  );

export const rand = refused(aten.rand);
export const randn = refused(aten.randn);
export const randint = refused(aten.randint);
export const randintLow = refused(aten.randintLow);
export const randLike = refused(aten.randLike);
export const randnLike = refused(aten.randnLike);
export const randintLike = refused(aten.randintLike);
export const randintLikeLowDtype = refused(aten.randintLikeLowDtype);
export const randperm = refused(aten.randperm);
export const bernoulli = refused(aten.bernoulli);
export const bernoulliP = refused(aten.bernoulliP);
export const normalTensorFloat = refused(aten.normalTensorFloat);
export const normalFloatFloat = refused(aten.normalFloatFloat);
export const normalFunctional = refused(aten.normalFunctional);
export const uniform = refused(aten.uniform);
export const exponential = refused(aten.exponential);
export const poisson = refused(aten.poisson);
export const multinomial = refused(aten.multinomial);
export const bernoulliTensor = refused(aten.bernoulliTensor);
export const normalFloatTensor = refused(aten.normalFloatTensor);
export const normalTensorTensor = refused(aten.normalTensorTensor);
export const binomial = refused(aten.binomial);
