import { CompileError, type Diagnostic, definePass, type Pass } from "@tflower/core";
import { type QuantizeCode, quantizePasses, type Recipe } from "@tflower/quantize";
import { graphOf } from "../calibrate/lite-rt-executor.ts";
import type { EvaluationSet } from "./evaluation-set.ts";
import type { TrialOptions } from "./recipe-trials.ts";
import { type QuantizationGoal, type SearchResult, searchRecipe } from "./search-recipe.ts";
import { decibels } from "./verify-quantized.ts";

/** What {@link quantizeToGoal} needs beside the goal. */
export interface GoalOptions extends Omit<TrialOptions, "compiler" | "set"> {
  /** The samples, once the graph's inputs are known. */
  readonly set: (graph: ReturnType<typeof graphOf>) => Promise<EvaluationSet>;
  /** Gets what was found, whether it meets the goal or not. */
  readonly found?: (result: SearchResult) => void | Promise<void>;
}

/** Makes a pass that finds a recipe which meets a goal, beginning with the one given, and quantizes by it. Fails where there is none. */
export const quantizeToGoal = (recipe: Recipe, goal: QuantizationGoal, o: GoalOptions): Pass =>
  definePass({
    name: "quantize-to-goal",
    summary: "Finds which layers must not be quantized as a recipe says, and quantizes the others.",
    scope: "module",
    async run(module, context) {
      const { compiler } = context;
      const set = await o.set(graphOf(module));
      if (goal.accuracy !== undefined && !set.labels)
        throw new CompileError([
          {
            severity: "error",
            code: "QNT0013" satisfies QuantizeCode,
            message: "an accuracy is asked for, and the samples have no labels",
            help: "give every sample calib.N.label.0: one integer class for each row of scores in output 0",
          },
        ]);
      const result = await searchRecipe(module, recipe, goal, { ...o, compiler, set });
      await o.found?.(result);
      if (!result.met) throw new CompileError([unmet(goal, result)]);
      context.report(chosen(result));
      await context.run(quantizePasses(result.recipe, o));
    },
  })();

const reached = (r: SearchResult): string =>
  [
    decibels(r.quality.snr),
    ...(r.quality.accuracy === undefined ? [] : [`accuracy ${r.quality.accuracy.toFixed(4)}`]),
    `${r.bytes} bytes of constants`,
  ].join(", ");
const asked = ({ snr, accuracy, maxBytes }: QuantizationGoal): string =>
  [
    ...(snr === undefined ? [] : [`${snr} dB`]),
    ...(accuracy === undefined ? [] : [`accuracy ${accuracy}`]),
    ...(maxBytes === undefined ? [] : [`at most ${maxBytes} bytes`]),
  ].join(" and ");
const changesOf = (r: SearchResult): readonly string[] => {
  const listed = r.changed.map((c) => `${c.name}: ${c.choice} (${c.ops} op${c.ops > 1 ? "s" : ""})`);
  return listed.length > 20 ? [...listed.slice(0, 20), `and ${listed.length - 20} more`] : listed;
};

function chosen(r: SearchResult): Diagnostic {
  return {
    severity: "note",
    code: "QNT0012" satisfies QuantizeCode,
    message: r.changed.length
      ? `${r.changed.length} part${r.changed.length > 1 ? "s" : ""} of the program ${r.changed.length > 1 ? "are" : "is"} not quantized as the recipe says, to reach ${reached(r)} (${r.runs} programs tried)`
      : `everything is quantized as the recipe says: it reaches ${reached(r)}`,
    notes: changesOf(r),
  };
}

function unmet(goal: QuantizationGoal, r: SearchResult): Diagnostic {
  return {
    severity: "error",
    code: "QNT0011" satisfies QuantizeCode,
    message: `no choice of layers was found that reaches ${asked(goal)}: the best of ${r.runs} programs has ${reached(r)}`,
    notes: changesOf(r),
    help: "ask for less, begin with another recipe, or give other samples; --save-recipe writes down the best that was found",
  };
}
