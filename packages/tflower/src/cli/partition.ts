import { readFile } from "node:fs/promises";
import { basename, dirname, extname, relative, resolve } from "node:path";
import { fromTfliteFile, readTflite, toTfliteFile, writeTflite } from "@tflower/backend-tflite";
import { CompileError, type Compiler, type Diagnostic, type Module, type Pin } from "@tflower/core";
import { readPt2 } from "@tflower/frontend-pt2";
import { compileProgram } from "../compile.ts";
import { finalStage } from "../model-explorer/stage-snapshots.ts";
import { toModelExplorer } from "../model-explorer/to-model-explorer.ts";
import { fileSource } from "../node/file-source.ts";
import { writeFileAtomically } from "../node/write-file.ts";
import { aihubScript } from "../partition/aihub-script.ts";
import { outlinePartitions } from "../partition/outline-partitions.ts";
import { type PartitionTarget, partitionTarget, requireVerdict } from "../partition/partition-target.ts";
import { type Placement, placementBy } from "../partition/placement.ts";
import { placementJson } from "../partition/placement-json.ts";
import { placementOverlay } from "../partition/placement-overlay.ts";
import { placementText } from "../partition/placement-text.ts";
import { htmlReport } from "../report/html-report.ts";
import { reportOf } from "../report/report-of.ts";
import { cliError } from "./cli-error.ts";
import { compileQnn } from "./compile-qnn.ts";
import { writeText } from "./emit.ts";
import { diagnosticsOf, printDiagnostics, toJson } from "./report.ts";
import { UsageError } from "./usage-error.ts";
import { type CompilerFlags, useCompiler } from "./use-compiler.ts";

export interface PartitionFlags extends Omit<CompilerFlags, "target"> {
  readonly target: string;
  readonly model?: string;
  readonly keepOnCpu?: readonly string[];
  readonly minOps?: string;
  readonly maxPartitions?: string;
  readonly ops?: boolean;
  readonly emit?: string;
  readonly report?: string;
  readonly partitionOnly?: boolean;
  readonly aihub?: boolean;
  readonly output?: string;
  readonly qnnLibs?: string;
  readonly json?: boolean;
}

const kinds = ["report", "model-explorer"] as const;
/** Reads `--emit`. */
function emitted(text: string | undefined): ReadonlySet<(typeof kinds)[number]> {
  if (text === undefined) return new Set();
  const names = text.split(",").map((n) => n.trim());
  const unknown = names.find((n) => !(kinds as readonly string[]).includes(n));
  if (unknown !== undefined) throw new UsageError(`--emit: expected some of ${kinds.join(", ")}, got "${unknown}"`);
  return new Set(names as (typeof kinds)[number][]);
}
function count(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const n = Number(text);
  if (!Number.isInteger(n) || n < 0) throw new UsageError(`${flag}: expected a number such as 3, got "${text}"`);
  return n;
}

interface Loaded {
  readonly module: Module;
  readonly isProgram: boolean;
  readonly notes: readonly Diagnostic[];
}

/** A `.tflite` as it is, or a `.pt2` as it is lowered for the target: its weights are read from `source` when they are written. */
async function load(
  path: string,
  source: Awaited<ReturnType<typeof fileSource>>,
  compiler: Compiler,
  model: string | undefined,
): Promise<Loaded> {
  const notes: Diagnostic[] = [];
  try {
    const head = source.size >= 8 ? await source.read(0, 8) : new Uint8Array(8);
    if (String.fromCharCode(...head.subarray(4, 8)) === "TFL3")
      return {
        module: fromTfliteFile(readTflite(await readFile(path)), { name: path }),
        isProgram: false,
        notes,
      };
    if (head[0] !== 0x50 || head[1] !== 0x4b)
      throw cliError("CLI0013", `${path} is neither a .tflite nor a .pt2`, {
        notes: ["a .tflite has TFL3 at its fifth byte, and a .pt2 is a zip archive"],
        help: "give a .tflite, or a program saved with torch.export.save",
      });
    const program = await readPt2(source, model === undefined ? {} : { model });
    const module = await compileProgram(program, compiler, { report: (d) => notes.push(d) });
    return { module, isProgram: true, notes };
  } catch (e) {
    throw e instanceof CompileError && notes.length ? new CompileError([...e.diagnostics, ...notes]) : e;
  }
}

/** A pattern means an op or a module, whichever fits. */
const pinsOf = (patterns: readonly string[] = []): readonly Pin[] =>
  patterns.flatMap((p) => [{ op: p }, { module: p }]);

