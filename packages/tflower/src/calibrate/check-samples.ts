import {
  CompileError,
  type Diagnostic,
  dtypes,
  type Graph,
  isFloat,
  numbersOf,
  showType,
  type TensorData,
  type TensorType,
  tensorData,
  type Value,
} from "@tflower/core";
import type { QuantizeCode } from "@tflower/quantize";
import { asCodes } from "../quantize/as-codes.ts";
import type { Samples } from "./lite-rt-executor.ts";

/** What messages call input `input` of sample `sample`. */
export type NameOf = (sample: number, input: number) => string;

/** More problems of one kind than these are counted. */
const shown = 20;

/** Throws a `CompileError` where there are problems; of very many, the first. */
export function throwProblems(problems: readonly Diagnostic[]): void {
  if (problems.length === 0) return;
  const rest = problems.length - shown;
  const listed = problems.slice(0, shown);
  if (rest > 0) {
    const last = listed.pop()!;
    listed.push({ ...last, notes: [...(last.notes ?? []), `${rest} more problems of this kind are not shown`] });
  }
  throw new CompileError(listed);
}

/** Why tensors of type `given` cannot be given to an input; `undefined` when they can. Numbers of another width are converted. */
export function misfit(given: TensorType, input: Value, index: number, name: string): Diagnostic | undefined {
  const { type } = input;
  // reals become the codes of an input that is quantized
  const reals = type.quant !== undefined && isFloat(given.dtype);
  const fits =
    (reals || dtypes[given.dtype].kind === dtypes[type.dtype].kind) &&
    given.shape.length === type.shape.length &&
    type.shape.every((d, k) => typeof d !== "number" || d === given.shape[k]);
  if (fits) return undefined;
  return {
    severity: "error",
    code: "QNT0101" satisfies QuantizeCode,
    message: `${name}: expected ${showType(type)} for input ${index} ("${input.name ?? `args_${index}`}"), got ${showType(given)}`,
    help: "write the tensor as the program takes it: with the shape and kind of numbers that it was exported with",
  };
}

/** A diagnostic about a sample that has not as many tensors as the program has inputs. */
export const wrongCount = (message: string): Diagnostic => ({
  severity: "error",
  code: "QNT0103" satisfies QuantizeCode,
  message,
  help: "give each sample one tensor per input, in the flattened order of the program's arguments",
});

/**
 * Samples as the graph's inputs, each checked before it is run. What does not fit, and what holds a NaN, is gathered over all samples; none is
 * run after the first problem.
 */
export async function* checkSamples(
  graph: Graph,
  samples: Samples,
  nameOf: NameOf = (sample, input) => `input ${input} of sample ${sample}`,
): AsyncGenerator<readonly TensorData[]> {
  const problems: Diagnostic[] = [];
  let index = 0;
  for await (const sample of samples) {
    const at = index++;
    if (sample.length !== graph.inputs.length)
      problems.push(
        wrongCount(
          `sample ${at} has ${sample.length} tensors, and the program takes ${graph.inputs.length}: ${graph.inputs.map((v) => v.name).join(", ")}`,
        ),
      );
    else
      for (const [i, t] of sample.entries()) {
        const problem = misfit(t.type, graph.inputs[i]!, i, nameOf(at, i)) ?? nanIn(t, nameOf(at, i));
        if (problem) problems.push(problem);
      }
    if (problems.length === 0) yield sample.map((t, i) => converted(t, graph.inputs[i]!.type));
  }
  throwProblems(problems);
}

function nanIn(t: TensorData, name: string): Diagnostic | undefined {
  if (!isFloat(t.type.dtype)) return undefined;
  const data = t.data as Float32Array;
  let [count, first] = [0, -1];
  for (let i = 0; i < data.length; i++)
    if (Number.isNaN(data[i]!)) {
      if (first < 0) first = i;
      count++;
    }
  if (count === 0) return undefined;
  return {
    severity: "error",
    code: "QNT0102" satisfies QuantizeCode,
    message: `${name}: ${count} of ${data.length} elements are NaN, the first at ${first}`,
    help: "leave the sample out, or find out what went wrong when it was recorded: what is computed from NaN has no range",
  };
}

function converted(t: TensorData, type: TensorType): TensorData {
  if (t.type.dtype === type.dtype) return { type: { ...type, shape: t.type.shape }, data: t.data };
  if (type.quant && isFloat(t.type.dtype)) return asCodes(t, type);
  return tensorData(
    type.dtype,
    t.type.shape,
    t.data instanceof BigInt64Array || t.data instanceof BigUint64Array ? t.data : numbersOf(t),
  );
}
