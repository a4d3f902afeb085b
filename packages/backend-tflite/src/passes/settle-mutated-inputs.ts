import { definePass } from "@tflower/core";
import type { TfliteCode } from "../codes.ts";

declare module "@tflower/core" {
  interface Settings {
    /** What becomes of inputs that a program writes in place: dropped with a warning, or extra outputs `mut.NAME`. */
    readonly mutatedInputs?: "drop" | "outputs";
  }
}

/** Decides what becomes of inputs that the program writes in place: a `.tflite` cannot write to its inputs. */
export const settleMutatedInputs = definePass({
  name: "settle-mutated-inputs",
  summary: "Drops what a program writes into its inputs, or gives it as extra outputs.",
  scope: "graph",
  run(graph, { compiler, report }) {
    const { mutatedInputs, strict } = compiler.settings;
    for (const { input, next } of graph.inputMutations.splice(0)) {
      if (next === input) continue;
      const name = input.name ?? `args_${graph.inputs.indexOf(input)}`;
      if (mutatedInputs === "outputs") {
        graph.outputNames = [...graph.outputs.map((_, i) => graph.outputNames[i] ?? `output_${i}`), `mut.${name}`];
        graph.outputs = [...graph.outputs, next];
      } else
        report({
          severity: strict ? "error" : "warning",
          code: "TFL0020" satisfies TfliteCode,
          message: `the program writes into its input "${name}", which a .tflite cannot do; what it writes is dropped`,
          help: `ask for it as an extra output with --mutated-inputs outputs (it is then called "mut.${name}")`,
        });
    }
  },
});
