import type { Plugin } from "@tflower/core";
import { fuseQuantizers } from "./passes/fuse-quantizers.ts";
import { keepIntegerWeights } from "./passes/keep-integer-weights.ts";
import { mergeClamps } from "./passes/merge-clamps.ts";
import { moveQuantizers } from "./passes/move-quantizers.ts";
import { tidyQuantizers } from "./passes/tidy-quantizers.ts";
import { relabel } from "./weights/relabel.ts";

/**
 * Makes integer ops of programs that are quantized already: where they dequantize, compute and quantize again, and where their weights are
 * integers. Float programs are left as they are. Use it after the backend's plugin, and before one that quantizes.
 */
export const integerPlugin = (): Plugin => ({
  name: "integer-programs",
  apply(compiler) {
    compiler.ops([relabel]);
    compiler.passes(fuseQuantizers, tidyQuantizers);
    compiler.hooks.pipeline.tap("integer-programs", (p) => ({
      ...p,
      optimize: [
        mergeClamps(),
        ...p.optimize,
        moveQuantizers(),
        tidyQuantizers(),
        fuseQuantizers({ exact: true }),
        tidyQuantizers(),
      ],
      // a recipe may have read them before
      finish: [keepIntegerWeights(), ...p.finish],
    }));
  },
});
