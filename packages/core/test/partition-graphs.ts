import { fc } from "@fast-check/vitest";
import {
  attr,
  dataConstant,
  defineOp,
  Module,
  type NumberCarrier,
  operand,
  Rewriter,
  type TensorData,
  tensor,
  tensorData,
  type Value,
} from "../src/index.ts";

const vector = tensor("f32", [2]);
const made = (data: Iterable<number>): TensorData => tensorData("f32", [2], Float32Array.from(data));

/** Operands in another order give another result. */
export const mix = defineOp("part.mix", {
  summary: "`2 a - b + 1`.",
  operands: { a: operand.tensor, b: operand.tensor },
  infer: ({ a }) => a,
  evaluate: ({ a, b }) => made(Array.from(a.data as NumberCarrier, (v, i) => (2 * v - (b.data[i] as number) + 1) % 97)),
});
export const both = defineOp("part.both", {
  summary: "Itself, and its negative.",
  operands: { x: operand.tensor },
  infer: ({ x }) => [x, x],
  evaluate: ({ x }) => [x, made(Array.from(x.data as NumberCarrier, (v) => -v))],
});
/** What {@link log} has seen. */
export const logged: number[] = [];
export const log = defineOp("part.log", {
  summary: "Remembers what it has seen.",
  operands: { x: operand.tensor },
  traits: { effects: true },
  infer: () => [],
  evaluate: ({ x }) => {
    logged.push(x.data[0] as number);
    return [];
  },
});
/** Runs a partition, and says that it has effects. */
export const call = defineOp("part.call", {
  summary: "Runs a graph.",
  operands: { inputs: operand.variadic(operand.tensor) },
  attrs: { graph: attr.graph },
  traits: { effects: true, wraps: { graph: "graph", operands: "inputs" } },
  run: ({ inputs }, { graph }, run) => run(graph, inputs),
});
/** Runs a partition, and says that it has none. */
export const pureCall = defineOp("part.pure_call", { ...call, traits: { wraps: call.traits.wraps! } });

interface Step {
  readonly kind: "mix" | "both" | "log";
  readonly a: number;
  readonly b: number;
  readonly constant: boolean;
  /** Goes on from one of the last values of its own branch, rather than from any. */
  readonly near: boolean;
  readonly branch: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom("mix", "mix", "mix", "both", "log"),
  a: fc.nat(1000),
  b: fc.nat(1000),
  constant: fc.boolean(),
  near: fc.boolean(),
  branch: fc.nat(2),
});

/** A random graph, and whether a delegate takes each node. */
export interface Drawn {
  readonly module: Module;
  readonly inside: readonly boolean[];
}

/** Graphs whose branches interleave, with effects, constants, state and values that several nodes read. */
export const drawn = (size: fc.SizeForArbitrary = "medium", maxLength = 30): fc.Arbitrary<Drawn> =>
  fc
    .array(fc.tuple(step, fc.boolean()), { minLength: 1, maxLength, size })
    .chain((steps) =>
      fc.record({
        steps: fc.constant(steps),
        outs: fc.array(fc.nat(1000), { minLength: 1, maxLength: 4 }),
        state: fc.boolean(),
      }),
    )
    .map(({ steps, outs, state }) => {
      const module = new Module();
      const graph = module.graph("main");
      const r = new Rewriter(graph);
      const branches: Value[][] = [0, 1, 2].map((i) => [graph.input(vector, `in${i}`)]);
      const held = graph.state(dataConstant(made([3, 4])), "held");
      if (state) branches[0]!.push(held);
      for (const [s] of steps) {
        const own = branches[s.branch]!;
        const pool = s.near ? own.slice(-2) : branches.flat();
        const a = pool[s.a % pool.length]!;
        const b = s.constant ? r.constant(made([s.b, 1])) : pool[s.b % pool.length]!;
        if (s.kind === "log") r.create(log, { x: a });
        else if (s.kind === "both") own.push(...r.create(both, { x: a }).results);
        else own.push(r.emit(mix, { a, b }, {}));
      }
      const all = branches.flat();
      graph.outputs = outs.map((o) => all[o % all.length]!);
      if (state)
        graph.states.push({ name: "held", value: held, next: all.at(-1)!, initial: dataConstant(made([3, 4])) });
      return { module, inside: steps.map(([, yes]) => yes) };
    });

export const mainOf = (m: Module) => m.find("main")!;
