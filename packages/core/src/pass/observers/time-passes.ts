import type { Compiler } from "../../compiler.ts";

/** How long one run of a pass took, or one step of it. */
export interface PassTime {
  readonly pass: string;
  readonly ms: number;
  /** Passes and steps inside it; what is left is its own work. */
  readonly parts: readonly PassTime[];
}
interface Open {
  readonly pass: string;
  readonly start: number;
  readonly parts: PassTime[];
}

/** Measures every pass that `compiler` runs from now on, as a tree. The list fills as they end. */
export function timePasses(compiler: Compiler): readonly PassTime[] {
  const times: PassTime[] = [];
  const open: Open[] = [];
  const begin = (pass: string): void => void open.push({ pass, start: performance.now(), parts: [] });
  const end = (): void => {
    const { pass, start, parts } = open.pop()!;
    (open.at(-1)?.parts ?? times).push({ pass, ms: performance.now() - start, parts });
  };
  const { hooks } = compiler;
  hooks.beforePass.tap("time-passes", (pass) => begin(pass.parts ? pass.name : pass.text));
  hooks.afterPass.tap("time-passes", end);
  hooks.failedPass.tap("time-passes", end);
  hooks.beforeStep.tap("time-passes", begin);
  hooks.afterStep.tap("time-passes", end);
  return times;
}

/** The tree for people: milliseconds, share of the whole, pass. */
export function renderTimes(times: readonly PassTime[]): string {
  const total = times.reduce((n, t) => n + t.ms, 0);
  const line = (ms: number, label: string, depth: number): string =>
    `${ms.toFixed(2).padStart(10)} ms ${((100 * ms) / (total || 1)).toFixed(1).padStart(5)} %  ${"  ".repeat(depth)}${label}\n`;
  const show = (t: PassTime, depth: number): string => {
    const own = t.ms - t.parts.reduce((n, p) => n + p.ms, 0);
    const rest = t.parts.length && own >= 0.05 * t.ms ? line(own, "(itself)", depth + 1) : "";
    return line(t.ms, t.pass, depth) + t.parts.map((p) => show(p, depth + 1)).join("") + rest;
  };
  return times.map((t) => show(t, 0)).join("") + line(total, "total", 0);
}
