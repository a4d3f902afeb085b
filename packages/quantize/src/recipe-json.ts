import { z } from "zod";
import { JsonFormError, problemsOf, readJson } from "./json-error.ts";
import type { Choice, Recipe, Rule } from "./recipe.ts";
import { schemeNames } from "./scheme.ts";

const choices = ["float", ...schemeNames] as const satisfies readonly Choice[];
const choice = z.enum(choices, {
  error: (issue) => `expected one of ${choices.join(", ")}, got ${JSON.stringify(issue.input) ?? "nothing"}`,
});
const names = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)], {
  error: "expected a name, or a list of names",
});
const regex = z.string().refine(
  (source) => {
    try {
      return new RegExp(source, "u") instanceof RegExp;
    } catch {
      return false;
    }
  },
  { error: (issue) => `expected a regular expression, got ${JSON.stringify(issue.input)}` },
);
const rule = z.strictObject({
  op: names.optional(),
  module: names.optional(),
  regex: regex.optional(),
  tensor: regex.optional(),
  scheme: choice,
});
const oneOf = <const T extends readonly [string, ...string[]]>(values: T) =>
  z.enum(values, {
    error: (issue) => `expected ${values.join(" or ")}, got ${JSON.stringify(issue.input) ?? "nothing"}`,
  });
const flag = z.boolean({ error: (issue) => `expected true or false, got ${JSON.stringify(issue.input) ?? "nothing"}` });
const recipe = z.strictObject({
  scheme: choice,
  rules: z.array(rule).optional(),
  io: oneOf(["float", "integer"]).optional(),
  rounding: oneOf(["nearest", "gptq"]).optional(),
  biasCorrection: flag.optional(),
  ranges: oneOf(["search", "fixed"]).optional(),
});

const what = "this is no recipe";

/**
 * A recipe from its JSON form: the name of a scheme, or `{"scheme": ..., "rules": [...]}`. Throws a {@link JsonFormError} with everything
 * that is wrong.
 *
 * @example
 * const recipe = recipeFrom({ scheme: "int8", rules: [{ module: "head", scheme: "float" }] });
 */
export function recipeFrom(value: unknown): Recipe {
  if (typeof value === "string") {
    const named = choice.safeParse(value);
    if (!named.success) throw new JsonFormError(what, problemsOf(named.error));
    return { scheme: named.data };
  }
  const parsed = recipe.safeParse(value);
  if (!parsed.success) throw new JsonFormError(what, problemsOf(parsed.error));
  const { scheme, rules, ...rest } = parsed.data;
  return { scheme, ...(rules && { rules: rules.map((r) => definedOnly(r) as Rule) }), ...definedOnly(rest) };
}
/** What zod leaves out where it is absent, which its types do not say. */
const definedOnly = <T extends object>(r: T): { readonly [K in keyof T]: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(r).filter(([, v]) => v !== undefined)) as never;

/** {@link recipeFrom} of the text of a JSON file, or of the name of a scheme. */
export function parseRecipe(text: string): Recipe {
  const trimmed = text.trim();
  return recipeFrom(/^[{["]/.test(trimmed) ? readJson(trimmed, what) : trimmed);
}

/** The JSON text of a recipe, which {@link parseRecipe} reads back. Throws where a rule holds a predicate: a function has no text. */
export function printRecipe(r: Recipe): string {
  const hidden = (r.rules ?? []).flatMap((x, i) =>
    x.predicate ? [`rules[${i}].predicate is a function, which JSON cannot hold; select by op, module or regex`] : [],
  );
  if (hidden.length) throw new JsonFormError("this recipe has no JSON form", hidden);
  return `${JSON.stringify(r, null, 2)}\n`;
}

/** A recipe that code has made: {@link recipeFrom}, and rules may hold predicates. Throws a {@link JsonFormError}. */
export function recipeFromCode(value: unknown): Recipe {
  const rules = (value as Recipe | null | undefined)?.rules;
  if (typeof value !== "object" || !Array.isArray(rules)) return recipeFrom(value);
  const wrong = rules.flatMap((r: Rule, i) =>
    r?.predicate === undefined || typeof r.predicate === "function"
      ? []
      : [`rules[${i}].predicate: expected a function, got ${typeof r.predicate}`],
  );
  if (wrong.length) throw new JsonFormError(what, wrong);
  const plain = rules.map((r: Rule) => {
    const { predicate: _, ...rest } = r ?? {};
    return rest;
  });
  const checked = recipeFrom({ ...value, rules: plain });
  return {
    ...checked,
    rules: checked.rules!.map((r, i) => {
      const { predicate } = rules[i] as Rule;
      return predicate ? { ...r, predicate } : r;
    }),
  };
}
