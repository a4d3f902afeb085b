import {
  calledGraphs,
  type Graph,
  loadConstant,
  type Module,
  mapOperands,
  type Node,
  type TensorData,
  type Value,
} from "@tflower/core";
import { type Candidate, candidatesOf, findHeld, type Held, type LocationsOf } from "./find-lowered.ts";
import { genuine, lossOf } from "./layer-losses.ts";
import type { Execute, Runner } from "./lowered-values.ts";
import type { ReferenceBody, ReferenceCall } from "./reference-values.ts";
import { bestError } from "./tensor-error.ts";

/** What comparing takes, whatever graph is compared. */
export interface CompareGraphOptions {
  readonly module: Module;
  readonly execute: Execute;
  readonly locationsOf: LocationsOf;
}

/** A value of the program that some tensor of the file holds. */
export interface HeldLayer extends Held {
  /** Decibels that are lost here. */
  readonly lost: number;
  /** Ids of the nodes that run the graph it is in, outermost first; of a loop, with the iteration. */
  readonly within: readonly string[];
}
/** What comparing one graph, and those that it runs, has found. */
export interface GraphComparison {
  readonly held: readonly HeldLayer[];
  /** Values of the program that no tensor of the file holds. */
  readonly hidden: number;
  readonly notes: readonly string[];
}

/** A node of the lowered program that runs graphs, as a node of the program does. */
interface Control {
  readonly id: string;
  readonly node: Node;
  readonly bodies: readonly ReferenceBody[];
}
/** One run of a graph. */
interface Run {
  readonly inputs: readonly TensorData[];
  readonly computed: ReadonlyMap<Value, TensorData>;
}

/** A graph of the lowered program, made ready to be run and compared. */
export class ComparedGraph {
  private readonly o: CompareGraphOptions;
  private readonly graph: Graph;
  private readonly candidates: readonly Candidate[];
  private readonly controls: readonly Control[];
  private readonly runner: Runner;
  first: Run | undefined;
  last: Run | undefined;
  calls = 0;

  /** `reference` says which values are looked for; their numbers do not matter yet. */
  constructor(o: CompareGraphOptions, graph: Graph, reference: ReferenceCall | undefined) {
    this.o = o;
    this.graph = graph;
    this.candidates = reference ? candidatesOf(graph, reference, o.locationsOf) : [];
    this.controls = reference ? controlsOf(graph, reference, o.locationsOf) : [];
    const inner = [...this.candidates.map((c) => c.value), ...this.controls.flatMap((c) => c.node.inputs)];
    this.runner = o.execute(o.module, graph, [...new Set(inner.filter((v) => v.producer))]);
  }

  async call(inputs: readonly TensorData[]): Promise<readonly TensorData[]> {
    const computed = await this.runner.run(inputs);
    this.calls++;
    this.last = { inputs, computed };
    this.first ??= this.last;
    return Promise.all(this.graph.outputs.map((v) => valueIn(this.graph, this.last!, v)));
  }
  dispose(): void {
    this.runner.dispose();
  }

  /** Compares one run with what it should have been, and enters the graphs that were run in it. */
  async compare(run: Run, reference: ReferenceCall, within: readonly string[] = []): Promise<GraphComparison> {
    const { graph } = this;
    const held = genuine(graph, findHeld(reference, this.candidates, run.computed));
    const lost = lossOf(graph, held, (i) => {
      const [want, got] = [reference.inputs[i], run.inputs[i]];
      return want && got ? bestError(want, got)?.snr : undefined;
    });
    const notes: string[] = [];
    const inside: GraphComparison[] = [];
    const blamed = new Map<Value, number>();
    for (const c of this.controls) {
      const found = await this.enter(c, run, within, notes);
      inside.push(...found);
      const worst = Math.max(0, ...found.flatMap((f) => f.held.map((h) => h.lost)));
      for (const r of c.node.results) blamed.set(r, worst);
    }
    const entered = new Set(this.controls.map((c) => c.id));
    for (const [id, bodies] of reference.controls)
      if (!entered.has(id) && bodies.some((b) => b.calls))
        notes.push(
          `${[...within, id].join("/")}: what is inside is not compared, as no op of the file runs its graphs`,
        );
    return {
      // what is lost inside is not lost by the op that has it inside
      held: [
        ...held.map((h) => ({
          ...h,
          within,
          lost: Math.max(0, (lost.get(h.value) ?? 0) - (blamed.get(h.value) ?? 0)),
        })),
        ...inside.flatMap((f) => f.held),
      ],
      hidden: count(reference) - held.length + inside.reduce((n, f) => n + f.hidden, 0),
      notes: [...notes, ...inside.flatMap((f) => f.notes)],
    };
  }

