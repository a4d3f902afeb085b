import {
  calledGraphs,
  type Graph,
  type Location,
  type Node,
  type RunGraphOptions,
  runGraph,
  type TensorData,
} from "@tflower/core";

/** One value of the program as it should be. */
export interface ReferenceValue {
  /** Name of the node in the exported program. */
  readonly id: string;
  readonly op: string;
  readonly location: Location;
  readonly data: TensorData;
}

/** What one graph that a node runs should compute, at one call. */
export interface ReferenceCall {
  readonly inputs: readonly TensorData[];
  readonly values: Reference["values"];
  readonly controls: Reference["controls"];
}
/** A graph that a node of the program runs: never, once, or again and again. */
export interface ReferenceBody {
  readonly name: string;
  readonly calls: number;
  readonly first?: ReferenceCall;
  readonly last?: ReferenceCall;
}

/** Values by id, in the order of the program. */
export interface Reference {
  readonly values: ReadonlyMap<string, readonly ReferenceValue[]>;
  /** Graphs that nodes run, by the node's id and in the order in which its op names them; none where the numbers are not known. */
  readonly controls: ReadonlyMap<string, readonly ReferenceBody[]>;
  readonly outputs: readonly (TensorData | undefined)[];
  /** Where the numbers come from, for people. */
  readonly source: string;
  /** Names in the file that nothing of the program is called. */
  readonly ignored?: readonly string[];
}

/** Computes every value by the reference semantics of the ops: slow, and right. */
export async function evaluateReference(graph: Graph, inputs: readonly TensorData[]): Promise<Reference> {
  const seen = new SeenValues();
  const outputs = await runGraph(graph, inputs, seen.options);
  return {
    values: seen.values,
    controls: seen.controls,
    outputs,
    source: "the reference semantics of the program's ops",
  };
}

/** Notes what is computed in a graph, and in the graphs that it runs: at their first call and their last. */
class SeenValues {
  readonly values = new Map<string, readonly ReferenceValue[]>();
  readonly controls = new Map<string, Mutable<ReferenceBody>[]>();
  readonly options: RunGraphOptions = {
    observe: (node, results) => {
      const location = node.locations[0];
      if (!location?.id) return;
      // a node that became several under one name: the last one has its value
      const { id } = location;
      this.values.set(
        id,
        results.map((data) => ({ id, op: node.op.name, location, data })),
      );
    },
    enter: (node, graph, inputs) => {
      const id = node.locations[0]?.id;
      if (id === undefined) return undefined;
      const bodies: Mutable<ReferenceBody>[] =
        this.controls.get(id) ?? calledGraphs(node).map((name) => ({ name, calls: 0 }));
      this.controls.set(id, bodies);
      const body = bodies.find((b) => b.name === graph)!;
      const { values, controls, options } = new SeenValues();
      const call = { inputs, values, controls };
      body.calls++;
      body.first ??= call;
      body.last = call;
      return options;
    },
  };
}
type Mutable<T> = { -readonly [K in keyof T]: T[K] };

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
  const outputs = graph.outputs.map((_, i) => tensors.get(`out.${i}`));
  return { values, controls: new Map(), outputs, source, ignored };
}
