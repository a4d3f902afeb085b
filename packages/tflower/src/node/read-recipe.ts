import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Diagnostic } from "@tflower/core";
import {
  fromAiEdgeRecipe,
  isAiEdgeRecipe,
  JsonFormError,
  parseRecipe,
  type QuantizeCode,
  type Recipe,
  recipeFrom,
  recipeFromCode,
} from "@tflower/quantize";
import { UsageError } from "../cli/usage-error.ts";
import { importFile } from "./load-plugin.ts";

/** A recipe, and what of the file it was read from has no counterpart. */
export interface ReadRecipe {
  readonly recipe: Recipe;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * The recipe that `--quantize` names: a built-in one, a JSON file (ours, or one of ai-edge-quantizer), or a module whose default export, or
 * export `recipe`, is one. Throws a `UsageError` that says what is wrong with it.
 */
export async function readRecipe(name: string, folder: string = process.cwd()): Promise<ReadRecipe> {
  try {
    if (name.endsWith(".json")) return fromJson(await readFile(resolve(folder, name), "utf8"), name);
    if (/\.[mc]?[jt]s$/.test(name)) return { recipe: await fromCode(resolve(folder, name)), diagnostics: [] };
    return { recipe: parseRecipe(name), diagnostics: [] };
  } catch (e) {
    if (e instanceof UsageError) throw e;
    throw new UsageError(`--quantize ${name}: ${(e as Error).message}`);
  }
}

function fromJson(text: string, name: string): ReadRecipe {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (e) {
    throw new JsonFormError("this is no recipe", [`this is no JSON: ${(e as Error).message}`]);
  }
  const several = severalModels(parsed);
  if (several.length)
    throw new JsonFormError("this is no recipe", [
      `it holds recipes of ai-edge-quantizer for several models (${several.join(", ")}): give the list of one of them`,
    ]);
  if (!isAiEdgeRecipe(parsed)) return { recipe: recipeFrom(parsed), diagnostics: [] };
  const { recipe, differences } = fromAiEdgeRecipe(parsed);
  return {
    recipe,
    diagnostics: differences.map((message) => ({
      severity: "warning",
      code: "QNT0009" satisfies QuantizeCode,
      message: `${name}${message}`,
      help: "write a recipe of tflower's own to say what is to be done instead",
    })),
  };
}

/** Names of models that a file has a recipe of ai-edge-quantizer for, each. */
const severalModels = (value: unknown): readonly string[] =>
  typeof value === "object" && value !== null && !("scheme" in value) && Object.values(value).every(isAiEdgeRecipe)
    ? Object.keys(value)
    : [];

async function fromCode(path: string): Promise<Recipe> {
  const exports = await importFile(path);
  const value = exports["default"] ?? exports["recipe"];
  if (value === undefined) throw new UsageError(`--quantize ${path}: it has no default export, and none called recipe`);
  return recipeFromCode(value);
}
