import { type Compiler, type Graph, type Node, residentData, type Value } from "@tflower/core";
import { schemeOf } from "../passes/scheme-of.ts";
import type { Recipe } from "../recipe.ts";
import { weightsOf } from "../weights/plan-weights.ts";
import { type ActivationDType, draftUse } from "./draft-use.ts";

/** Numbers of this magnitude stand for infinity: they mask others, and in no range is there room for them. */
const maskMagnitude = 1e4;

/** Values of a node that integers may stand for: not indices, shapes and conditions. */
export const activationsOf = (node: Node): readonly Value[] =>
  node.inputs.filter((v) => !v.constant && v.type.dtype === "f32");

/** What a node can be in a graph of integers. */
type Part =
  /** Computes on integers, and is why there are integers: it multiplies by weights. */
  | "seed"
  /** Computes on integers where its neighbours do. */
  | "integer"
  /** Computes on floats between integers, at the price of a look-up. */
  | "bridge";

/**
 * Which nodes compute on integers, and of which dtype. Layers with weights do, where a kernel exists; what lies between them does where all
 * that it reads comes from integers and no more of its readers want floats than integers. So residual sums, norms, and the softmax of a
 * transformer stay floats, where 8 bits cost accuracy and gain no time, and a convolutional net is integers from end to end. Nodes that read or
 * compute one of `floats` stay as they are.
 */
export function chooseIntegerNodes(
  graph: Graph,
  recipe: Recipe,
  compiler: Compiler,
  floats: ReadonlySet<Value> = new Set(),
): ReadonlyMap<Node, ActivationDType> {
  const parts = new Map<Node, Part>();
  const dtypes = new Map<Node, ActivationDType>();
  for (const node of graph.nodes) {
    const activations = schemeOf(node, recipe, compiler)?.activations;
    if (activations !== "i8" && activations !== "i16") continue;
    if ([...node.inputs, ...node.results].some((v) => floats.has(v))) continue;
    const part = partOf(node, activations, compiler);
    if (!part) continue;
    parts.set(node, part);
    dtypes.set(node, activations);
  }
  settle(parts, dtypes);
  return new Map([...dtypes].filter(([node]) => parts.has(node) && parts.get(node) !== "bridge"));
}

function partOf(node: Node, dtype: ActivationDType, compiler: Compiler): Part | undefined {
  const { traits } = node.op;
  if (traits.quantizer || traits.effects || traits.calls) return undefined;
  if (activationsOf(node).length === 0 || node.results.some((r) => r.type.dtype !== "f32")) return undefined;
  const runs = (withBias: boolean): boolean =>
    compiler.hooks.kernel.call(draftUse(node, dtype, withBias))?.supported === true;
  const eight = traits.int8Kernel === "native" && !squares(node);
  const integers = (dtype === "i16" || eight) && !traits.wideRange && !masks(node);
  if (integers && (runs(false) || runs(true))) return weightsOf(node) ? "seed" : "integer";
  const single = node.inputs.filter((v) => !v.constant).length === 1;
  return dtype === "i8" && single && (traits.int8Kernel === "lut" || traits.sameScales) ? "bridge" : undefined;
}

/** Whether a node squares a value, as norms do: squares span too many magnitudes for 8 bits. */
const squares = (node: Node): boolean => {
  const activations = activationsOf(node);
  return node.op.traits.multiplies === true && new Set(activations).size < activations.length;
};

/** Whether a constant operand masks what it is added to or compared with. */
export const masks = (node: Node): boolean =>
  node.inputs.some((v) => {
    if (!v.constant || v.type.dtype !== "f32" || weightsOf(node)?.constant === v.constant) return false;
    const data = residentData(v.constant)?.data;
    return data?.some((x: number | bigint) => !(Math.abs(Number(x)) < maskMagnitude)) ?? false;
  });

/** Drops nodes that are no seeds until all that are left have integer neighbours. */
function settle(parts: Map<Node, Part>, dtypes: ReadonlyMap<Node, ActivationDType>): void {
  for (let changed = true; changed; ) {
    changed = false;
    for (const [node, part] of parts) {
      if (part === "seed") continue;
      const same = (n: Node | undefined): boolean =>
        n !== undefined && parts.has(n) && dtypes.get(n) === dtypes.get(node);
      const fed = activationsOf(node).every((v) => !v.producer || same(v.producer));
      const users = node.results.flatMap((r) => [...r.users]);
      const integer = users.filter(same).length;
      if (fed && integer >= users.length - integer) continue;
      parts.delete(node);
      changed = true;
    }
  }
}
