import type { Module } from "../ir/module.ts";
import type { Pass } from "./define-pass.ts";

/**
 * Several passes as one, under a name of its own: it takes one place in a pipeline, and one branch of the timing tree.
 *
 * @example
 * const tidy = groupPasses("tidy", [mergeCommonSubexpressions(), eliminateDeadCode()]);
 */
export function groupPasses(name: string, passes: readonly Pass[]): Pass {
  return Object.freeze({
    name,
    summary: `Runs ${passes.map((p) => p.name).join(", ")}.`,
    text: `${name}(${passes.map((p) => p.text).join(",")})`,
    parts: passes,
    run: (_: Module, context) => context.run(passes),
  } satisfies Pass);
}

/**
 * Runs passes again and again until a round changes nothing. Throws after `atMost` rounds: passes that never come to rest undo one another.
 *
 * @example
 * const settled = repeatPasses([mergeCommonSubexpressions(), eliminateDeadCode()], { atMost: 4 });
 */
export function repeatPasses(passes: readonly Pass[], { atMost = 10 }: { readonly atMost?: number } = {}): Pass {
  return Object.freeze({
    name: "repeat",
    summary: `Repeats ${passes.map((p) => p.name).join(", ")} until nothing changes.`,
    text: `repeat${atMost === 10 ? "" : `{atMost=${atMost}}`}(${passes.map((p) => p.text).join(",")})`,
    parts: passes,
    async run(module: Module, context) {
      for (let round = 0; round < atMost; round++) {
        const before = stateOf(module);
        await context.run(passes);
        if (stateOf(module) === before) return;
      }
      throw new Error(`${passes.map((p) => p.name).join(", ")} still change the module after ${atMost} rounds`);
    },
  } satisfies Pass);
}

/** Changes with every edit. */
const stateOf = (module: Module): string => module.graphs.map((g) => `${g.name}:${g.version}`).join();
