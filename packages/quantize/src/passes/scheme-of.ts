import type { Compiler, Node } from "@tflower/core";
import { choiceFor, type Recipe } from "../recipe.ts";
import { type Scheme, schemes } from "../scheme.ts";

/** The scheme that holds for a node: what a plugin says of it, or else the recipe. `undefined` where it stays as it is. */
export function schemeOf(node: Node, recipe: Recipe, compiler: Compiler): Scheme | undefined {
  const choice = compiler.hooks.annotate.call(node)?.choice ?? choiceFor(recipe, node);
  return choice === "float" ? undefined : schemes[choice as keyof typeof schemes];
}
