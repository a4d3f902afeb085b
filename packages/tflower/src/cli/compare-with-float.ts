import { readFile } from "node:fs/promises";
import { fromTfliteFile, readTflite } from "@tflower/backend-tflite";
import { type Compiler, decode, type Module, runPasses, tensor } from "@tflower/core";
import { type Pt2Program, readPt2 } from "@tflower/frontend-pt2";
import { graphOf } from "../calibrate/lite-rt-executor.ts";
import { inputsAmong } from "../compare/compare-program.ts";
import { compareQuantized, oneSample, type QuantizedComparison } from "../compare/compare-quantized.ts";
import { asInputsOf, madeUpInputs, sampleInputsOf } from "../compare/sample-inputs.ts";
import { compileProgram } from "../compile.ts";
import { fileSource } from "../node/file-source.ts";
import { type EvaluationSet, evaluationSet } from "../quantize/evaluation-set.ts";
import { readSafetensors } from "../safetensors/safetensors.ts";
import { openSafetensors } from "../safetensors/safetensors-file.ts";
import type { CompareFlags } from "./compare.ts";
import type { ImportRuntime } from "./run.ts";
import { UsageError } from "./usage-error.ts";
import { useCompiler } from "./use-compiler.ts";

/** Samples of a calibration file that the two programs are run on. */
const samplesCompared = 16;

/** `tflower compare FLOAT QUANTIZED.tflite --quantized`: the float program is a `.pt2`, lowered now, or a `.tflite`. */
export async function compareWithFloat(
  path: string,
  tflite: string,
  flags: CompareFlags,
  importRuntime: ImportRuntime,
): Promise<QuantizedComparison> {
  if (flags.reference !== undefined || flags.runtime === "reference")
    throw new UsageError("--quantized compares two programs on LiteRT: leave --reference and --runtime out");
  const { compiler, pipeline } = await useCompiler(flags, { quantize: true });
  const { module, program } = await floatProgram(path, flags, compiler, pipeline);
  const quantized = fromTfliteFile(readTflite(await readFile(tflite)), { name: tflite });
  const notes: string[] = [];
  const set = await samplesFor(module, program, flags, notes);
  const { loadModel } = await importRuntime();
  return compareQuantized(module, quantized, {
    compiler,
    load: (bytes) => loadModel(bytes),
    set,
    name: path,
    notes,
  });
}

async function floatProgram(
  path: string,
  flags: CompareFlags,
  compiler: Compiler,
  pipeline: Awaited<ReturnType<typeof useCompiler>>["pipeline"],
): Promise<{ readonly module: Module; readonly program?: Pt2Program }> {
  const source = await fileSource(path);
  const head = await source.read(0, Math.min(8, source.size));
  if (String.fromCharCode(...head.subarray(4, 8)) === "TFL3") {
    const module = fromTfliteFile(readTflite(await readFile(path)), { name: path });
    return { module: await runPasses(module, compiler.pipeline.finish, compiler, { verifyEach: false }) };
  }
  const program = await readPt2(source, flags.model === undefined ? {} : { model: flags.model });
  return { module: await compileProgram(program, compiler, { ...(pipeline && { pipeline }) }), program };
}

async function samplesFor(
  float: Module,
  program: Pt2Program | undefined,
  flags: CompareFlags,
  notes: string[],
): Promise<EvaluationSet> {
  const graph = graphOf(float);
  if (flags.calibrate !== undefined)
    return evaluationSet(await openSafetensors(await fileSource(flags.calibrate)), graph, samplesCompared);
  if (flags.inputs !== undefined) {
    const raw = readSafetensors(flags.inputs, await readFile(flags.inputs));
    const given = inputsAmong(new Map([...raw].map(([k, t]) => [k, decode(tensor(t.dtype, t.shape), t.bytes)])));
    if (!given) throw new UsageError(`${flags.inputs} holds no in.0; a file with calib.0.in.0 is for --calibrate`);
    return oneSample(asInputsOf(graph, given));
  }
  const own = program && (await sampleInputsOf(program, graph));
  if (own) return oneSample(asInputsOf(graph, own));
  notes.push("no inputs are given, and the program brings none along: numbers of a fixed sequence were used");
  return oneSample(madeUpInputs(graph));
}
