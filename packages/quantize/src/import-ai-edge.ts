import { z } from "zod";
import { JsonFormError, problemsOf, readJson } from "./json-error.ts";
import type { Choice, Recipe, Rule } from "./recipe.ts";

/** A recipe of ai-edge-quantizer as one of ours, and what of it has no counterpart here. */
export interface ImportedRecipe {
  readonly recipe: Recipe;
  /** One line each: the entry, what it asks for, and what is done instead. */
  readonly differences: readonly string[];
}

const tensorConfig = z.looseObject({
  num_bits: z.int().positive(),
  symmetric: z.boolean().optional(),
  granularity: z.string().optional(),
  dtype: z.string().optional(),
  block_size: z.int().optional(),
});
const entry = z.looseObject({
  regex: z.string(),
  operation: z.string(),
  algorithm_key: z.string(),
  op_config: z
    .looseObject({
      activation_tensor_config: tensorConfig.nullish(),
      weight_tensor_config: tensorConfig.nullish(),
      compute_precision: z.enum(["INTEGER", "FLOAT"]).optional(),
      explicit_dequantize: z.boolean().optional(),
      min_weight_elements: z.number().optional(),
    })
    .nullish(),
});
type Entry = z.infer<typeof entry>;

/** Ways to find scales and to round, of which we have our own. */
const roundings: Readonly<Record<string, string | undefined>> = {
  min_max_uniform_quantize: undefined,
  OCTAV: "clips weights by its own rule; here weights are clipped where that lowers the error of the layer's output",
  MSE: "clips weights by their own error; here by the error of the layer's output",
  GPTQ: "rounds weights by the Hessian of its calibration set; here as the scheme and the samples given say",
  OSCAR: "scales activations into weights by a MUL of its own; here nothing is inserted",
  HADAMARD_ROTATION: "rotates by a custom op that only its own runtime has; here weights are not rotated",
  DECOMPOSED_HADAMARD_ROTATION: "rotates weights by ops of its own; here weights are not rotated",
  dequantized_weight_recovery: "finds scales that weights had before; here integers are found where they are exact",
};

/** Whether parsed JSON looks like a recipe of ai-edge-quantizer: a list of entries. */
export const isAiEdgeRecipe = (value: unknown): boolean => Array.isArray(value);

/**
 * Reads a recipe of ai-edge-quantizer: a JSON list of `{regex, operation, algorithm_key, op_config}`, of which later entries win, as here. Throws
 * a {@link JsonFormError} where it is no such list; what it asks for and is not to be had is among the `differences`.
 *
 * @example
 * const { recipe, differences } = fromAiEdgeRecipe([
 *   {
 *     regex: "encoder",
 *     operation: "FULLY_CONNECTED",
 *     algorithm_key: "min_max_uniform_quantize",
 *     op_config: { weight_tensor_config: { num_bits: 4, granularity: "BLOCKWISE_32" }, compute_precision: "INTEGER" },
 *   },
 * ]);
 */
export function fromAiEdgeRecipe(source: unknown): ImportedRecipe {
  const what = "this is no recipe of ai-edge-quantizer";
  const parsed = z.array(entry).safeParse(typeof source === "string" ? readJson(source, what) : source);
  if (!parsed.success) throw new JsonFormError(what, problemsOf(parsed.error));
  const differences: string[] = [];
  const rules: Rule[] = [];
  let scheme: Choice = "float";
  let io: "integer" | undefined;
  for (const [i, e] of parsed.data.entries()) {
    const say = (text: string): void => void differences.push(`[${i}] (${e.operation}): ${text}`);
    if (e.operation === "INPUT" || e.operation === "OUTPUT") {
      if (e.algorithm_key === "no_quantize") continue;
      io = "integer";
      say("integer inputs and outputs come together here: both become integers");
      continue;
    }
    const choice = choiceOf(e, say);
    const selector = selectorOf(e, say);
    if (!selector) continue;
    // an entry for everything takes the place of all before it
    if (Object.keys(selector).length === 0) {
      rules.length = 0;
      scheme = choice;
    } else rules.push({ ...selector, scheme: choice });
  }
  return { recipe: { scheme, ...(rules.length && { rules }), ...(io && { io }) }, differences };
}

