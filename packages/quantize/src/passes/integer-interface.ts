import {
  type Diagnostic,
  definePass,
  type Graph,
  type PassContext,
  Rewriter,
  sameType,
  type Value,
} from "@tflower/core";
import type { QuantizeCode } from "../codes.ts";

/** Makes inputs and outputs of signatures the integers that they are quantized to, with their scales: callers give and get codes. */
export const integerInterface = definePass({
  name: "integer-interface",
  summary: "Makes quantized inputs and outputs integers, whose scales the file has.",
  scope: "graph",
  run(graph, context) {
    if (!graph.module.signatures.some((s) => s.graph === graph.name)) return;
    takeIntegers(graph, context);
    giveIntegers(graph, context);
  },
});

function takeIntegers(graph: Graph, { count, report }: PassContext): void {
  const rewriter = new Rewriter(graph);
  for (const v of graph.inputs) {
    if (v.type.dtype !== "f32") continue;
    const users = [...v.users];
    const type = users[0]?.results[0]?.type;
    const why = whyFloatInput(graph, v);
    if (!type || why !== undefined) {
      report(staysFloat(`input "${v.name}"`, why ?? "nothing reads it"));
      continue;
    }
    v.type = type;
    for (const user of users) rewriter.replace(user, [v]);
    count("inputs");
  }
}

function whyFloatInput(graph: Graph, v: Value): string | undefined {
  const first = [...v.users][0];
  if (!first) return "nothing reads it";
  if (graph.isOutput(v)) return "it is an output, too";
  const other = [...v.users].find((n) => n.op.traits.quantizer !== "quantize");
  if (other) return `${other.op.name} reads it as floats`;
  const [type] = first.results;
  return [...v.users].every((n) => sameType(n.results[0]!.type, type!.type))
    ? undefined
    : "it is read as integers of several scales";
}

function giveIntegers(graph: Graph, { count, report }: PassContext): void {
  const outputs = graph.outputs.map((v, i) => {
    if (v.type.dtype !== "f32") return v;
    const node = v.producer;
    const integers = node?.op.traits.quantizer === "dequantize" ? node.inputs[0]! : undefined;
    if (integers?.type.quant && !integers.constant) {
      count("outputs");
      return integers;
    }
    report(
      staysFloat(
        `output "${graph.outputNames[i] ?? i}"`,
        node ? `${node.op.name} gives it as floats` : "it is an input or a constant",
      ),
    );
    return v;
  });
  if (outputs.some((v, i) => v !== graph.outputs[i])) graph.outputs = outputs;
}

const staysFloat = (what: string, why: string): Diagnostic => ({
  severity: "warning",
  code: "QNT0007" satisfies QuantizeCode,
  message: `${what} stays float, though the recipe asks for integers: ${why}`,
  help: "quantize the op to integers with a rule of the recipe (int8 or int16x8), or have the interface in floats",
});
