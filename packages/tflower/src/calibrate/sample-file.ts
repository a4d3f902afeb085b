import { CompileError, type Diagnostic, type Graph, type TensorData, tensor } from "@tflower/core";
import type { QuantizeCode } from "@tflower/quantize";
import type { SafetensorsFile } from "../safetensors/safetensors-file.ts";
import { checkSamples, misfit, throwProblems, wrongCount } from "./check-samples.ts";

/** Which part of the samples is meant: part `index` of `count`, counted from 0. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

/** Samples of a file. */
export interface FileSamples {
  /** Samples in the file, and how many of them these are. */
  readonly total: number;
  readonly count: number;
  /** Index of the first of them. */
  readonly first: number;
  /** The samples, each read when it is asked for, and checked. */
  readonly samples: AsyncIterable<readonly TensorData[]>;
}

/**
 * The calibration samples of a `.safetensors` file: tensors `calib.N.in.K`, input K of sample N, in the order of N; other names are ignored. A
 * shard is a run of neighbours. Throws a `CompileError` with every tensor that does not fit the graph's inputs, of all shards, before any is
 * read.
 */
export function samplesOf(file: SafetensorsFile, graph: Graph, shard: Shard = { index: 0, count: 1 }): FileSamples {
  const numbers = sampleNumbers(file);
  if (numbers.length === 0)
    throw new CompileError([
      {
        severity: "error",
        code: "QNT0104" satisfies QuantizeCode,
        message: `${file.name} holds no calibration samples: expected tensors "calib.N.in.K" (input K of sample N), got ${listed([...file.tensors.keys()])}`,
        help: "name the first input of the first sample calib.0.in.0",
      },
    ]);
  throwProblems(problemsOf(file, graph, numbers));
  const [from, to] = [shard.index, shard.index + 1].map((i) => Math.floor((i * numbers.length) / shard.count)) as [
    number,
    number,
  ];
  const chosen = numbers.slice(from, to);
  async function* read(): AsyncGenerator<readonly TensorData[]> {
    for (const n of chosen) {
      const sample: TensorData[] = [];
      for (let i = 0; i < graph.inputs.length; i++) sample.push(await file.read(`calib.${n}.in.${i}`));
      yield sample;
    }
  }
  return {
    total: numbers.length,
    count: chosen.length,
    first: from,
    samples: checkSamples(graph, read(), (sample, i) => `${file.name}: calib.${chosen[sample]}.in.${i}`),
  };
}

const calibName = /^calib\.(0|[1-9]\d*)\.in\.(0|[1-9]\d*)$/;

function sampleNumbers(file: SafetensorsFile): readonly number[] {
  const found = new Set<number>();
  for (const name of file.tensors.keys()) {
    const match = calibName.exec(name);
    if (match) found.add(Number(match[1]));
  }
  return [...found].sort((a, b) => a - b);
}

const listed = (names: readonly string[]): string =>
  names.length
    ? `${names.slice(0, 5).join(", ")}${names.length > 5 ? `, and ${names.length - 5} more` : ""}`
    : "an empty file";

/** What can be said of the samples without reading them. */
function problemsOf(file: SafetensorsFile, graph: Graph, numbers: readonly number[]): readonly Diagnostic[] {
  const problems: Diagnostic[] = [];
  const { inputs } = graph;
  for (const n of numbers)
    for (const [i, input] of inputs.entries()) {
      const name = `calib.${n}.in.${i}`;
      const place = file.tensors.get(name);
      if (!place)
        problems.push(
          wrongCount(
            `${file.name}: sample ${n} has no ${name}; the program takes ${inputs.length}: ${inputs.map((v) => v.name).join(", ")}`,
          ),
        );
      else {
        const problem = misfit(tensor(place.dtype, place.shape), input, i, `${file.name}: ${name}`);
        if (problem) problems.push(problem);
      }
    }
  for (const name of file.tensors.keys()) {
    const match = calibName.exec(name);
    if (match && Number(match[2]) >= inputs.length)
      problems.push(
        wrongCount(
          `${file.name}: ${name} is one too many; the program takes ${inputs.length}: ${inputs.map((v) => v.name).join(", ")}`,
        ),
      );
  }
  return problems;
}