/** Python's regular expressions as ours, where they mean the same; `undefined` where they cannot be read. */
function selectorOf(e: Entry, say: (text: string) => void): Pick<Rule, "op" | "tensor"> | undefined {
  const everywhere = e.regex === "" || /^\^?\.\*\$?$/.test(e.regex);
  const tensor = e.regex
    .replace(/\(\?P</g, "(?<")
    .replace(/\\A/g, "^")
    .replace(/\\Z/g, "$")
    .replace(/\\([-/:"'#%&,;<=>@`~! _])/g, "$1");
  try {
    new RegExp(tensor, "u");
  } catch {
    say(`"${e.regex}" is a regular expression that cannot be read here: the entry is left out`);
    return undefined;
  }
  return {
    ...(e.operation !== "*" && { op: opNames[e.operation] ?? `tfl.${e.operation.toLowerCase()}` }),
    ...(!everywhere && { tensor }),
  };
}
/** Operations whose ops have other names. */
const opNames: Readonly<Record<string, string | readonly string[]>> = {
  CONV_2D_TRANSPOSE: "tfl.transpose_conv",
  // rows of a table are looked up by either, whatever exporter wrote them
  EMBEDDING_LOOKUP: ["tfl.embedding_lookup", "tfl.gather"],
  CUSTOM_OP: "tfl.custom*",
};

function choiceOf(e: Entry, say: (text: string) => void): Choice {
  if (e.algorithm_key === "no_quantize") return "float";
  const config = e.op_config ?? {};
  const { weight_tensor_config: weights, activation_tensor_config: activations } = config;
  if (e.algorithm_key === "float_casting") {
    if (weights && weights.num_bits !== 16) say(`casts weights to float${weights.num_bits}; here to float16`);
    return "fp16";
  }
  if (!Object.hasOwn(roundings, e.algorithm_key)) {
    say(`algorithm "${e.algorithm_key}" is not known: these ops stay floats`);
    return "float";
  }
  const rounding = roundings[e.algorithm_key];
  if (rounding !== undefined) say(`${e.algorithm_key} ${rounding}`);
  if (config.min_weight_elements)
    say(`weights of fewer than ${config.min_weight_elements} elements stay floats; here those that save nothing do`);
  const bits = weights?.num_bits ?? 8;
  if (activations) return staticChoice(activations.num_bits, bits, say);
  const granularity = weights?.granularity ?? "CHANNELWISE";
  if (granularity === "TENSORWISE")
    say("one scale for a whole weight; here one for each channel, at the same size and speed");
  const block = Number(/^BLOCKWISE_(\d+)$/.exec(granularity)?.[1] ?? Number.NaN);
  const weightOnly = config.compute_precision === "FLOAT";
  if (bits === 8) {
    if (!Number.isNaN(block))
      say(`8-bit weights in blocks of ${block}, which no kernel takes; here a scale for each channel`);
    return weightOnly ? "weight-only-int8" : "dynamic-int8";
  }
  if (bits === 4) {
    if (weightOnly)
      say(
        "4-bit weights unpacked into floats at every run; here kernels take the 4 bits, and values are quantized while it runs",
      );
    if (Number.isNaN(block)) return "int4";
    const name = `int4-block${block}`;
    if (name === "int4-block32" || name === "int4-block64" || name === "int4-block128" || name === "int4-block256")
      return name;
    say(`blocks of ${block}, which no kernel takes; here a scale for each channel`);
    return "int4";
  }
  say(`${bits}-bit weights, which are not supported: here 4 bits`);
  return Number.isNaN(block) ? "int4" : "int4-block32";
}

function staticChoice(activations: number, weights: number, say: (text: string) => void): Choice {
  const choice = activations === 16 ? "int16x8" : "int8";
  if (activations !== 8 && activations !== 16)
    say(`${activations}-bit activations, which no kernel takes: here 8 bits`);
  if (weights !== 8)
    say(
      `${weights}-bit weights beside ${activations}-bit activations, for which there is no kernel that is worth it: here 8-bit weights`,
    );
  return choice;
}
