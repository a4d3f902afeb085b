import {
  type Constant,
  definePass,
  encode,
  type Graph,
  loadConstant,
  Rewriter,
  type State,
  sameType,
  showType,
  type Value,
} from "@tflower/core";
import type { AtenCode } from "../codes.ts";
import { functionalize } from "./functionalize.ts";

/**
 * A buffer that one signature changes is the same buffer for all of them: those that only read it read what the other has left.
 * Programs of one module name it alike and start from the same contents; anything else is refused, as nobody can tell what is meant.
 */
export const shareState = definePass({
  name: "share-state",
  summary: "Makes a buffer that one signature changes state of every signature that reads it.",
  requires: [functionalize],
  scope: "module",
  async run(module, { report }) {
    if (module.signatures.length < 2) return;
    const states = new Map<string, State>();
    for (const graph of module.graphs)
      for (const s of graph.states) {
        const first = states.get(s.name);
        if (!first) states.set(s.name, s);
        else if (!(await sameContents(first.initial, s.initial)))
          report(conflict(graph, s.name, first.initial, s.initial));
      }
    for (const { graph: name } of module.signatures) {
      const graph = module.find(name)!;
      for (const [label, value] of constantsOf(graph)) {
        const state = states.get(label);
        if (!state || graph.states.some((s) => s.name === label)) continue;
        if (await sameContents(state.initial, value.constant!)) read(graph, state, value);
        else report(conflict(graph, label, state.initial, value.constant!));
      }
    }
  },
});

/** Named constants that a graph reads or gives. */
function constantsOf(graph: Graph): ReadonlyMap<string, Value> {
  const out = new Map<string, Value>();
  const add = (v: Value): void => {
    if (v.constant && v.name !== undefined) out.set(v.name, v);
  };
  for (const node of graph.nodes) for (const v of node.inputs) add(v);
  for (const v of [...graph.outputs, ...graph.states.map((s) => s.next), ...graph.inputMutations.map((m) => m.next)])
    add(v);
  return out;
}

function read(graph: Graph, { name, initial }: State, constant: Value): void {
  const value = graph.state(initial, name);
  new Rewriter(graph).replaceAllUses(constant, value);
  graph.states.push({ name, value, next: value, initial });
}

async function sameContents(a: Constant, b: Constant): Promise<boolean> {
  if (a.key === b.key) return true;
  if (!sameType(a.type, b.type)) return false;
  const [x, y] = await Promise.all([a, b].map(async (c) => encode(await loadConstant(c))));
  return x!.every((byte, i) => byte === y![i]);
}

const conflict = (graph: Graph, name: string, a: Constant, b: Constant) => ({
  severity: "error" as const,
  code: "STA0001" satisfies AtenCode,
  message: `"${name}" is changed by one signature and has other contents in @${graph.name}: ${showType(a.type)} and ${showType(b.type)} that ${sameType(a.type, b.type) ? "differ" : "are not of one type"}`,
  help: "export all programs from one module before it runs; convert programs of different modules into different files",
});
