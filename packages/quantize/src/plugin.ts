import type { Pass, Plugin } from "@tflower/core";
import { fuseQuantizers } from "./passes/fuse-quantizers.ts";
import { tidyQuantizers } from "./passes/tidy-quantizers.ts";
import { type QuantizeOptions, quantizePasses } from "./quantize-passes.ts";
import type { Recipe } from "./recipe.ts";
import { half, widen } from "./weights/half-ops.ts";

/**
 * Quantizes as `recipe` says, after everything else is optimized. Use it after the backend's plugin, with the setting `quantize`, which keeps
 * rewrites away that pay for floats only.
 *
 * @example
 * const compiler = createCompiler({ quantize: true }).use(quantizePlugin(recipeFrom("dynamic-int8")));
 */
export const quantizePlugin = (recipe: Recipe, options: QuantizeOptions = {}): Plugin =>
  quantizingPlugin(quantizePasses(recipe, options));

/** The same with passes of one's own, which end with those of `quantizePasses` for some recipe. */
export const quantizingPlugin = (passes: readonly Pass[]): Plugin => ({
  name: "quantize",
  apply(compiler) {
    compiler.ops([half, widen]);
    compiler.passes(fuseQuantizers, tidyQuantizers);
    compiler.hooks.pipeline.tap("quantize", (p) => ({ ...p, optimize: [...p.optimize, ...passes] }));
  },
});
