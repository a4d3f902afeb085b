import { readFile } from "node:fs/promises";
import { type Diagnostic, decode, type TensorData, tensor } from "@tflower/core";
import { readPt2 } from "@tflower/frontend-pt2";
import type { Comparison, LayerError } from "../compare/compare-layers.ts";
import { compareProgram, inputsAmong } from "../compare/compare-program.ts";
import type { QuantizedComparison } from "../compare/compare-quantized.ts";
import { executeByEvaluator, executeOnLiteRt } from "../compare/lowered-values.ts";
import { InputMisfit } from "../compare/sample-inputs.ts";
import { nodeData } from "../model-explorer/node-data.ts";
import { finalStage } from "../model-explorer/stage-snapshots.ts";
import { timeNodes } from "../model-explorer/time-nodes.ts";
import { toModelExplorer } from "../model-explorer/to-model-explorer.ts";
import { fileSource } from "../node/file-source.ts";
import { htmlReport } from "../report/html-report.ts";
import { reportOf } from "../report/report-of.ts";
import { readSafetensors } from "../safetensors/safetensors.ts";
import { compareWithFloat } from "./compare-with-float.ts";
import { writeText } from "./emit.ts";
import { printDiagnostics } from "./report.ts";
import type { ImportRuntime } from "./run.ts";
import { UsageError } from "./usage-error.ts";
import { type CompilerFlags, useCompiler } from "./use-compiler.ts";

export interface CompareFlags extends CompilerFlags {
  readonly reference?: string;
  readonly inputs?: string;
  readonly runtime: "litert" | "reference";
  readonly top: string;
  readonly minSnr?: string;
  readonly report?: string;
  readonly emitModelExplorer?: string;
  readonly time?: boolean;
  /** The model is a quantized one: it is compared with the float program, on LiteRT. */
  readonly quantized?: boolean;
  /** A `.safetensors` with `calib.N.in.K`, and labels maybe. */
  readonly calibrate?: string;
  readonly model?: string;
  readonly json?: boolean;
}

/** `tflower compare`. Gives the exit code: 1 where an output is worse than `--min-snr`. */
export async function compareCommand(
  path: string,
  tflite: string | undefined,
  flags: CompareFlags,
  importRuntime: ImportRuntime,
): Promise<number> {
  const top = numberOf("--top", flags.top);
  const least = flags.minSnr === undefined ? Number.NEGATIVE_INFINITY : numberOf("--min-snr", flags.minSnr);
  if (flags.quantized) {
    if (tflite === undefined) throw new UsageError("compare --quantized needs the quantized .tflite, too");
    const found = await compareWithFloat(path, tflite, flags, importRuntime);
    return show(path, tflite, { flags, top, least, comparison: found, problems: [] }, importRuntime);
  }
  const { compiler, pipeline } = await useCompiler(flags);
  const source = await fileSource(path);
  const problems: Diagnostic[] = [];
  const reference = flags.reference === undefined ? undefined : await tensorsOf(flags.reference);
  const inputs = flags.inputs === undefined ? undefined : inputsAmong(await tensorsOf(flags.inputs));
  if (flags.inputs !== undefined && !inputs) throw new UsageError(`${flags.inputs} holds no in.0`);
  const comparison = await compareProgram(
    await readPt2(source, flags.model === undefined ? {} : { model: flags.model }),
    {
      compiler,
      ...(pipeline && { pipeline }),
      ...(tflite !== undefined && { file: { name: tflite, bytes: await readFile(tflite) } }),
      ...(reference && { reference: { name: flags.reference!, tensors: reference } }),
      ...(inputs && { inputs }),
      execute: flags.runtime === "reference" ? executeByEvaluator : executeOnLiteRt((await importRuntime()).loadModel),
      report: (d) => void problems.push(d),
    },
  ).catch((e: unknown) => {
    throw e instanceof InputMisfit ? new UsageError(e.message) : e;
  });
  return show(path, tflite, { flags, top, least, comparison, problems }, importRuntime);
}

/** What was found, and how it is to be shown. */
interface Shown {
  readonly flags: CompareFlags;
  readonly top: number;
  readonly least: number;
  readonly comparison: Comparison | QuantizedComparison;
  readonly problems: readonly Diagnostic[];
}

async function show(
  path: string,
  tflite: string | undefined,
  { flags, top, least, comparison, problems }: Shown,
  importRuntime: ImportRuntime,
): Promise<number> {
  const { module } = comparison;
  if (flags.report !== undefined)
    await writeText(
      flags.report,
      htmlReport(reportOf(module, { title: `${tflite ?? path}: error by layer`, diagnostics: problems, comparison })),
    );
  if (flags.emitModelExplorer !== undefined) {
    const base = flags.emitModelExplorer;
    const collection = { label: path, graphs: toModelExplorer(module, finalStage) };
    const noise = new Map(comparison.layers.map((l) => [l.value.producer, -Math.max(-300, Math.min(300, l.snr))]));
    await writeText(`${base}.model-explorer.json`, `${JSON.stringify(collection)}\n`);
    await writeText(
      `${base}.error.json`,
      `${JSON.stringify(nodeData(module, finalStage, "noise to signal (dB)", (n) => noise.get(n)))}\n`,
    );
  }
  if (flags.time) {
    if (flags.emitModelExplorer === undefined)
      throw new UsageError("--time writes an overlay: give --emit-model-explorer, too");
    const main = module.find(module.signatures[0]?.graph ?? "") ?? module.graphs[0]!;
    const times = await timeNodes(main, await importRuntime());
    const overlay = nodeData(module, finalStage, "milliseconds alone", (n) => times.get(n));
    await writeText(`${flags.emitModelExplorer}.time.json`, `${JSON.stringify(overlay)}\n`);
  }
  if (flags.json) process.stdout.write(`${JSON.stringify(toJson(path, comparison))}\n`);
  else {
    printDiagnostics(problems);
    process.stdout.write(render(comparison, top));
    if ("floatLayers" in comparison) process.stdout.write(renderFloatLayers(comparison));
  }
  return comparison.outputs.some((o) => o.snr < least) ? 1 : 0;
}

