import { writeFileSync } from "node:fs";
import {
  type Compiler,
  collectDecisions,
  collectStatistics,
  knownPasses,
  printAfterPasses,
  renderDecisions,
  renderStatistics,
  renderTimes,
  timePasses,
  writeReproducer,
} from "@tflower/core";
import type { Command } from "commander";
import { UsageError } from "./usage-error.ts";

/** Flags that let a person watch the passes. */
export interface ObserveFlags {
  readonly printAfter?: string;
  readonly timing?: boolean;
  readonly statistics?: boolean;
  readonly reproducer?: string;
  readonly explainCost?: boolean;
}

/** Declares the flags of {@link ObserveFlags} on a command. */
export const addObserving = (command: Command): Command =>
  command
    .option("--print-after <passes>", "print the module after the passes named (a,b), after `all`, or after a `change`")
    .option("--timing", "print how long each pass took, as a tree")
    .option("--statistics", "print what each pass added and dropped")
    .option("--explain-cost", "print what passes chose by cost, and between what")
    .option("--reproducer <file>", "when a pass fails, write the module before it, for tflower opt to fail on again");

const say = (text: string): void => void process.stderr.write(text);

/** Attaches what the flags ask for. The result prints what is known at the end, and is called on failure too. */
export function observe(compiler: Compiler, flags: ObserveFlags): () => void {
  const after = flags.printAfter;
  if (after === "all" || after === "change") printAfterPasses(compiler, after, say);
  else if (after !== undefined) {
    const names = after.split(",").map((n) => n.trim());
    const known = knownPasses(compiler).passes.map((p) => p.info.name);
    const unknown = names.find((n) => !known.includes(n));
    if (unknown !== undefined)
      throw new UsageError(
        `--print-after: there is no pass "${unknown}"; expected all, change, or ${known.join(", ")}`,
      );
    printAfterPasses(compiler, names, say);
  }
  const { reproducer } = flags;
  if (reproducer !== undefined)
    writeReproducer(compiler, (r) => {
      writeFileSync(reproducer, r.text);
      say(`${reproducer}: the module before "${r.pass}"; tflower opt ${reproducer} runs the pass again\n`);
    });
  const times = flags.timing ? timePasses(compiler) : undefined;
  const statistics = flags.statistics ? collectStatistics(compiler) : undefined;
  const decisions = flags.explainCost ? collectDecisions(compiler) : undefined;
  return () => {
    if (decisions) say(renderDecisions(decisions));
    if (times) say(renderTimes(times));
    if (statistics) say(renderStatistics(statistics));
  };
}
