import { appliedConstant, type Attrs, definePass, type DType, type Graph, mapOperands, type Node, Rewriter, type Value, withDType } from "@tflower/core";

/** Half precisions are computed in float32, which is at least as exact; float64 has no kernels, and becomes float32 too. */
const widened: Readonly<Partial<Record<DType, DType>>> = { f16: "f32", bf16: "f32", f64: "f32", c32: "c64", c128: "c64" };

/**
 * Makes a program compute in float32 where it asks for a float type that LiteRT's kernels lack. Constants are cast lazily.
 * Explicit casts to half precision inside a float32 program are widened as well: the result is then closer to real arithmetic than PyTorch's.
 */
export const widenFloats = definePass({
  name: "widen-floats",
  summary: "Computes float16, bfloat16 and float64 programs in float32.",
  scope: "graph",
  run(graph, { compiler, report }) {
    if (!needsWidening(graph)) return;
    const cast = compiler.knownOps.get("aten._to_copy");
    const rewriter = new Rewriter(graph);
    for (const v of [...graph.inputs, ...graph.states.map((s) => s.value)]) v.type = widen(v);
    const constants = new Map<Value, Value>();
    const constant = (v: Value): Value => {
      if (!v.constant || !widened[v.type.dtype]) return v;
      let w = constants.get(v);
      if (!w) {
        if (!cast) {
          report({ severity: "error", code: "IR0007", message: "aten._to_copy is not declared, and constants cannot be widened without it" });
          return v;
        }
        // a lazy constant, however large: a cast of weights at run time would cost more than it saves in the file
        const type = widen(v);
        w = rewriter.constant(appliedConstant(cast, { self: v.constant }, { dtype: type.dtype }, type), v.name);
        constants.set(v, w);
      }
      return w;
    };
    for (const node of [...graph.nodes]) {
      const operands = mapOperands(node.operands_, constant);
      const attrs = widenAttrs(node);
      const types = node.results.map(widen);
      const made = rewriter.create(node.op, operands as never, attrs, { before: node, locations: node.locations, types }) as unknown as Node;
      rewriter.replace(node, made.results);
    }
    graph.outputs = graph.outputs.map(constant);
  },
});

const widen = (v: Value): Value["type"] => (widened[v.type.dtype] ? withDType(v.type, widened[v.type.dtype]!) : v.type);

function needsWidening(graph: Graph): boolean {
  if (graph.inputs.some((v) => widened[v.type.dtype])) return true;
  for (const n of graph.nodes) if ([...n.inputs, ...n.results].some((v) => widened[v.type.dtype])) return true;
  return graph.outputs.some((v) => widened[v.type.dtype]);
}

function widenAttrs(node: Node): Record<string, unknown> {
  const out: Record<string, unknown> = { ...(node.attrs as Record<string, unknown>) };
  for (const [k, spec] of Object.entries(node.op.attrs as Attrs)) {
    const dtype = (spec.kind === "optional" ? spec.of : spec)!.kind === "dtype" ? (out[k] as DType | undefined) : undefined;
    if (dtype && widened[dtype]) out[k] = widened[dtype];
  }
  return out;
}
