import { extname } from "node:path";
import type { Diagnostic, Module, Pin } from "@tflower/core";
import { CompileError } from "@tflower/core";
import { knownSocs, type Soc, unknownSoc } from "@tflower/delegate-qnn";
import { writeFileAtomically } from "../node/write-file.ts";

/** What `tflower partition FILE --target qnn:SOC -o OUT.tflite` is given. */
export interface CompileQnnOptions {
  /** `qnn:SM8650`, or several systems with commas between. */
  readonly target: string;
  readonly output: string;
  /** Folder of QNN's libraries. */
  readonly libraries?: string;
  readonly keep: readonly Pin[];
  readonly minNodes?: number;
  readonly maxPartitions?: number;
  readonly report: (diagnostic: Diagnostic) => void;
}

/** The systems that a target names. Throws a `CompileError` with all that are unknown. */
export function socsOf(target: string): readonly Soc[] {
  const names = target.slice("qnn:".length).split(",");
  const unknown = names.filter((n) => !knownSocs.socs.has(n));
  if (unknown.length) throw new CompileError(unknown.map(unknownSoc));
  return names.map((n) => knownSocs.socs.get(n)!);
}

/** The name of the file for one of several systems: `OUT.SM8650.tflite`. */
function outputFor(output: string, soc: Soc, several: boolean): string {
  const extension = extname(output);
  return several ? `${output.slice(0, output.length - extension.length)}.${soc.name}${extension}` : output;
}

/** Folder in which the validator's answers are kept. */
function cacheFolder(): string | undefined {
  const { XDG_CACHE_HOME, HOME, LOCALAPPDATA } = process.env;
  const base = XDG_CACHE_HOME ?? LOCALAPPDATA ?? (HOME ? `${HOME}/.cache` : undefined);
  return base && `${base}/tflower`;
}

/** Compiles a module's partitions through QNN and writes one ahead-of-time file for each system. The module is changed. */
export async function compileQnn(module: Module, options: CompileQnnOptions): Promise<readonly string[]> {
  const socs = socsOf(options.target);
  const { compileForQnn } = await import("@tflower/delegate-qnn/node");
  const cache = cacheFolder();
  const { build, partitions, files } = await compileForQnn(module, {
    socs,
    ...(options.libraries !== undefined && { libraries: options.libraries }),
    ...(cache !== undefined && { cache }),
    partition: {
      keep: options.keep,
      ...(options.minNodes !== undefined && { minNodes: options.minNodes }),
      ...(options.maxPartitions !== undefined && { maxPartitions: options.maxPartitions }),
    },
    report: options.report,
  });
  const lines: string[] = [];
  for (const { soc, file, contextBytes, ms } of files) {
    const path = outputFor(options.output, soc, socs.length > 1);
    await writeFileAtomically(path, async (sink) => sink.write(file));
    const count = partitions.length === 1 ? "1 partition" : `${partitions.length} partitions`;
    lines.push(`${path} (${soc.name}: ${count}, ${contextBytes} bytes of byte code, QNN ${build}, ${ms} ms)`);
  }
  return lines;
}
