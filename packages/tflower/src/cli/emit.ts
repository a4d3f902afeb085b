import {
  allPasses,
  type Compiler,
  type Diagnostic,
  type Module,
  type Pass,
  type PassTime,
  type Pipeline,
  printModule,
} from "@tflower/core";
import { bytesOverlay, macsOverlay } from "../model-explorer/node-data.ts";
import { finalStage, stageSnapshots } from "../model-explorer/stage-snapshots.ts";
import { writeFileAtomically } from "../node/write-file.ts";
import { targetOfSettings } from "../partition/partition-target.ts";
import { placementBy } from "../partition/placement.ts";
import { htmlReport } from "../report/html-report.ts";
import { reportOf } from "../report/report-of.ts";
import { UsageError } from "./usage-error.ts";

const kinds = ["tflite", "ir", "report", "model-explorer"] as const;
/** Something that a conversion can write. */
export type EmitKind = (typeof kinds)[number];

/** Reads `--emit`. */
export function parseEmit(text: string | undefined): ReadonlySet<EmitKind> {
  const names = (text ?? "tflite").split(",").map((n) => n.trim());
  const unknown = names.find((n) => !(kinds as readonly string[]).includes(n));
  if (unknown !== undefined) throw new UsageError(`--emit: expected some of ${kinds.join(", ")}, got "${unknown}"`);
  return new Set(names as EmitKind[]);
}

/** Writes a text, whole or not at all. */
export const writeText = (path: string, text: string): Promise<void> =>
  writeFileAtomically(path, async (sink) => void (await sink.write(new TextEncoder().encode(text))));

/** What a conversion writes beside its `.tflite`. */
export interface SideFiles {
  readonly pipeline: (stages: Pipeline) => readonly Pass[];
  write(module: Module, facts: SideFacts): Promise<void>;
}
/** What is known when everything else is done. */
export interface SideFacts {
  readonly fileBytes?: number;
  readonly diagnostics: readonly Diagnostic[];
  readonly times: readonly PassTime[];
  /** How it was quantized, for people. */
  readonly quantized?: string;
  /** Whose plugins say which op runs where. */
  readonly compiler: Compiler;
}

/** Prepares what is asked for, beside `output`. */
export function sideFiles(
  output: string,
  emit: ReadonlySet<EmitKind>,
  report: string | undefined,
  pipeline: (stages: Pipeline) => readonly Pass[] = allPasses,
): SideFiles {
  const base = output.replace(/\.tflite$/, "");
  const snapshots = emit.has("model-explorer") ? stageSnapshots() : undefined;
  const page = report ?? (emit.has("report") ? `${base}.html` : undefined);
  const label = base.replace(/^.*[\\/]/, "");
  return {
    pipeline: snapshots ? (p) => pipeline(snapshots.watch(p)) : pipeline,
    async write(module, facts) {
      if (emit.has("ir")) await writeText(`${base}.ir`, printModule(module, { constants: "full" }));
      if (snapshots) {
        await writeText(`${base}.model-explorer.json`, `${JSON.stringify(snapshots.collection(label))}\n`);
        await writeText(`${base}.macs.json`, `${JSON.stringify(macsOverlay(module, finalStage))}\n`);
        await writeText(`${base}.bytes.json`, `${JSON.stringify(bytesOverlay(module, finalStage))}\n`);
      }
      if (page === undefined) return;
      const placement = placementBy(facts.compiler, module, targetOfSettings(facts.compiler));
      await writeText(page, htmlReport(reportOf(module, { title: label, ...facts, placement })));
    },
  };
}
