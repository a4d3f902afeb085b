import {
  countOf,
  isStaticShape,
  type Module,
  type OpDef,
  parseModule,
  printModule,
  type TensorData,
  type TensorType,
  type Value,
} from "@tflower/core";
import type fc from "fast-check";
import { drawTensor, drawType, type TensorOptions } from "../arbitrary/tensors.ts";
import type { Choose } from "../choose/choose.ts";
import { drawn } from "../choose/drawn.ts";
import { showTensor } from "../compare/tensor-text.ts";
import { GraphBuilder, StepEnds } from "./graph-builder.ts";

/** One way to grow a graph: picks values, emits nodes. */
export interface GraphStep {
  readonly name: string;
  /** How often it is taken, against 1 of the others. */
  readonly weight?: number;
  readonly grow: (b: GraphBuilder) => unknown;
}

/** A random program. Its text is what is kept: passes edit modules, so each use reads a fresh one. */
export interface RandomProgram {
  readonly text: string;
  readonly inputs: readonly TensorData[];
  read(): Module;
  /** What a failing property shows: a file test but for its line `// test:`. */
  toString(): string;
}

/** Which programs to draw. */
export interface ProgramOptions {
  /** Types of the inputs; float32 of any shape when absent. */
  readonly inputs?: TensorOptions;
  readonly maxInputs?: number;
  readonly maxNodes?: number;
  /** Values larger than this end a step. */
  readonly maxElements?: number;
}

/** Draws a program that `steps` grow. */
export function drawProgram(choose: Choose, steps: readonly GraphStep[], o: ProgramOptions = {}): RandomProgram {
  const b = new GraphBuilder(choose);
  const inputOptions: TensorOptions = { dtypes: ["f32"], maxElements: 120, ...o.inputs };
  for (let n = choose.between(1, o.maxInputs ?? 2); n > 0; n--) b.input(drawType(choose, inputOptions));
  const weights = steps.map((s) => s.weight ?? 1);
  const total = weights.reduce((a, c) => a + c, 0);
  const kept = new Set<Value | undefined>();
  const most = o.maxNodes ?? 8;
  // whether to go on is asked before each step, so that a step can be left out without a change to those behind it
  for (let n = 0; n < most && (n === 0 || choose.maybe(1 - 1 / most)); n++) {
    const at = choose.skewed(steps.length, (u) => pickWeighted(weights, u * total));
    const first = made(b).length;
    grow(b, steps[at]!, o.maxElements ?? 2000);
    // now and then something that is read leaves the graph, too
    if (choose.maybe(0.1)) kept.add(made(b)[first]);
  }
  const { graph } = b;
  graph.outputs = made(b).filter((v) => v.users.size === 0 || kept.has(v));
  if (graph.outputs.length === 0) choose.discard();
  const ops = new Map<string, OpDef>([...graph.nodes].map((n) => [n.op.name, n.op]));
  const inputs = graph.inputs.map((v) => drawTensor(choose, v.type, "finite"));
  const text = printModule(b.module, { constants: "full" });
  const show = (): string =>
    `\n// run: inputs=given\n${inputs.map((t) => `// in: ${showTensor(t)}\n`).join("")}${text}`;
  return { text, inputs, read: () => parseModule(text, ops), toString: show };
}

/** Programs that `steps` grow, shrinking to fewer and simpler steps. */
export const programs = (steps: readonly GraphStep[], o: ProgramOptions = {}): fc.Arbitrary<RandomProgram> =>
  drawn((choose) => drawProgram(choose, steps, o), "program");

const made = (b: GraphBuilder): Value[] => [...b.graph.nodes].flatMap((n) => n.results);

function grow(b: GraphBuilder, step: GraphStep, maxElements: number): void {
  const before = b.graph.last;
  try {
    step.grow(b);
  } catch (e) {
    if (!(e instanceof StepEnds)) throw e;
  }
  for (let n = before ? before.next : b.graph.first; n; n = n.next)
    if (n.results.some((r) => tooLarge(r, maxElements))) b.choose.discard();
}
const tooLarge = (v: Value, most: number): boolean =>
  !isStaticShape(v.type.shape) || countOf(v.type.shape) > most || countOf(v.type.shape) === 0;

function pickWeighted(weights: readonly number[], at: number): number {
  let i = 0;
  for (let left = at; i < weights.length - 1 && left >= weights[i]!; i++) left -= weights[i]!;
  return i;
}

/** Whether a type is a float32 tensor of a rank. */
export const isFloatOfRank =
  (low: number, high = low) =>
  (t: TensorType): boolean =>
    t.dtype === "f32" && t.shape.length >= low && t.shape.length <= high;