/** `tflower partition`: which op runs where, and why not on the delegate. Gives the exit code. */
export async function partitionCommand(path: string, flags: PartitionFlags): Promise<number> {
  const emit = emitted(flags.emit);
  const minNodes = count("--min-ops", flags.minOps);
  const maxPartitions = count("--max-partitions", flags.maxPartitions);
  if (flags.partitionOnly && flags.output === undefined)
    throw new UsageError("--partition-only writes a file: expected -o FILE.tflite");
  const compiles = flags.output !== undefined && !flags.partitionOnly && !flags.aihub;
  if (compiles && !flags.target.startsWith("qnn:"))
    throw new UsageError("-o names what --partition-only or --aihub writes, and neither is given");
  if (flags.output !== undefined && resolve(flags.output) === resolve(path))
    throw new UsageError(`the output would take the place of the input ${path}`);
  let source: Awaited<ReturnType<typeof fileSource>> | undefined;
  try {
    // of several systems, the first one stands for all in what is shown
    const target = partitionTarget(flags.target.split(",")[0]!);
    const { compiler } = await useCompiler({ ...flags, target: target.settings });
    requireVerdict(compiler, target);
    source = await fileSource(path);
    const { module, isProgram, notes } = await load(path, source, compiler, flags.model);
    const placement = placementBy(compiler, module, target, {
      keep: pinsOf(flags.keepOnCpu),
      ...(minNodes !== undefined && { minNodes }),
      ...(maxPartitions !== undefined && { maxPartitions }),
    });
    if (flags.json)
      process.stdout.write(
        `${JSON.stringify({ ...placementJson(placement, path), diagnostics: notes.map(toJson) })}\n`,
      );
    else {
      printDiagnostics(notes.filter((d) => d.severity !== "note"));
      process.stdout.write(placementText(placement, path, flags.ops));
    }
    const base = (flags.output ?? path).slice(0, -extname(flags.output ?? path).length || undefined);
    await writeSideFiles(base, module, placement, emit, flags.report);
    if (flags.aihub) await writeAihub(path, base, module, isProgram, target);
    if (compiles)
      for (const line of await compileQnn(module, {
        target: flags.target,
        output: flags.output!,
        ...(flags.qnnLibs !== undefined && { libraries: flags.qnnLibs }),
        keep: pinsOf(flags.keepOnCpu),
        ...(minNodes !== undefined && { minNodes }),
        ...(maxPartitions !== undefined && { maxPartitions }),
        report: (d) => printDiagnostics([d]),
      }))
        say(line);
    if (flags.partitionOnly) {
      outlinePartitions(compiler, placement);
      await writeModel(module, flags.output!);
    }
    return 0;
  } catch (e) {
    if (e instanceof UsageError) throw e;
    const all = diagnosticsOf(e, path);
    if (flags.json)
      process.stdout.write(`${JSON.stringify({ file: path, target: flags.target, diagnostics: all.map(toJson) })}\n`);
    else printDiagnostics(all);
    return 1;
  } finally {
    await source?.close?.();
  }
}

const say = (text: string): void => void process.stderr.write(`${text}\n`);
async function writeModel(module: Module, path: string): Promise<void> {
  const file = toTfliteFile(module);
  await writeFileAtomically(path, (sink) => writeTflite(file, sink));
  say(path);
}

async function writeSideFiles(
  base: string,
  module: Module,
  placement: Placement,
  emit: ReadonlySet<(typeof kinds)[number]>,
  report: string | undefined,
): Promise<void> {
  const label = basename(base);
  if (emit.has("model-explorer")) {
    const collection = { label, graphs: toModelExplorer(module, finalStage) };
    await writeText(`${base}.model-explorer.json`, `${JSON.stringify(collection)}\n`);
    const overlay = placementOverlay(module, finalStage, placement);
    await writeText(`${base}.partitions.json`, `${JSON.stringify(overlay)}\n`);
    say(`${base}.model-explorer.json, ${base}.partitions.json`);
  }
  const page = report ?? (emit.has("report") ? `${base}.html` : undefined);
  if (page === undefined) return;
  await writeText(page, htmlReport(reportOf(module, { title: label, placement })));
  say(page);
}

/** The script for AI Hub, and the `.tflite` it uploads where that is not the input itself. */
async function writeAihub(
  path: string,
  base: string,
  module: Module,
  isProgram: boolean,
  target: PartitionTarget,
): Promise<void> {
  if (isProgram) await writeModel(module, `${base}.tflite`);
  const files = isProgram
    ? {
        model: `${basename(base)}.tflite`,
        program: relative(dirname(resolve(base)), resolve(path)).replaceAll("\\", "/"),
      }
    : { model: basename(path) };
  await writeText(`${base}.aihub.py`, aihubScript(module, target, files));
  say(`${base}.aihub.py`);
}
