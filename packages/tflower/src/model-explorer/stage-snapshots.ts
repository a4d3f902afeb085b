import type { Module, Pass, Pipeline } from "@tflower/core";
import { type ExplorerCollection, type ExplorerGraph, toModelExplorer } from "./to-model-explorer.ts";

/** What the stages of a compilation looked like. */
export interface StageSnapshots {
  /** The stages with a look at the module before the first and after each. */
  readonly watch: (stages: Pipeline) => Pipeline;
  readonly collection: (label: string) => ExplorerCollection;
}

/** Label of the last stage: overlays are made for it. */
export const finalStage = "4 final";

/** Keeps drawings of a module at every stage. */
export function stageSnapshots(): StageSnapshots {
  const graphs: ExplorerGraph[] = [];
  const look = (stage: string): Pass => ({
    name: "draw",
    summary: "Draws the module.",
    text: "draw",
    run: (module: Module) => void graphs.push(...toModelExplorer(module, stage)),
  });
  return {
    watch: (p) => ({
      import: [look("0 program"), ...p.import, look("1 imported")],
      lower: [...p.lower, look("2 lowered")],
      optimize: [...p.optimize, look("3 optimized")],
      finish: [...p.finish, look(finalStage)],
    }),
    collection: (label) => ({ label, graphs }),
  };
}
