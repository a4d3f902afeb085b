import { type Graph, type Location, type Node, runGraph, type TensorData } from "@tflower/core";

/** One value of the program as it should be. */
export interface ReferenceValue {
  /** Name of the node in the exported program. */
  readonly id: string;
  readonly op: string;
  readonly location: Location;
  readonly data: TensorData;
}

/** Values by id, in the order of the program. */
export interface Reference {
  readonly values: ReadonlyMap<string, readonly ReferenceValue[]>;
  readonly outputs: readonly (TensorData | undefined)[];
  /** Where the numbers come from, for people. */
  readonly source: string;
  /** Names in the file that nothing of the program is called. */
  readonly ignored?: readonly string[];
}

/** Computes every value by the reference semantics of the ops: slow, and right. */
export async function evaluateReference(graph: Graph, inputs: readonly TensorData[]): Promise<Reference> {
  const values = new Map<string, ReferenceValue[]>();
  const outputs = await runGraph(graph, inputs, {
    observe(node, results) {
      const location = node.locations[0];
      if (!location?.id) return;
      // a node that became several under one name: the last one has its value
      values.set(
        location.id,
        results.map((data) => ({ id: location.id!, op: node.op.name, location, data })),
      );
    },
  });
  return { values, outputs, source: "the reference semantics of the program's ops" };
}

/**
 * Values that PyTorch computed, by name: of a node of the exported program, or of a module, which stands for the last node in it.
 * `out.K` is output K.
 */
export function referenceFrom(graph: Graph, tensors: ReadonlyMap<string, TensorData>, source: string): Reference {
  const nodes = [...graph.nodes];
  const found = new Map<Node, TensorData>();
  const ignored: string[] = [];
  for (const [name, data] of tensors) {
    if (/^(in|out)\.\d+$/.test(name)) continue;
    const node =
      nodes.findLast((n) => n.locations[0]?.id === name) ??
      nodes.findLast((n) => {
        const path = n.locations[0]?.module;
        return path === name || path?.startsWith(`${name}.`);
      });
    if (node) found.set(node, data);
    else ignored.push(name);
  }
  const values = new Map<string, ReferenceValue[]>();
  for (const n of nodes) {
    const data = found.get(n);
    const location = n.locations[0];
    if (data && location?.id) values.set(location.id, [{ id: location.id, op: n.op.name, location, data }]);
  }
  return { values, outputs: graph.outputs.map((_, i) => tensors.get(`out.${i}`)), source, ignored };
}
