import { type Graph, Module, mapOperands, Rewriter, type Value } from "@tflower/core";

/** A module of its own with the same graphs. Constants are shared, so it costs no more than its nodes. */
export function cloneModule(module: Module): Module {
  const copy = new Module();
  for (const [name, range] of module.symbols) copy.symbols.set(name, range);
  for (const [k, v] of module.metadata) copy.metadata.set(k, v);
  copy.signatures = [...module.signatures];
  for (const g of module.graphs) copyGraph(g, copy.graph(g.name));
  return copy;
}

function copyGraph(from: Graph, to: Graph): void {
  const values = new Map<Value, Value>();
  const copied = (v: Value): Value => {
    let known = values.get(v);
    if (!known && v.constant) {
      known = to.constant(v.constant, v.name);
      known.type = v.type;
      values.set(v, known);
    }
    return known!;
  };
  for (const v of from.inputs) values.set(v, to.input(v.type, v.name));
  for (const s of from.states) values.set(s.value, to.state(s.initial, s.value.name ?? s.name));
  const rewriter = new Rewriter(to);
  for (const node of from.nodes) {
    const types = node.results.map((r) => r.type);
    const operands = mapOperands(node.operands_, copied);
    const made = rewriter.create(node.op, operands as never, node.attrs as never, { locations: node.locations, types });
    node.results.forEach((r, i) => {
      const result = made.results[i]!;
      result.name = r.name;
      values.set(r, result);
    });
  }
  to.outputs = from.outputs.map(copied);
  to.outputNames = [...from.outputNames];
  for (const s of from.states)
    to.states.push({ name: s.name, value: copied(s.value), next: copied(s.next), initial: s.initial });
  for (const m of from.inputMutations) to.inputMutations.push({ input: copied(m.input), next: copied(m.next) });
}
