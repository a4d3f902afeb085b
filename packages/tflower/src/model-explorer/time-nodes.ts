import { MemorySink, toTfliteFile, writeTflite } from "@tflower/backend-tflite";
import {
  allocate,
  countOf,
  encode,
  type Graph,
  isStaticShape,
  Module,
  mapOperands,
  type Node,
  Rewriter,
  staticShape,
  type Value,
  wrap,
} from "@tflower/core";
import type { LiteRtModel } from "@tflower/runtime-litert";

/** Runs of which the fastest counts. */
const rounds = 5;

/** A file with one node in it: what it reads is what the file takes. */
async function fileOf(node: Node): Promise<Uint8Array> {
  const module = new Module();
  const graph = module.graph("main");
  module.signatures = [{ key: "serving_default", graph: "main" }];
  const copies = new Map<Value, Value>();
  const copyOf = (v: Value): Value => {
    const known = copies.get(v);
    if (known) return known;
    const copy = v.constant ? graph.constant(v.constant, v.name) : graph.input(v.type, v.name);
    copies.set(v, copy);
    return copy;
  };
  const copy = new Rewriter(graph).create(node.op, mapOperands(node.operands_, copyOf) as never, node.attrs as never, {
    types: node.results.map((r) => r.type),
  });
  graph.outputs = copy.results;
  const sink = new MemorySink();
  await writeTflite(toTfliteFile(module), sink);
  return sink.bytes();
}

/** Whether a node means something by itself: no state, no graphs of its own, nothing whose size is not known. */
const standsAlone = (node: Node): boolean =>
  !node.op.traits.effects &&
  node.results.length > 0 &&
  !Object.values(node.op.attrs as Readonly<Record<string, { readonly kind: string }>>).some(
    (a) => a.kind === "graph",
  ) &&
  [...node.inputs, ...node.results].every(
    (v) => isStaticShape(v.type.shape) && countOf(v.type.shape) > 0 && !["resource", "string"].includes(v.type.dtype),
  );

/**
 * Milliseconds that each node takes on LiteRT by itself, on zeros, with copying in what it reads and out what it gives: good for seeing
 * where time goes, not for adding up. Nodes that mean nothing by themselves, or that the runtime does not take alone, are left out.
 */
export async function timeNodes(
  graph: Graph,
  // given, not imported: whoever only converts does not load the runtime
  { loadModel, tensorFromBytes }: Pick<typeof import("@tflower/runtime-litert"), "loadModel" | "tensorFromBytes">,
): Promise<ReadonlyMap<Node, number>> {
  const out = new Map<Node, number>();
  for (const node of graph.nodes) {
    if (!standsAlone(node)) continue;
    const given = [...new Set(node.inputs)].filter((v) => !v.constant);
    const zeros = given.map(({ type }) => {
      const shape = staticShape(type.shape);
      const bytes = encode(wrap(type, allocate(type.dtype, countOf(shape))));
      return tensorFromBytes(type.dtype, shape, bytes);
    });
    let model: LiteRtModel | undefined;
    try {
      model = await loadModel(await fileOf(node));
      await model.run(zeros);
      let fastest = Infinity;
      for (let i = 0; i < rounds; i++) {
        const start = performance.now();
        await model.run(zeros);
        fastest = Math.min(fastest, performance.now() - start);
      }
      out.set(node, fastest);
    } catch {
      // the whole file runs all the same: a node alone is another file
    } finally {
      model?.dispose();
    }
  }
  return out;
}
