import { definePass, lowerOps, type Node, Rewriter, type Value, withShape } from "@tflower/core";
import { transpose } from "../dialect/layout.ts";

declare module "@tflower/core" {
  interface Settings {
    /** Images that convolutions read come with their channels last. */
    readonly nhwcInputs?: boolean;
    /** Images that convolutions give leave with their channels last. */
    readonly nhwcOutputs?: boolean;
  }
}

/** Channels to the back, by rank: what lowerings put before convolutions of images and volumes. */
const toLast: ReadonlyMap<number, readonly number[]> = new Map([
  [4, [0, 2, 3, 1]],
  [5, [0, 2, 3, 4, 1]],
]);
const inverse = (perm: readonly number[]): number[] => perm.map((_, i) => perm.indexOf(i));

/**
 * Changes the interface: an input that a convolution reads, elementwise ops between or not, comes as `[N, H, W, C]`, and with
 * `nhwcOutputs` an output that comes from one is `[N, H, W, C]`. Other inputs and outputs stay as they are. The transposes that this
 * takes cancel with those in front of convolutions.
 */
export const channelsLastInterface = definePass({
  name: "channels-last-interface",
  summary:
    "Gives images that convolutions read, and those that they give, their channels last, where that is asked for.",
  requires: [lowerOps],
  scope: "graph",
  run(graph, { compiler }) {
    const { nhwcInputs, nhwcOutputs } = compiler.settings;
    if (!graph.module.signatures.some((s) => s.graph === graph.name)) return;
    const rewriter = new Rewriter(graph);
    if (nhwcInputs) for (const v of graph.inputs) if (isRead(v)) turnInput(rewriter, v);
    if (nhwcOutputs)
      graph.outputs = graph.outputs.map((v) =>
        isGiven(v) ? rewriter.emit(transpose, { input: v }, {}, { perm: toLast.get(v.type.shape.length)! }) : v,
      );
  },
});

const permOf = (node: Node): readonly number[] | undefined =>
  node.is(transpose) ? (node as unknown as Node<typeof transpose>).attrs.perm : undefined;

/** Whether elementwise ops lead from `v` to a transpose that brings channels to the back. */
function isRead(v: Value, seen = new Set<Value>()): boolean {
  const perm = toLast.get(v.type.shape.length)?.join();
  if (!perm || seen.has(v)) return false;
  seen.add(v);
  return [...v.users].some(
    (u) =>
      permOf(u)?.join() === perm ||
      (u.op.traits.elementwise === true &&
        u.results.some((r) => r.type.shape.length === v.type.shape.length && isRead(r, seen))),
  );
}

/** Whether elementwise ops lead to `v` from a transpose that brings channels to the front. */
function isGiven(v: Value, seen = new Set<Value>()): boolean {
  const last = toLast.get(v.type.shape.length);
  const node = v.producer;
  if (!last || !node || seen.has(v)) return false;
  seen.add(v);
  if (permOf(node)?.join() === inverse(last).join()) return true;
  return (
    node.op.traits.elementwise === true &&
    node.inputs.some((x) => x.type.shape.length === v.type.shape.length && isGiven(x, seen))
  );
}

function turnInput(rewriter: Rewriter, v: Value): void {
  const { type } = v;
  const last = toLast.get(type.shape.length)!;
  v.type = withShape(
    type,
    last.map((axis) => type.shape[axis]!),
  );
  rewriter.putBehindInput(v, (place) => rewriter.emit(transpose, { input: v }, place, { perm: inverse(last) }));
}