function numberOf(flag: string, text: string): number {
  const n = Number(text);
  if (text.trim() === "" || Number.isNaN(n)) throw new UsageError(`${flag} must be a number, got "${text}"`);
  return n;
}

/** The tensors of a `.safetensors` file. */
async function tensorsOf(path: string): Promise<ReadonlyMap<string, TensorData>> {
  const raw = readSafetensors(path, await readFile(path));
  return new Map([...raw].map(([k, t]) => [k, decode(tensor(t.dtype, t.shape), t.bytes)]));
}

const decibels = (snr: number): string =>
  snr === Infinity ? "exact" : snr === -Infinity ? "NaN/inf" : `${snr.toFixed(1)} dB`;
const placeOf = (l: LayerError): string => (l.frame ? `${l.frame.file}:${l.frame.line}` : "");

/** From here on a layer's own loss is more than rounding. */
const suspicious = 20;

function renderFloatLayers(c: QuantizedComparison): string {
  const out: string[] = [""];
  if (c.quality.accuracy !== undefined)
    out.push(
      `right on the labelled samples: ${c.quality.accuracy.toFixed(4)}, and ${c.floatAccuracy?.toFixed(4)} of the float program`,
    );
  out.push(c.floatLayers.length ? "on floats, as before:" : "nothing computes on floats any more");
  for (const l of c.floatLayers)
    out.push(`  ${l.count} ${l.op}: ${l.why}${l.modules.length ? ` (${l.modules.join(", ")})` : ""}`);
  return `${out.join("\n")}\n`;
}

function render(c: Comparison, top: number): string {
  const out: string[] = [`reference: ${c.source}`, ...c.notes.map((n) => `note: ${n}`)];
  for (const o of c.outputs)
    out.push(`output ${o.name}: ${decibels(o.snr)}, largest difference ${o.maxAbs.toPrecision(3)}`);
  const suspects = c.layers.filter((l) => l.lost >= suspicious);
  out.push(
    "",
    suspects.length
      ? `${suspects.length} layer${suspects.length > 1 ? "s lose" : " loses"} more than rounding does:`
      : "no layer loses more than rounding does",
  );
  for (const l of suspects.slice(0, top)) {
    out.push(
      `  ${l.module ?? l.id} (${l.id}): ${decibels(l.snr)}, ${l.lost.toFixed(0)} dB less than before`,
      ...(l.frame ? [`    --> ${placeOf(l)}${l.frame.source ? `\n        ${l.frame.source}` : ""}`] : []),
      ...(l.modules.length > 1 ? [`    one op with ${l.modules.slice(1).join(", ")}`] : []),
    );
  }
  const rows = c.layers
    .slice(0, top)
    .map((l) => [
      decibels(l.snr),
      l.lost ? `-${l.lost.toFixed(1)}` : "",
      l.maxAbs.toPrecision(3),
      l.id,
      l.modules.join("+") || "",
      l.lowered,
      placeOf(l),
    ]);
  const table = [["SNR", "lost", "max diff", "node", "module", "in the file", "Python"], ...rows];
  const widths = table[0]!.map((_, i) => Math.max(...table.map((r) => r[i]!.length)));
  out.push(
    "",
    ...table.map((r) =>
      r
        .map((x, i) => (i < 3 ? x.padStart(widths[i]!) : x.padEnd(widths[i]!)))
        .join("  ")
        .trimEnd(),
    ),
  );
  out.push(
    "",
    `${c.layers.length} layers compared${c.layers.length > top ? `, ${top} shown` : ""}; ${c.hidden} values of the program are in no tensor of the file, because ops were fused`,
  );
  return `${out.join("\n")}\n`;
}

/** JSON has no infinities: they are words. */
const finite = (n: number): number | string => (Number.isFinite(n) ? n : String(n));
function toJson(input: string, c: Comparison | QuantizedComparison): object {
  const error = (e: { readonly snr: number; readonly maxAbs: number }) => ({
    snr: finite(e.snr),
    maxAbs: finite(e.maxAbs),
  });
  return {
    input,
    source: c.source,
    notes: c.notes,
    outputs: c.outputs.map((o) => ({ name: o.name, ...error(o) })),
    layers: c.layers.map((l) => ({
      id: l.id,
      op: l.op,
      ...(l.module !== undefined && { module: l.module }),
      modules: l.modules,
      ...(l.frame && { location: placeOf(l) }),
      lowered: l.lowered,
      ...error(l),
      ...("cosine" in l && { cosine: finite(l.cosine as number) }),
      lost: l.lost,
    })),
    hidden: c.hidden,
    ...("floatLayers" in c && {
      samples: c.quality.samples,
      ...(c.quality.accuracy !== undefined && { accuracy: c.quality.accuracy }),
      ...(c.floatAccuracy !== undefined && { floatAccuracy: c.floatAccuracy }),
      floatLayers: c.floatLayers,
    }),
  };
}
