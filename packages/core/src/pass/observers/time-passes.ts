import type { Compiler } from "../../compiler.ts";

/** How long one run of a pass took. */
export interface PassTime {
  readonly pass: string;
  readonly ms: number;
}

/** Measures every pass that `compiler` runs from now on. The list fills as they end. */
export function timePasses(compiler: Compiler): readonly PassTime[] {
  const times: PassTime[] = [];
  let start = 0;
  compiler.hooks.beforePass.tap("time-passes", () => {
    start = performance.now();
  });
  const end = (pass: { readonly text: string }): void =>
    void times.push({ pass: pass.text, ms: performance.now() - start });
  compiler.hooks.afterPass.tap("time-passes", end);
  compiler.hooks.failedPass.tap("time-passes", end);
  return times;
}
