import { type TfliteFile, toTfliteFile } from "@tflower/backend-tflite";
import { CompileError, type Graph, type Module, outline, type Partitioning } from "@tflower/core";
import type { QnnCode } from "../codes.ts";
import { buildQnnGraph } from "../graph/build-qnn-graph.ts";
import type { QnnGraph } from "../graph/qnn-graph.ts";
import { QnnRefusal } from "../graph/refusal.ts";
import { legalizeGraph } from "../passes/legalize.ts";
import { unplaced } from "./aot-file.ts";
import { compiledDispatchOp, dispatchOp } from "./dispatch-op.ts";

/** Graphs that callers run; bodies of control flow stay on the CPU with the op that calls them. */
export const entryGraphs = (module: Module): readonly Graph[] => {
  const named = new Set(module.signatures.map((s) => s.graph));
  return module.graphs.filter((g, i) => (named.size ? named.has(g.name) : i === 0));
};

/** The graph of one partition, and the names by which the file knows what it takes and gives. */
export interface Dispatched {
  readonly body: Graph;
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/** Puts dispatch nodes in the place of partitions, and gives the file and what the nodes run. Their graphs leave the module. */
export function dispatchPartitions(
  module: Module,
  partitioning: readonly Partitioning[],
): { readonly bodies: readonly Dispatched[]; readonly file: TfliteFile } {
  let count = 0;
  const outlined = partitioning.flatMap((p) =>
    outline(
      p,
      ({ partition, body }) => ({
        op: compiledDispatchOp,
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
    [...g.nodes].filter((n) => n.is(compiledDispatchOp)).map((n) => (n.attrs as { partition: string }).partition),
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

/** A partition in QNN's terms. Its graph is legalised in place. */
export function putInQnn({ body, name, inputs, outputs }: Dispatched): QnnGraph {
  try {
    legalizeGraph(body);
    return buildQnnGraph(body, name, { inputs, outputs });
  } catch (e) {
    if (!(e instanceof QnnRefusal)) throw e;
    throw new CompileError([
      {
        severity: "error",
        code: "QNN0009" satisfies QnnCode,
        message: `"${name}" cannot be put in QNN's terms: ${e.message}`,
        ...(e.fix !== undefined && { help: e.fix }),
      },
    ]);
  }
}

/**
 * The file with partitions as graphs of their own, which `DISPATCH_OP`s without options stand for in their order: LiteRT's form before it
 * is compiled. It takes no library of Qualcomm's.
 */
export function partitionOnlyFile(module: Module, partitioning: readonly Partitioning[]): TfliteFile {
  let count = 0;
  for (const p of partitioning)
    outline(
      p,
      ({ partition, body }) => ({
        op: dispatchOp,
        operands: { inputs: partition.inputs },
        attrs: { partition: body.name },
      }),
      () => `qnn_partition_${count++}`,
    );
  return toTfliteFile(module);
}

/** Bytes in base64, which a page can do without Node. */
function base64(bytes: Uint8Array): string {
  let text = "";
  for (const b of bytes) text += String.fromCharCode(b);
  return btoa(text);
}
