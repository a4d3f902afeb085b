import type { Compiler } from "../../compiler.ts";
import type { Decision } from "../decision.ts";

/** A decision, and the pass that made it. */
export interface MadeDecision extends Decision {
  readonly pass: string;
}

/** Gathers what passes decide by cost from now on. */
export function collectDecisions(compiler: Compiler): readonly MadeDecision[] {
  const made: MadeDecision[] = [];
  compiler.hooks.decision.tap("collect-decisions", (pass, d) => void made.push({ ...d, pass: pass.name }));
  return made;
}

const short = (cost: number): string =>
  cost >= 1e6 ? `${(cost / 1e6).toPrecision(3)}M` : `${Math.round(cost / 1e3)}k`;

/** Decisions as text: one line for each, forms with their costs relative to the node as it was. */
export function renderDecisions(decisions: readonly MadeDecision[]): string {
  const lines = decisions.map((d) => {
    const [plain] = d.forms;
    const forms = d.forms.map((f) => {
      const ratio = plain && f !== plain ? `, x${(f.cost / plain.cost).toFixed(2)}` : "";
      return `${f.name === d.chosen ? "*" : ""}${f.name} ${short(f.cost)}${ratio}`;
    });
    const where = d.location?.module ?? "";
    const why = d.reason === undefined ? "" : ` (${d.reason})`;
    return `${d.pass}: ${d.op}${where && ` in ${where}`}: ${forms.join(" | ")}${why}`;
  });
  return `${decisions.length} decisions by cost, in multiply-adds of a large product; * marks the form taken\n${lines.map((l) => `  ${l}\n`).join("")}`;
}
