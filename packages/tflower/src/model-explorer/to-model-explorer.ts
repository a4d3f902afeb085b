import { dtypes, type Graph, type Module, type Node, showAttr, showDim, userFrame, type Value } from "@tflower/core";

/** One line of a node's panel. */
export interface KeyValue {
  readonly key: string;
  readonly value: string;
}
/** A node as Model Explorer reads it. */
export interface ExplorerNode {
  readonly id: string;
  readonly label: string;
  /** Groups around it, outermost first, with slashes between. */
  readonly namespace: string;
  readonly subgraphIds?: readonly string[];
  readonly attrs?: readonly KeyValue[];
  readonly incomingEdges?: readonly {
    readonly sourceNodeId: string;
    readonly sourceNodeOutputId: string;
    readonly targetNodeInputId: string;
  }[];
  readonly inputsMetadata?: readonly PortMetadata[];
  readonly outputsMetadata?: readonly PortMetadata[];
}
interface PortMetadata {
  readonly id: string;
  readonly attrs: readonly KeyValue[];
}
/** A graph as Model Explorer reads it. */
export interface ExplorerGraph {
  readonly id: string;
  readonly nodes: readonly ExplorerNode[];
  readonly groupNodeAttributes?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}
/** A file of graphs, for `model-explorer FILE.json`. */
export interface ExplorerCollection {
  readonly label: string;
  readonly graphs: readonly ExplorerGraph[];
}

/** Id of a graph of a module in a stage; overlays refer to it. */
export const explorerGraphId = (stage: string, graph: string): string => `${stage}: ${graph}`;

/** Ids of nodes: their places in the graph. */
export function explorerNodeIds(graph: Graph): ReadonlyMap<Node, string> {
  return new Map([...graph.nodes].map((n, i) => [n, `node ${i}`]));
}

const prefixes: Readonly<Record<string, string>> = { float: "float", int: "int", uint: "uint", complex: "complex" };
/** A type in the words of TensorFlow: `float32[1,3]`. */
function showTensorType(v: Value): string {
  const { dtype, shape } = v.type;
  const { kind, bits } = dtypes[dtype] as { readonly kind: string; readonly bits: number };
  const name = prefixes[kind] && !/^(bf16|f8)/.test(dtype) ? `${prefixes[kind]}${bits}` : dtype;
  return `${name}[${shape.map((d) => (typeof d === "number" ? String(d) : showDim(d))).join(",")}]`;
}

const metadata = (values: readonly Value[]): readonly PortMetadata[] =>
  values.map((v, i) => ({
    id: String(i),
    attrs: [
      { key: "tensor_shape", value: showTensorType(v) },
      ...(v.name === undefined ? [] : [{ key: "tensor_name", value: v.name }]),
    ],
  }));

/** The graphs of a module, with the modules of the user's program as groups. */
export function toModelExplorer(module: Module, stage: string): readonly ExplorerGraph[] {
  return module.graphs.map((g) => new Drawing(g, stage).draw());
}

class Drawing {
  private readonly graph: Graph;
  private readonly stage: string;
  private readonly ids: ReadonlyMap<Node, string>;
  /** Which node gives a value, at which place. */
  private readonly sources = new Map<Value, { readonly id: string; readonly output: string }>();
  private readonly nodes: ExplorerNode[] = [];

  constructor(graph: Graph, stage: string) {
    this.graph = graph;
    this.stage = stage;
    this.ids = explorerNodeIds(graph);
  }

  draw(): ExplorerGraph {
    const { graph } = this;
    const inputs = [...graph.inputs, ...graph.states.map((s) => s.value)];
    if (inputs.length) {
      this.nodes.push({ id: "inputs", label: "GraphInputs", namespace: "", outputsMetadata: metadata(inputs) });
      inputs.forEach((v, i) => void this.sources.set(v, { id: "inputs", output: String(i) }));
    }
    for (const node of graph.nodes) this.node(node);
    const outputs = [...graph.outputs, ...graph.states.map((s) => s.next)];
    for (const v of outputs) this.constant(v, "");
    this.nodes.push({ id: "outputs", label: "GraphOutputs", namespace: "", incomingEdges: this.edges(outputs) });
    const groups = this.groups();
    return {
      id: explorerGraphId(this.stage, graph.name),
      nodes: this.nodes,
      ...(Object.keys(groups).length && { groupNodeAttributes: groups }),
    };
  }

  private node(node: Node): void {
    const id = this.ids.get(node)!;
    const namespace = namespaceOf(node);
    for (const v of node.inputs) this.constant(v, namespace);
    node.results.forEach((r, i) => void this.sources.set(r, { id, output: String(i) }));
    const called = Object.entries(node.op.attrs as Readonly<Record<string, { readonly kind: string }>>)
      .filter(([, a]) => a.kind === "graph")
      .map(([k]) => explorerGraphId(this.stage, String((node.attrs as Readonly<Record<string, unknown>>)[k])));
    this.nodes.push({
      id,
      label: node.op.name.slice(node.op.name.indexOf(".") + 1),
      namespace,
      ...(called.length && { subgraphIds: called }),
      attrs: attrsOf(node),
      incomingEdges: this.edges(node.inputs),
      outputsMetadata: metadata(node.results),
    });
  }

  /** A constant stands beside its first reader. */
  private constant(v: Value, namespace: string): void {
    if (!v.constant || this.sources.has(v)) return;
    const id = `constant ${this.sources.size}`;
    this.sources.set(v, { id, output: "0" });
    this.nodes.push({ id, label: "pseudo_const", namespace, outputsMetadata: metadata([v]) });
  }

  private edges(values: readonly Value[]): NonNullable<ExplorerNode["incomingEdges"]> {
    return values.flatMap((v, i) => {
      const from = this.sources.get(v);
      return from ? [{ sourceNodeId: from.id, sourceNodeOutputId: from.output, targetNodeInputId: String(i) }] : [];
    });
  }

  /** Classes of the user's modules. */
  private groups(): Record<string, Record<string, string>> {
    const out: Record<string, Record<string, string>> = {};
    for (const node of this.graph.nodes) {
      const { moduleClass } = node.locations[0] ?? {};
      const namespace = namespaceOf(node);
      if (moduleClass !== undefined && namespace !== "") out[namespace] ??= { class: moduleClass };
    }
    return out;
  }
}

const namespaceOf = (node: Node): string => (node.locations[0]?.module ?? "").replaceAll(".", "/");

function attrsOf(node: Node): readonly KeyValue[] {
  const values = node.attrs as Readonly<Record<string, unknown>>;
  const own = Object.entries(node.op.attrs as Readonly<Record<string, Parameters<typeof showAttr>[0]>>).map(
    ([key, spec]) => ({ key, value: showAttr(spec, values[key]) }),
  );
  const frame = node.locations[0] && userFrame(node.locations[0]);
  const from = [...new Set(node.locations.flatMap((l) => l.id ?? []))];
  const modules = [...new Set(node.locations.flatMap((l) => l.module ?? []))];
  return [
    ...own,
    ...(from.length ? [{ key: "nodes of the program", value: from.join(", ") }] : []),
    ...(modules.length > 1 ? [{ key: "modules", value: modules.join(", ") }] : []),
    ...(frame ? [{ key: "Python", value: `${frame.file}:${frame.line}` }] : []),
    ...(frame?.source ? [{ key: "Python line", value: frame.source }] : []),
  ];
}
