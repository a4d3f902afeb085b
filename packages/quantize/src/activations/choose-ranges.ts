import { CompileError, type Diagnostic, type Graph, type Node, type Value } from "@tflower/core";
import type { QuantizeCode } from "../codes.ts";
import type { Statistics } from "../statistics/statistics.ts";
import type { ValueStatistics } from "../statistics/value-statistics.ts";
import { valueNames } from "../value-names.ts";
import { bothRanges, type Range } from "./activation-quantization.ts";
import type { ActivationDType } from "./draft-use.ts";
import { groupScales } from "./group-scales.ts";

/** The range of one value from what calibration has seen of it. */
export type EstimateRange = (seen: ValueStatistics, dtype: ActivationDType) => Range;

/**
 * A range for each value that `nodes` compute or read on integers; values that must have one scale have one range, that of all of them.
 * Throws a `CompileError` with every value that statistics say nothing of.
 */
export function chooseRanges(
  graph: Graph,
  nodes: ReadonlyMap<Node, ActivationDType>,
  values: ReadonlySet<Value>,
  statistics: Statistics,
  estimate: EstimateRange,
): (v: Value) => Range {
  const names = valueNames(graph);
  const rootOf = groupScales(nodes.keys());
  const ranges = new Map<Value, Range>();
  const unseen: string[] = [];
  for (const v of values) {
    const name = names.get(v)!;
    const seen = statistics.values[name];
    if (!seen) {
      unseen.push(name);
      continue;
    }
    const dtype = nodes.get(v.producer!) ?? [...v.users].map((n) => nodes.get(n)).find((d) => d !== undefined)!;
    const range = fixedRange(v, dtype, nodes) ?? estimate(seen, dtype);
    const known = ranges.get(rootOf(v));
    ranges.set(rootOf(v), known ? bothRanges(known, range) : range);
  }
  if (unseen.length > 1 && 2 * unseen.length > values.size)
    throw new CompileError([anotherProgram(unseen, values.size, Object.keys(statistics.values))]);
  if (unseen.length) throw new CompileError(unseen.map(unseenValue));
  return (v) => ranges.get(rootOf(v))!;
}

/** What integers of a prescribed scale stand for. */
function fixedRange(v: Value, dtype: ActivationDType, nodes: ReadonlyMap<Node, ActivationDType>): Range | undefined {
  const node = v.producer;
  const fixed = node && nodes.has(node) ? node.op.traits.fixedOutputRange?.[dtype] : undefined;
  if (!fixed) return undefined;
  const [scale, zero] = [Math.fround(fixed[0]), fixed[1]];
  const [low, high] = dtype === "i8" ? [-128, 127] : [-32768, 32767];
  return { min: (low - zero) * scale, max: (high - zero) * scale };
}

const unseenValue = (name: string) =>
  ({
    severity: "error",
    code: "QNT0003",
    message: `the calibration statistics say nothing of "${name}", which is to be quantized`,
    help: "collect them again with this program and these options: `tflower calibrate`",
  }) as const;

/** Most names being unknown, it is no use to list them all. */
const anotherProgram = (unseen: readonly string[], of: number, known: readonly string[]): Diagnostic => ({
  severity: "error",
  code: "QNT0006" satisfies QuantizeCode,
  message: `the calibration statistics are of another program: they say nothing of ${unseen.length} of the ${of} values that are to be quantized`,
  notes: [
    `wanted, among others: ${unseen.slice(0, 3).join(", ")}`,
    known.length ? `known, among others: ${known.slice(0, 3).join(", ")}` : "they know no value at all",
  ],
  help: "collect them with this program and these options (tflower calibrate), or give the samples themselves",
});
