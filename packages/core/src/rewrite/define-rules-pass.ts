import { attr } from "../op/attr.ts";
import { definePass, type PassFactory } from "../pass/define-pass.ts";
import type { PassRef } from "../pass/pass-ref.ts";
import { applyRules, type Rule } from "./define-rule.ts";

/** What a pass that applies rules is made of. */
export interface RulesPassSpec {
  /** A verb, in kebab-case. */
  readonly name: string;
  readonly summary: string;
  /** Sets of rules; each is applied until none of it does, one set after the other. */
  readonly rules: readonly (readonly Rule<any>[])[];
  readonly requires?: readonly PassRef[];
  readonly after?: readonly PassRef[];
}

const without = { without: attr.strs.about("names of rules that are left out").default_([]) } as const;

/**
 * Declares a pass over each graph that applies rules. Its option `without` leaves some out, by name.
 *
 * @example
 * const single = defineRule({
 *   name: "single-concatenation",
 *   summary: "concatenation([x]) = x",
 *   op: tfl.concatenation,
 *   rewrite(node, rewriter) {
 *     const [only, ...others] = node.operands.values;
 *     if (!only || others.length) return false;
 *     rewriter.replace(node, [only]);
 *     return true;
 *   },
 * });
 * const cleanUp = defineRulesPass({ name: "clean-up", summary: "Removes what does nothing.", rules: [[single]] });
 * const passes = [cleanUp(), cleanUp({ without: ["single-concatenation"] })];
 */
export function defineRulesPass({ rules, ...spec }: RulesPassSpec): PassFactory<typeof without> {
  const known = new Set(rules.flat().map((r) => r.name));
  return definePass({
    ...spec,
    options: without,
    scope: "graph",
    run(graph, { count, options }) {
      const out = new Set(options.without);
      const unknown = [...out].find((name) => !known.has(name));
      if (unknown !== undefined)
        throw new TypeError(`pass "${spec.name}" has no rule "${unknown}"; it has ${[...known].join(", ")}`);
      for (const set of rules)
        applyRules(
          graph,
          set.filter((r) => !out.has(r.name)),
          count,
        );
    },
  });
}
