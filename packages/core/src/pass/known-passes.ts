import type { Compiler, Pipeline } from "../compiler.ts";
import { showAttr } from "../op/attr.ts";
import type { Attrs } from "../op/define-op.ts";
import type { Pass, PassFactory } from "./define-pass.ts";
import type { KnownPasses } from "./parse-passes.ts";

/** The stages of a pipeline, in the order in which they run. */
export const stageNames = ["import", "lower", "optimize", "finish"] as const satisfies readonly (keyof Pipeline)[];

/** Every pass of a pipeline, in order. */
export const allPasses = (p: Pipeline): readonly Pass[] => stageNames.flatMap((s) => p[s]);

function* factoriesIn(passes: readonly Pass[]): Generator<PassFactory> {
  for (const p of passes) {
    if (p.factory) yield p.factory;
    if (p.parts) yield* factoriesIn(p.parts);
  }
}

/**
 * What text may name for `compiler`: the passes of its pipeline, those that plugins have registered, and the stages
 * `import`, `lower`, `optimize`, `finish`, and `all` of them.
 */
export function knownPasses(compiler: Compiler): KnownPasses {
  const { pipeline } = compiler;
  const passes = new Map<string, PassFactory>();
  for (const f of [...compiler.registeredPasses, ...factoriesIn(allPasses(pipeline))])
    if (!passes.has(f.info.name)) passes.set(f.info.name, f);
  const presets = Object.fromEntries(stageNames.map((s) => [s, () => pipeline[s]]));
  return { passes: [...passes.values()], presets: { ...presets, all: () => allPasses(pipeline) } };
}

/** A text for people about every pass and its options, made from their declarations. */
export function describePasses(known: KnownPasses): string {
  const byName = [...known.passes].sort((a, b) => (a.info.name < b.info.name ? -1 : 1));
  return byName
    .map(({ info }) => {
      const options = Object.entries(info.options as Attrs).map(([name, a]) => {
        const fallback = a.hasDefault || a.kind === "optional" ? `; ${showAttr(a, a.default)} by default` : "";
        return `    ${name}: ${a.expected}${fallback}${a.summary ? `: ${a.summary}` : ""}\n`;
      });
      const earlier = [...info.requires, ...info.after.map((a) => `${a} if there`)];
      const after = earlier.length ? `    after ${earlier.join(", ")}\n` : "";
      return `${info.name}\n    ${info.summary}\n${after}${options.join("")}`;
    })
    .join("\n");
}
