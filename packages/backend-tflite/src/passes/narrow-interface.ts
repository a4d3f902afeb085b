import { type Diagnostic, definePass, loadConstant, lowerOps, Rewriter, type Value, withDType } from "@tflower/core";
import type { TfliteCode } from "../codes.ts";
import { cast } from "../dialect/cast.ts";
import { IntegerRanges } from "./integer-range.ts";

declare module "@tflower/core" {
  interface Settings {
    /** Whether int64 inputs and outputs stay so, or are int32 in the file: outputs only where their values provably fit. */
    readonly int64?: "keep" | "narrow-io";
  }
}

const [least, largest] = [-(2 ** 31), 2 ** 31 - 1];

/** Makes int64 inputs, and int64 outputs whose values fit, int32. State stays as it is. */
export const narrowInterface = definePass({
  name: "narrow-interface",
  summary: "Makes int64 inputs and outputs int32, outputs only where their values provably fit.",
  requires: [lowerOps],
  scope: "graph",
  async run(graph, { compiler, report }) {
    if (compiler.settings.int64 !== "narrow-io" || !graph.module.signatures.some((s) => s.graph === graph.name)) return;
    const rewriter = new Rewriter(graph);
    for (const v of graph.inputs) if (v.type.dtype === "i64") narrowInput(rewriter, v);
    const ranges = new IntegerRanges(graph.module);
    const outputs: Value[] = [];
    for (const [i, v] of graph.outputs.entries()) {
      const problem =
        v.type.dtype === "i64" ? await whyNot(v, ranges, graph.outputNames[i] ?? `output_${i}`) : undefined;
      if (problem) report(problem);
      outputs.push(v.type.dtype === "i64" && !problem ? narrowed(rewriter, v) : v);
    }
    graph.outputs = outputs;
  },
});

function narrowInput(rewriter: Rewriter, v: Value): void {
  v.type = withDType(v.type, "i32");
  rewriter.putBehindInput(v, (place) => rewriter.emit(cast, { input: v }, place, { out_data_type: "i64" }));
}

/** What was int32 before it became int64 needs no cast back. */
function narrowed(rewriter: Rewriter, v: Value): Value {
  const before = v.producer?.op === cast ? v.producer.inputs[0] : undefined;
  return before?.type.dtype === "i32" ? before : rewriter.emit(cast, { input: v }, {}, { out_data_type: "i32" });
}

async function whyNot(v: Value, ranges: IntegerRanges, name: string): Promise<Diagnostic | undefined> {
  if (v.constant) {
    const { data } = await loadConstant(v.constant);
    const beyond = Array.from(data as BigInt64Array).find((x) => x < BigInt(least) || x > BigInt(largest));
    return beyond === undefined
      ? undefined
      : {
          severity: "error",
          code: "TFL0022" satisfies TfliteCode,
          message: `output "${name}" is a constant that holds ${beyond}, which int32 cannot`,
          help: "leave out --int64 narrow-io, or return the constant as float or int32",
        };
  }
  const range = ranges.of(v);
  if (range && range.min >= least && range.max <= largest) return undefined;
  return {
    severity: "warning",
    code: "TFL0021" satisfies TfliteCode,
    message: `output "${name}" stays int64: nothing proves that its values${range ? ` (${range.min} to ${range.max})` : ""} fit int32`,
    help: "return it as int32 (y.to(torch.int32)) where the program knows that they do",
  };
}
