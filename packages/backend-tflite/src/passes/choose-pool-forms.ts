import { defineRulesPass } from "@tflower/core";
import { placeTransposes } from "./place-transposes.ts";
import { poolRules } from "./pool-rules.ts";

/** Runs after transposes have come to rest, so that a pool's padding can join the padding of the convolution before it. */
export const choosePoolForms = defineRulesPass({
  name: "choose-pool-forms",
  summary: "Gives padded max pools a form that needs no PADV2.",
  after: [placeTransposes],
  rules: [poolRules],
});
