import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CompileError, Diagnostic, Module, Node, Partitioning, PartitionOptions } from "@tflower/core";
import { writeAotFile } from "../aot/aot-file.ts";
import { dispatchPartitions, putInQnn } from "../aot/dispatch-partitions.ts";
import type { QnnGraph } from "../graph/qnn-graph.ts";
import { partitionForQnn } from "../partition-for-qnn.ts";
import type { Soc } from "../soc.ts";
import { hasHtp } from "../soc-table.ts";
import { findLibraries } from "./find-libraries.ts";
import { qnnError } from "./qnn-error.ts";
import { QnnProcess } from "./qnn-process.ts";
import { type Judged, judgeNodes } from "./validate-nodes.ts";
import { ValidatorCache } from "./validator-cache.ts";
import { writeWeights } from "./write-weights.ts";

/** What {@link compileForQnn} is asked for. */
export interface CompileForQnnOptions {
  readonly socs: readonly Soc[];
  /** Folder of QNN's libraries; that of `QNN_LIB_DIR` by default. */
  readonly libraries?: string;
  /** Folder in which the validator's answers are kept. */
  readonly cache?: string;
  readonly partition?: PartitionOptions;
  readonly report?: (diagnostic: Diagnostic) => void;
}

/** One file for one system on chip. */
export interface CompiledForSoc {
  readonly soc: Soc;
  readonly file: Uint8Array;
  /** Bytes of its context binary, and milliseconds that QNN took. */
  readonly contextBytes: number;
  readonly ms: number;
}

/** What a program became. */
export interface CompiledForQnn {
  readonly build: string;
  readonly partitions: readonly { readonly name: string; readonly nodes: number; readonly graph: QnnGraph }[];
  readonly files: readonly CompiledForSoc[];
  readonly partitioning: readonly Partitioning[];
  readonly judged: ReadonlyMap<Node, Judged>;
}

/**
 * Compiles the partitions of a module of tfl ops that Qualcomm's NPUs can run, through the user's QNN libraries, and gives LiteRT's
 * ahead-of-time files, one for each system on chip. The module is changed: its partitions are dispatch nodes afterwards.
 */
export async function compileForQnn(module: Module, options: CompileForQnnOptions): Promise<CompiledForQnn> {
  const libraries = findLibraries(options.libraries);
  const process = new QnnProcess(libraries);
  const folder = mkdtempSync(join(tmpdir(), "tflower-qnn-"));
  try {
    const { build } = await process.describe();
    const cache = new ValidatorCache(build, options.cache);
    const nodes = module.graphs.flatMap((g) => [...g.nodes]);
    // what runs on the least of them runs on all
    const least = options.socs.find((s) => !hasHtp(s)) ?? options.socs.find((s) => !s.float16) ?? options.socs[0]!;
    const judged = await judgeNodes(nodes, least, { process, build, cache });
    cache.save();
    const surprises = [...judged].filter(([, j]) => j.table.verdict.supported && !j.verdict.supported);
    for (const [node, { verdict }] of surprises) options.report?.(surprise(node, verdict as { reason: string }));
    const partitioning = partitionForQnn(module, least, options.partition, (n) => judged.get(n)!.verdict);
    const { bodies, file } = dispatchPartitions(module, partitioning);
    if (!bodies.length) throw nothingToCompile(judged);
    const graphs = bodies.map((d) => ({ name: d.name, nodes: [...d.body.nodes].length, graph: putInQnn(d) }));
    const weights = join(folder, "weights.bin");
    const sent = await writeWeights(
      graphs.map((g) => g.graph),
      weights,
    );
    const files: CompiledForSoc[] = [];
    for (const soc of options.socs) {
      const output = join(folder, `${soc.name}.bin`);
      const fresh = new QnnProcess(libraries);
      try {
        const { bytes, ms } = await fresh.compile({
          soc: soc.id,
          float16: soc.float16,
          graphs: sent,
          weights,
          output,
        });
        const code = { bytes: new Uint8Array(readFileSync(output)), graphs: graphs.map((g) => g.name) };
        files.push({ soc, file: await writeAotFile(file, [code], soc.name), contextBytes: bytes, ms });
      } finally {
        fresh.close();
      }
    }
    return { build, partitions: graphs, files, partitioning, judged };
  } finally {
    process.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function surprise(node: Node, verdict: { readonly reason: string }): Diagnostic {
  const location = node.locations[0];
  return {
    severity: "warning",
    code: "QNN0005",
    message: `the validator rejects what tflower's table accepts, so it runs on the CPU: ${verdict.reason}`,
    op: node.op.name,
    subject: node.describe(),
    ...(location && { location }),
    help: "the table is behind this version of QNN: please report it",
  };
}

function nothingToCompile(judged: ReadonlyMap<Node, Judged>): CompileError {
  const reasons = new Map<string, number>();
  for (const [, { verdict }] of judged)
    if (!verdict.supported) reasons.set(verdict.reason, (reasons.get(verdict.reason) ?? 0) + 1);
  return qnnError("QNN0008", "no op of the program can run on the NPU", {
    notes: [...reasons].slice(0, 8).map(([why, n]) => `${n} x ${why}`),
    help: "see what each op lacks with `tflower partition FILE --target qnn:SOC`",
  });
}
