import { type Recipe, tuningOf } from "./recipe.ts";
import { type SchemeName, schemeNames } from "./scheme.ts";

/** What a recipe may say beside its scheme. */
export type RecipeParts = Omit<Recipe, "scheme">;

type CamelCase<S extends string> = S extends `${infer A}-${infer B}` ? `${A}${Capitalize<CamelCase<B>>}` : S;
/** Names of {@link recipe}'s functions: those of the schemes, as TypeScript spells names. */
export type RecipeName = CamelCase<SchemeName>;

const camel = (name: string): string => name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());

/**
 * Recipes by the names of their schemes. What else is given goes into the recipe as it is.
 *
 * @example
 * const mixed = recipe.int8({ rules: [{ module: "head", scheme: "float" }], io: "integer" });
 */
export const recipe = Object.fromEntries(
  schemeNames.map((scheme) => [camel(scheme), (parts: object = {}) => ({ scheme, ...parts })]),
) as { readonly [N in RecipeName]: <P extends object>(parts?: P & RecipeParts) => Recipe & P };

/** Whether two recipes choose the same for every node: written in the same order, and of the same functions. */
export function sameRecipe(a: Recipe, b: Recipe): boolean {
  const [x, y] = [a.rules ?? [], b.rules ?? []];
  return (
    a.scheme === b.scheme &&
    (a.io ?? "float") === (b.io ?? "float") &&
    JSON.stringify(tuningOf(a)) === JSON.stringify(tuningOf(b)) &&
    x.length === y.length &&
    x.every((r, i) => {
      const { predicate: p, ...rest } = r;
      const { predicate: q, ...other } = y[i]!;
      return p === q && canonical(rest) === canonical(other);
    })
  );
}
const canonical = (r: object): string =>
  JSON.stringify(
    Object.entries(r)
      .filter(([, v]) => v !== undefined)
      .map(([k, v]) => [k, k === "scheme" || k === "regex" || k === "tensor" ? v : [v].flat()])
      .sort(([k], [l]) => (String(k) < String(l) ? -1 : 1)),
  );

/** A rule in one line, for messages: `module "head": float`. */
export function showRule(r: NonNullable<Recipe["rules"]>[number]): string {
  const { scheme, predicate, ...selectors } = r;
  const parts = Object.entries(selectors).map(
    ([k, v]) =>
      `${k} ${[v]
        .flat()
        .map((x) => JSON.stringify(x))
        .join(" or ")}`,
  );
  if (predicate) parts.push("a predicate");
  return `${parts.join(" and ") || "every op"}: ${scheme}`;
}

/** A recipe for people: its scheme, and its rules, one in each line. */
export const showRecipe = (r: Recipe): string =>
  [
    r.scheme,
    ...(r.rules ?? []).map((x) => `  ${showRule(x)}`),
    ...(r.io === "integer" ? ["  integer inputs and outputs"] : []),
    ...tuningLines(r),
  ].join("\n");

/** What a recipe says otherwise than by default of the use of samples. */
function tuningLines(r: Recipe): readonly string[] {
  const usual = tuningOf({});
  return Object.entries(tuningOf(r)).flatMap(([k, v]) =>
    v === usual[k as keyof typeof usual] ? [] : [`  ${k}: ${v}`],
  );
}
