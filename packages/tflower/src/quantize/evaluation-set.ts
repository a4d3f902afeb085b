import {
  CompileError,
  type Diagnostic,
  dtypes,
  type Graph,
  numbersOf,
  showType,
  type TensorData,
  tensor,
} from "@tflower/core";
import type { QuantizeCode } from "@tflower/quantize";
import { keepsState } from "../calibrate/lite-rt-executor.ts";
import { samplesOf } from "../calibrate/sample-file.ts";
import type { SafetensorsFile } from "../safetensors/safetensors-file.ts";

/** Samples that a quantized program is judged by, held in memory. */
export interface EvaluationSet {
  readonly samples: readonly (readonly TensorData[])[];
  /** The right classes for output 0 of each sample, where the file has them. */
  readonly labels?: readonly TensorData[];
}

/**
 * Some samples of a calibration file, spread over all of them; of a program with state, the first ones. `calib.N.label.0` are the classes
 * that output 0 of sample N should have: one integer for each row of scores.
 */
export async function evaluationSet(file: SafetensorsFile, graph: Graph, most: number): Promise<EvaluationSet> {
  const { samples, count } = samplesOf(file, graph);
  const step = keepsState(graph) ? 1 : Math.max(1, count / most);
  const chosen: (readonly TensorData[])[] = [];
  const indices: number[] = [];
  let [at, next] = [-1, 0];
  for await (const sample of samples) {
    at++;
    if (chosen.length >= most) continue;
    if (at < Math.floor(next)) continue;
    next += step;
    chosen.push(sample);
    indices.push(at);
  }
  const numbers = sampleNumbers(file);
  const names = indices.map((i) => `calib.${numbers[i]}.label.0`);
  if (!names.some((n) => file.tensors.has(n))) return { samples: chosen };
  const problems = names.flatMap((n) => problemOf(file, n) ?? []);
  if (problems.length) throw new CompileError(problems.slice(0, 20));
  const labels: TensorData[] = [];
  for (const n of names) labels.push(await file.read(n));
  return { samples: chosen, labels };
}

function sampleNumbers(file: SafetensorsFile): readonly number[] {
  const found = new Set<number>();
  for (const name of file.tensors.keys()) {
    const match = /^calib\.(\d+)\.in\.\d+$/.exec(name);
    if (match) found.add(Number(match[1]));
  }
  return [...found].sort((a, b) => a - b);
}

function problemOf(file: SafetensorsFile, name: string): Diagnostic | undefined {
  const place = file.tensors.get(name);
  const help = "give every sample calib.N.label.0: one integer class for each row of scores in output 0";
  const code = "QNT0013" satisfies QuantizeCode;
  if (!place)
    return {
      severity: "error",
      code,
      message: `${file.name}: other samples have labels, and there is no ${name}`,
      help,
    };
  if (dtypes[place.dtype].kind === "float")
    return {
      severity: "error",
      code,
      message: `${file.name}: ${name}: expected integers, got ${showType(tensor(place.dtype, place.shape))}`,
      help,
    };
  return undefined;
}

/** How many rows of scores have their highest score at the label, and how many there are. Throws where labels do not fit. */
export function countRight(scores: ArrayLike<number>, shape: readonly number[], labels: TensorData): [number, number] {
  const want = numbersOf(labels);
  const axis = axisOfClasses(shape, want.length);
  if (axis === undefined)
    throw new CompileError([
      {
        severity: "error",
        code: "QNT0013" satisfies QuantizeCode,
        message: `output 0 has the shape [${shape.join(", ")}], and there are ${want.length} labels: there must be one for each row of scores`,
        help: "write calib.N.label.0 with the shape of output 0 without its axis of classes, which is the last one, or axis 1",
      },
    ]);
  const classes = shape[axis]!;
  const inner = shape.slice(axis + 1).reduce((a, b) => a * b, 1);
  let right = 0;
  for (let row = 0; row < want.length; row++) {
    const base = Math.floor(row / inner) * classes * inner + (row % inner);
    let best = 0;
    for (let c = 1; c < classes; c++) if (scores[base + c * inner]! > scores[base + best * inner]!) best = c;
    if (best === want[row]) right++;
  }
  return [right, want.length];
}

function axisOfClasses(shape: readonly number[], labels: number): number | undefined {
  const count = shape.reduce((a, b) => a * b, 1);
  const axes = [shape.length - 1, 1].filter((a) => a >= 0 && a < shape.length);
  return axes.find((a) => shape[a]! > 0 && count / shape[a]! === labels);
}