  /** Runs the graphs of one node as its op does, one by one, and compares what is computed inside. */
  private async enter(c: Control, run: Run, within: readonly string[], notes: string[]): Promise<GraphComparison[]> {
    const { module } = this.o;
    const where = [...within, c.id].join("/");
    const names = calledGraphs(c.node);
    if (names.some((name) => keepsState(module, name))) {
      notes.push(`${where}: what is inside is not compared, as it keeps state from one run to the next`);
      return [];
    }
    const opened = names.map((name, i) => new ComparedGraph(this.o, module.find(name)!, c.bodies[i]!.last));
    try {
      const values = new Map<Value, TensorData>();
      for (const v of c.node.inputs) values.set(v, await valueIn(this.graph, run, v));
      const operands = mapOperands(c.node.operands_, (v) => values.get(v)!);
      await c.node.op.run!(operands as never, c.node.attrs as never, (name, inputs) =>
        opened[names.indexOf(name)]!.call(inputs),
      );
      const found: GraphComparison[] = [];
      for (const [i, body] of opened.entries()) {
        const compared = await compareBody(body, c.bodies[i]!, [...within, c.id], notes);
        if (compared) found.push(compared);
      }
      return found;
    } catch (e) {
      notes.push(
        `${where}: what is inside is not compared, as it does not run by itself: ${(e as Error).message.split("\n")[0]}`,
      );
      return [];
    } finally {
      for (const body of opened) body.dispose();
    }
  }
}

/** Compares what a graph computed at its first call and at its last: errors grow from one iteration to the next, and begin somewhere. */
async function compareBody(
  body: ComparedGraph,
  reference: ReferenceBody,
  within: readonly string[],
  notes: string[],
): Promise<GraphComparison | undefined> {
  const where = within.join("/");
  if (body.calls !== reference.calls)
    notes.push(`${where}: @${reference.name} runs ${times(body.calls)}, and ${times(reference.calls)} in the program`);
  else if (!body.calls) notes.push(`${where}: @${reference.name} does not run on these inputs, and is not compared`);
  if (!body.first || !reference.first) return undefined;
  const many = reference.calls > 1;
  const at = (call: number): readonly string[] =>
    many ? [...within.slice(0, -1), `${within.at(-1)}[${call}]`] : within;
  const first = await body.compare(body.first, reference.first, at(1));
  if (!many || body.calls !== reference.calls) return first;
  const last = await body.compare(body.last!, reference.last!, at(reference.calls));
  if (reference.calls > 2)
    notes.push(`${where}: of ${reference.calls} calls of @${reference.name}, the first and the last are compared`);
  return worse(first, last);
}
const times = (n: number): string => (n === 1 ? "once" : n === 0 ? "not at all" : n === 2 ? "twice" : `${n} times`);

/** Of two calls, what is worse, value by value. */
function worse(first: GraphComparison, last: GraphComparison): GraphComparison {
  const key = (h: HeldLayer): string => `${h.within.map((w) => w.replace(/\[\d+\]$/, "")).join("/")}/${h.reference.id}`;
  const earlier = new Map(first.held.map((h) => [key(h), h]));
  return {
    held: last.held.map((h) => {
      const before = earlier.get(key(h));
      return before && (before.lost > h.lost || (before.lost === h.lost && before.error.snr < h.error.snr))
        ? before
        : h;
    }),
    hidden: last.hidden,
    notes: [...new Set([...first.notes, ...last.notes])],
  };
}

const count = (reference: ReferenceCall): number => [...reference.values.values()].reduce((n, v) => n + v.length, 0);

function controlsOf(graph: Graph, reference: ReferenceCall, locationsOf: LocationsOf): readonly Control[] {
  return [...graph.nodes].flatMap((node) => {
    const value = node.results[0];
    if (!node.op.run || !value) return [];
    const id = locationsOf(value).find((l) => l.id !== undefined && reference.controls.has(l.id))?.id;
    const bodies = id === undefined ? undefined : reference.controls.get(id);
    return id !== undefined && bodies?.length === calledGraphs(node).length ? [{ id, node, bodies }] : [];
  });
}

/** Whether a graph, or one that it runs, has effects: run by itself, it would not find what others have left. */
function keepsState(module: Module, name: string): boolean {
  const { nodes = [] } = module.find(name) ?? {};
  return [...nodes].some((n) => n.op.traits.effects || calledGraphs(n).some((called) => keepsState(module, called)));
}

async function valueIn(graph: Graph, run: Run, v: Value): Promise<TensorData> {
  if (v.constant) return loadConstant(v.constant);
  const input = graph.inputs.indexOf(v);
  return input >= 0 ? run.inputs[input]! : run.computed.get(v)!;
}
