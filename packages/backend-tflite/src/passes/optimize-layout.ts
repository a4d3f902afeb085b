import { defineRulesPass } from "@tflower/core";
import { broadcastRules } from "./broadcast-rules.ts";
import { cleanUpRules } from "./clean-up.ts";
import { cutRules } from "./cut-rules.ts";
import { factorRules } from "./factor-transposes.ts";
import { fuseRules } from "./fuse-rules.ts";
import { layoutRules } from "./layout-rules.ts";
import { matmulRules } from "./matmul-rules.ts";
import { padRules } from "./pad-rules.ts";
import { scaleRules } from "./scale-rules.ts";
import { signRules } from "./sign-rules.ts";
import { sumRules } from "./sum-rules.ts";

/** Moves transposes and reshapes to where they cancel, and fuses what meets then. */
export const optimizeLayout = defineRulesPass({
  name: "optimize-layout",
  summary: "Moves transposes and reshapes to where they cancel, and fuses activations, biases and scales.",
  rules: [
    [
      ...cleanUpRules,
      ...broadcastRules,
      ...layoutRules,
      ...factorRules,
      ...cutRules,
      ...sumRules,
      ...fuseRules,
      ...padRules,
      ...scaleRules,
      ...signRules,
      ...matmulRules,
    ],
  ],
});
