import { defineRulesPass } from "@tflower/core";
import { placeTransposes } from "./place-transposes.ts";
import { mergeSliceRules, sliceRules } from "./slice-rules.ts";

/** Runs after transposes have come to rest: a strided slice lets them pass, the form it gets here does not. */
export const chooseSliceForms = defineRulesPass({
  name: "choose-slice-forms",
  summary: "Makes one slice of several, and gives slices with steps a form that moves whole rows.",
  after: [placeTransposes],
  rules: [mergeSliceRules, sliceRules],
});
