import type { Diagnostic } from "../diagnostic/diagnostic.ts";
import type { Pass } from "./define-pass.ts";

/** A pass of a pipeline, a pass inside a pass included, where it runs. */
function* inOrder(passes: readonly Pass[]): Generator<Pass> {
  for (const p of passes) {
    if (p.parts) yield* inOrder(p.parts);
    yield p;
  }
}

/**
 * Every pass that runs before one it requires, or has to come after. `done` names passes that the module has been through; where nobody knows (`undefined`),
 * a pass that is required and in no place of the pipeline counts as done.
 */
export function unmetRequirements(passes: readonly Pass[], done: Iterable<string> | undefined): readonly Diagnostic[] {
  const order = [...inOrder(passes)];
  const before = new Set(done);
  const out: Diagnostic[] = [];
  for (const [at, pass] of order.entries()) {
    for (const name of pass.requires ?? []) {
      if (before.has(name)) continue;
      const later = order.findIndex((p, i) => i > at && p.name === name);
      if (later < 0 && done === undefined) continue;
      out.push(unmet(pass, name, later >= 0, order.slice(0, at)));
    }
    for (const name of pass.after ?? [])
      if (!before.has(name) && order.some((p, i) => i > at && p.name === name))
        out.push(unmet(pass, name, true, order.slice(0, at)));
    before.add(pass.name);
  }
  return out;
}

function unmet(pass: Pass, name: string, later: boolean, before: readonly Pass[]): Diagnostic {
  const names = [...new Set(before.map((p) => p.name))];
  return {
    severity: "error",
    code: "PAS0003",
    message: `pass "${pass.name}" ${pass.requires?.includes(name) ? "requires" : "follows"} "${name}", which ${later ? "comes after it" : "the pipeline does not have"}`,
    subject: [...names, pass.name].join(", "),
    help: later
      ? `move "${pass.name}" behind it: insertAfter(passes, "${name}", ...)`
      : `put it anywhere before: insertBefore(passes, "${pass.name}", ...); what stands in its place is named like it: groupPasses("${name}", [...])`,
  };
}

/** Required passes that the pipeline does not have, so that whoever made the module must have run them. */
export function takenAsDone(passes: readonly Pass[]): readonly string[] {
  const order = [...inOrder(passes)];
  const names = new Set(order.map((p) => p.name));
  return [...new Set(order.flatMap((p) => p.requires ?? []))].filter((n) => !names.has(n));
}
