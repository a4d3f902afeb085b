import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TfliteFile, toTfliteFile } from "@tflower/backend-tflite";
import {
  type CompileError,
  type Diagnostic,
  type Graph,
  type Module,
  type Node,
  outline,
  type Partitioning,
  type PartitionOptions,
  partitionGraph,
} from "@tflower/core";
import { unplaced, writeAotFile } from "../aot/aot-file.ts";
import { dispatchOp } from "../aot/dispatch-op.ts";
import { buildQnnGraph } from "../graph/build-qnn-graph.ts";
import type { QnnGraph } from "../graph/qnn-graph.ts";
import { QnnRefusal } from "../graph/refusal.ts";
import { legalizeGraph } from "../passes/legalize.ts";
import type { Soc } from "../soc.ts";
import { toSupport } from "../support-verdict.ts";
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
    const judged = await judgeNodes(nodes, options.socs[0]!, { process, build, cache });
    cache.save();
    const surprises = [...judged].filter(([, j]) => j.table.verdict.supported && !j.verdict.supported);
    for (const [node, { verdict }] of surprises) options.report?.(surprise(node, verdict as { reason: string }));
    const partitioning = entryGraphs(module).map((g) =>
      partitionGraph(g, (n) => (judged.has(n) ? toSupport(judged.get(n)!.verdict) : undefined), options.partition),
    );
    const { bodies, file } = dispatch(module, partitioning);
    if (!bodies.length) throw nothingToCompile(judged);
    const graphs = bodies.map(({ body, name, inputs, outputs }) => {
      const nodes = [...body.nodes].length;
      return { name, nodes, graph: putInQnn(body, name, inputs, outputs) };
    });
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
        const { bytes, ms } = await fresh.compile({ soc: soc.id, float16: soc.float16, graphs: sent, weights, output });
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

/** Graphs that callers run; bodies of control flow stay on the CPU with the op that calls them. */
const entryGraphs = (module: Module): readonly Graph[] => {
  const named = new Set(module.signatures.map((s) => s.graph));
  return module.graphs.filter((g, i) => (named.size ? named.has(g.name) : i === 0));
};

interface Dispatched {
  readonly body: Graph;
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/** Puts dispatch nodes in the place of partitions, and gives the file and what the nodes run. */
function dispatch(
  module: Module,
  partitioning: readonly Partitioning[],
): { readonly bodies: readonly Dispatched[]; readonly file: TfliteFile } {
  let count = 0;
  const outlined = partitioning.flatMap((p) =>
    outline(
      p,
      ({ partition, body }) => ({
        op: dispatchOp,
        operands: { inputs: partition.inputs },
        attrs: { options: base64(unplaced(body.name)), partition: body.name },
      }),
      () => `qnn_partition_${count++}`,
    ),
  );
  const bodies = outlined.map((o) => o.body);
  for (const b of bodies) module.remove(b.name);
  const file = uniqueNames(toTfliteFile(module));
  const operators = file.subgraphs.flatMap((s) =>
    s.operators.filter((op) => op.customCode === "DISPATCH_OP").map((op) => ({ op, tensors: s.tensors })),
  );
  const order = entryGraphs(module).flatMap((g) =>
    [...g.nodes].filter((n) => n.is(dispatchOp)).map((n) => (n.attrs as { partition: string }).partition),
  );
  return {
    file,
    bodies: order.map((name, i) => {
      const { op, tensors } = operators[i]!;
      const of = (ids: readonly number[]): readonly string[] => ids.map((t) => tensors[t]!.name!);
      return { body: bodies.find((b) => b.name === name)!, name, inputs: of(op.inputs), outputs: of(op.outputs) };
    }),
  };
}

/** QNN knows a graph's tensors by their names, so that no two of a subgraph may have the same one. */
function uniqueNames(file: TfliteFile): TfliteFile {
  return {
    ...file,
    subgraphs: file.subgraphs.map((s) => {
      const taken = new Set<string>();
      return {
        ...s,
        tensors: s.tensors.map((t, i) => {
          let name = t.name || `tensor_${i}`;
          for (let k = 1; taken.has(name); k++) name = `${t.name}_${k}`;
          taken.add(name);
          return { ...t, name };
        }),
      };
    }),
  };
}

function putInQnn(body: Graph, name: string, inputs: readonly string[], outputs: readonly string[]): QnnGraph {
  try {
    legalizeGraph(body);
    return buildQnnGraph(body, name, { inputs, outputs });
  } catch (e) {
    if (!(e instanceof QnnRefusal)) throw e;
    throw qnnError("QNN0009", `"${name}" cannot be put in QNN's terms: ${e.message}`, {
      ...(e.fix !== undefined && { help: e.fix }),
    });
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

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");
