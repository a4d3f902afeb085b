import { definePass, type Graph, type Module, Rewriter } from "@tflower/core";
import { assignVariable, callOnce, readVariable, varHandle } from "../dialect/state.ts";

declare module "@tflower/core" {
  interface Settings {
    /** How mutated buffers live on: inside the file as resource variables, or as extra inputs and outputs `state.FQN`. */
    readonly state?: "resource" | "io";
  }
}

/** Gives state a form that a file has. */
export const settleState = definePass({
  name: "settle-state",
  summary: "Turns mutated buffers into resource variables, or into extra inputs and outputs.",
  scope: "module",
  run(module, { compiler }) {
    for (const graph of module.graphs) {
      if (graph.states.length === 0) continue;
      if (compiler.settings.state === "io") asInterface(graph);
      else asVariables(module, graph);
    }
  },
});

function asInterface(graph: Graph): void {
  const names = graph.outputs.map((_, i) => graph.outputNames[i] ?? `output_${i}`);
  for (const s of graph.states.splice(0)) {
    s.value.name = `state.${s.name}`;
    graph.inputs.push(s.value);
    graph.outputs = [...graph.outputs, s.next];
    names.push(`state.${s.name}`);
  }
  graph.outputNames = names;
}

/** Variables are shared by name, so several signatures that mutate one buffer see each other's writes. */
function asVariables(module: Module, graph: Graph): void {
  const rewriter = new Rewriter(graph);
  const init = module.graph(module.freeName(`${graph.name}.init`));
  const initializer = new Rewriter(init);
  const first = graph.first;
  const place = first ? { before: first } : {};
  rewriter.create(callOnce, {}, { init_subgraph_index: init.name }, place);
  // all are read before any is written; replacing a value also updates what other states get
  const handles = graph.states.map((s) => {
    const start = initializer.emit(varHandle, {}, {}, { shared_name: s.name });
    initializer.create(assignVariable, { resource: start, value: initializer.constant(s.initial, s.name) });
    const handle = rewriter.emit(varHandle, {}, place, { shared_name: s.name });
    const [value] = rewriter.create(readVariable, { resource: handle }, {}, { ...place, types: [s.value.type] }).results;
    rewriter.replaceAllUses(s.value, value!);
    return { handle, value: value! };
  });
  for (const [i, s] of graph.states.splice(0).entries()) {
    const { handle, value } = handles[i]!;
    if (s.next !== value) rewriter.create(assignVariable, { resource: handle, value: s.next });
  }
}
