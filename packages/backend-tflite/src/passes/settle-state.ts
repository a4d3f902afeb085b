import { definePass, type Graph, type Module, Rewriter, type State, sameType, showType } from "@tflower/core";
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
    for (const graph of module.graphs)
      for (const s of graph.states)
        if (!sameType(s.initial.type, s.value.type))
          throw new TypeError(
            `state "${s.name}" starts as ${showType(s.initial.type)} and is read as ${showType(s.value.type)}`,
          );
    dropConstantStates(module);
    if (compiler.settings.state === "io") for (const graph of module.graphs) asInterface(graph);
    else asVariables(module);
  },
});

/** State that no signature changes is a constant. */
function dropConstantStates(module: Module): void {
  const states = module.graphs.flatMap((g) => g.states);
  const changing = new Set(states.filter((s) => s.next !== s.value).map((s) => s.name));
  for (const graph of module.graphs) {
    const rewriter = new Rewriter(graph);
    const kept: State[] = [];
    for (const s of graph.states.splice(0)) {
      if (changing.has(s.name)) kept.push(s);
      else rewriter.replaceAllUses(s.value, rewriter.constant(s.initial, s.name));
    }
    graph.states.push(...kept);
  }
}

/** What a signature only reads it takes, and what it changes it gives as well. */
function asInterface(graph: Graph): void {
  const names = graph.outputs.map((_, i) => graph.outputNames[i] ?? `output_${i}`);
  for (const s of graph.states.splice(0)) {
    s.value.name = `state.${s.name}`;
    graph.inputs.push(s.value);
    if (s.next === s.value) continue;
    graph.outputs = [...graph.outputs, s.next];
    names.push(`state.${s.name}`);
  }
  graph.outputNames = names;
}

/** Variables are shared by name, so signatures see each other's writes; one graph initialises all of them, once. */
function asVariables(module: Module): void {
  const read = new Set(
    module.graphs.flatMap((g) =>
      g.states.filter((s) => s.value.users.size > 0 || g.isOutput(s.value)).map((s) => s.name),
    ),
  );
  const initial = new Map(
    module.graphs.flatMap((g) => g.states.filter((s) => read.has(s.name)).map((s) => [s.name, s.initial])),
  );
  const graphs = module.graphs.filter((g) => g.states.length > 0);
  if (initial.size === 0) {
    // what nobody reads nobody can tell apart from what is not there
    for (const g of graphs) g.states.splice(0);
    return;
  }
  const init = module.graph(module.freeName("initialize"));
  const initializer = new Rewriter(init);
  for (const [name, constant] of initial) {
    const resource = initializer.emit(varHandle, {}, {}, { shared_name: name });
    initializer.create(assignVariable, { resource, value: initializer.constant(constant, name) });
  }
  for (const graph of graphs) useVariables(graph, init.name, read);
}

function useVariables(graph: Graph, init: string, read: ReadonlySet<string>): void {
  const rewriter = new Rewriter(graph);
  const place = graph.first ? { before: graph.first } : {};
  const states = graph.states.filter((s) => read.has(s.name));
  if (states.length > 0) rewriter.create(callOnce, {}, { init_subgraph_index: init }, place);
  // all are read before any is written; replacing a value also updates what other states get
  const handles = states.map((s) => {
    const resource = rewriter.emit(varHandle, {}, place, { shared_name: s.name });
    const changes = s.next !== s.value;
    // its own next value does not count as a reader
    if (
      s.value.users.size > 0 ||
      graph.outputs.includes(s.value) ||
      graph.states.some((o) => o !== s && o.next === s.value)
    ) {
      const [value] = rewriter.create(readVariable, { resource }, {}, { ...place, types: [s.value.type] }).results;
      value!.name = s.value.name;
      rewriter.replaceAllUses(s.value, value!);
    }
    return { resource, changes };
  });
  graph.states.splice(0);
  for (const [i, s] of states.entries()) {
    const { resource, changes } = handles[i]!;
    if (changes) rewriter.create(assignVariable, { resource, value: s.next });
  }
}
