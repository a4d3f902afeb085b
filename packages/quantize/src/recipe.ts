import type { Node } from "@tflower/core";
import type { SchemeName } from "./scheme.ts";

/** A scheme, or that an op stays as it is. */
export type Choice = SchemeName | "float";

/** Which nodes a rule is about: those that everything given here fits. A selector with nothing in it fits every node. */
export interface Selector {
  /** Names of ops, as `tfl.conv_2d`; `*` stands for any characters. */
  readonly op?: string | readonly string[];
  /** Path of a module, as `encoder.layers.*.attention`: the module and all inside it; `*` stands for one part of a path. */
  readonly module?: string | readonly string[];
  /** Regular expression that is found in the module's path. */
  readonly regex?: string;
  /** Regular expression that is found in a result's name, as a `.tflite` has it: `encoder.layers.0.fc1/linear_3`. */
  readonly tensor?: string;
  /** Anything else. Only in TypeScript: a recipe with a predicate has no JSON form. */
  readonly predicate?: (node: Node) => boolean;
}

/** One rule of a recipe. */
export interface Rule extends Selector {
  readonly scheme: Choice;
}

/** What samples are used for, beside ranges. Each way is kept only where the outputs of samples get better by it. */
export interface Tuning {
  /** Weights to the nearest integers, or, by default, so that they make up for one another's errors at the output. */
  readonly rounding?: "nearest" | "gptq";
  /** Whether biases take the mean error of each channel; they do by default. */
  readonly biasCorrection?: boolean;
  /** Whether the room beside the ranges seen is what suits samples best, by default, or fixed. */
  readonly ranges?: "search" | "fixed";
}

/** What is quantized how: a choice for all nodes, and exceptions. Of rules that fit a node, the last one holds. */
export interface Recipe extends Tuning {
  readonly scheme: Choice;
  readonly rules?: readonly Rule[];
  /** What callers give and get: floats, by default, or the integers themselves, whose scale and zero point the file has. */
  readonly io?: "float" | "integer";
}

const listOf = (v: string | readonly string[]): readonly string[] => (typeof v === "string" ? [v] : v);
const literally = (text: string): string => text.replace(/[.+?^${}()|[\]\\]/g, "\\$&");
const patterns = new Map<string, RegExp>();
function pattern(source: string): RegExp {
  let p = patterns.get(source);
  if (!p) {
    p = new RegExp(source, "u");
    patterns.set(source, p);
  }
  return p;
}
const fitsOp = (wanted: string, op: string): boolean =>
  pattern(`^${literally(wanted).replaceAll("*", ".*")}$`).test(op);
const fitsModule = (wanted: string, path: string): boolean =>
  pattern(`^${literally(wanted).replaceAll("*", "[^.]*")}(\\.|$)`).test(path);

/** Whether a rule is about `node`. One that came about from several nodes of the program fits as soon as one of them does. */
export function fits(selector: Selector, node: Node): boolean {
  const { op, module, regex, tensor, predicate } = selector;
  const paths = node.locations.map((l) => l.module ?? "");
  if (paths.length === 0) paths.push("");
  return (
    (op === undefined || listOf(op).some((o) => fitsOp(o, node.op.name))) &&
    (module === undefined || listOf(module).some((m) => paths.some((p) => fitsModule(m, p)))) &&
    (regex === undefined || paths.some((p) => pattern(regex).test(p))) &&
    (tensor === undefined || tensorNames(node).some((n) => pattern(tensor).test(n))) &&
    (predicate === undefined || predicate(node))
  );
}

/** What the results of `node` are called in a file. */
function tensorNames(node: Node): readonly string[] {
  const module = node.locations[0]?.module;
  const id = node.locations.findLast((l) => l.id)?.id ?? "";
  return node.results.map((r) => [module, r.name ?? id].filter((x) => x !== undefined && x !== "").join("/"));
}

/** What a recipe chooses for `node`. Whether its kernel can do that is another question. */
export const choiceFor = (recipe: Recipe, node: Node): Choice =>
  recipe.rules?.findLast((r) => fits(r, node))?.scheme ?? recipe.scheme;

/** What a recipe leaves to be done with samples, if there are some. */
export const tuningOf = (r: Tuning): Required<Tuning> => ({
  rounding: r.rounding ?? "gptq",
  biasCorrection: r.biasCorrection ?? true,
  ranges: r.ranges ?? "search",
});
