import { CompileError } from "../diagnostic/diagnostic.ts";
import type { Pass } from "./define-pass.ts";
import { type PassRef, passName } from "./pass-ref.ts";
import { unmetRequirements } from "./requirements.ts";

/** Which one is meant where a pipeline has several passes of one name. */
export interface Which {
  readonly which?: "first" | "last" | "each";
}

/** Places of the passes meant. Throws a `RangeError` that says what the pipeline has when there is none, or several and no choice. */
function placesOf(passes: readonly Pass[], ref: PassRef, { which }: Which): readonly number[] {
  const name = passName(ref);
  const found = passes.flatMap((p, i) => (p.name === name ? [i] : []));
  if (found.length === 0)
    throw new RangeError(
      `the pipeline has no pass "${name}"; it has ${[...new Set(passes.map((p) => p.name))].join(", ") || "none"}`,
    );
  if (found.length > 1 && which === undefined)
    throw new RangeError(
      `the pipeline has "${name}" ${found.length} times: say which one is meant, with { which: "first" }, "last" or "each"`,
    );
  return which === "each" ? found : [which === "last" ? found.at(-1)! : found[0]!];
}

function splice(
  passes: readonly Pass[],
  ref: PassRef,
  which: Which,
  at: (p: Pass) => readonly Pass[],
): readonly Pass[] {
  const places = new Set(placesOf(passes, ref, which));
  const edited = passes.flatMap((p, i) => (places.has(i) ? at(p) : [p]));
  const problems = unmetRequirements(edited, undefined);
  if (problems.length) throw new CompileError(problems);
  return edited;
}

/**
 * The pipeline with `added` before the pass that `ref` names. Throws a `RangeError` when there is no such pass, or when there are
 * several and `which` does not say which, and a `CompileError` where a pass would come before one that it requires.
 *
 * @example
 * const passes = insertBefore(allPasses(compiler.pipeline), lowerOps, myPass());
 */
export const insertBefore = (
  passes: readonly Pass[],
  ref: PassRef,
  added: Pass | readonly Pass[],
  which: Which = {},
): readonly Pass[] => splice(passes, ref, which, (p) => [...[added].flat(), p]);

/** {@link insertBefore}, behind the pass. */
export const insertAfter = (
  passes: readonly Pass[],
  ref: PassRef,
  added: Pass | readonly Pass[],
  which: Which = {},
): readonly Pass[] => splice(passes, ref, which, (p) => [p, ...[added].flat()]);

/**
 * The pipeline with other passes in the place of the one that `ref` names. Where others require that one, name the replacement like it:
 * `groupPasses("lower-ops", [mine()])`.
 */
export const replacePass = (
  passes: readonly Pass[],
  ref: PassRef,
  by: Pass | readonly Pass[],
  which: Which = {},
): readonly Pass[] => splice(passes, ref, which, () => [by].flat());

/** The pipeline without the pass that `ref` names; all of them, unless `which` says otherwise. */
export const withoutPass = (passes: readonly Pass[], ref: PassRef, which: Which = { which: "each" }): readonly Pass[] =>
  splice(passes, ref, which, () => []);
