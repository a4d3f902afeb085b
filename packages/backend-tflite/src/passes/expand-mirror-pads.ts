import { attr, definePass, type Graph, i32Data, isStaticShape, type Node, Rewriter, type Value } from "@tflower/core";
import { gather } from "../dialect/gather.ts";
import { concatenation } from "../dialect/join.ts";
import { mirrorPad } from "../dialect/pad.ts";
import { slice } from "../dialect/slice.ts";
import { cpuCosts } from "./kernel-costs.ts";
import { rewriteEach } from "./rewrite-each.ts";

/**
 * MIRROR_PAD's kernel computes where each element comes from, and takes fifteen to twenty times as long as the copies it stands for; delegates
 * do not take it. A few rows and columns are cut out and joined again, which they do take; more are gathered. Exact.
 */
export const expandMirrorPads = definePass({
  name: "expand-mirror-pads",
  summary: "Pads by reflection with slices and joins, or by gathering.",
  options: { enabled: attr.bool.default_(true) },
  scope: "graph",
  run(graph, context) {
    if (!context.options.enabled || context.compiler.settings.target !== "cpu") return;
    rewriteEach(graph, mirrorPad, context, "expand-mirror-pad", (node) => expand(node, graph));
  },
});

/** Elements of an axis of `extent` with `before` and `after` mirrored ones around them. */
function mirrored(extent: number, before: number, after: number, mode: "REFLECT" | "SYMMETRIC"): readonly number[] {
  const off = mode === "REFLECT" ? 0 : 1;
  return Array.from({ length: before + extent + after }, (_, i) => {
    const at = i - before;
    return at < 0 ? -at - off : at >= extent ? 2 * (extent - 1) - at + off : at;
  });
}

function expand(node: Node<typeof mirrorPad>, graph: Graph): void {
  const x = node.operands.input as Value;
  const paddings = node.attrs.paddings as readonly number[];
  if (node.operands_["paddings"] || !isStaticShape(x.type.shape)) return;
  const rewriter = new Rewriter(graph);
  let v = x;
  // the axes behind first: in front of them whole rows are copied
  for (let axis = x.type.shape.length - 1; axis >= 0; axis--) {
    const [before, after] = [paddings[2 * axis]!, paddings[2 * axis + 1]!];
    if (before + after > 0) v = mirrorAxis(rewriter, v, axis, before, after, node);
  }
  rewriter.replace(node as never, [v]);
}

function mirrorAxis(
  rewriter: Rewriter,
  v: Value,
  axis: number,
  before: number,
  after: number,
  node: Node<typeof mirrorPad>,
): Value {
  const place = { before: node as never, locations: node.locations };
  const shape = v.type.shape as readonly number[];
  const places = mirrored(shape[axis]!, before, after, node.attrs.mode);
  if (v.type.dtype !== "f32" || before + after >= cpuCosts.concatenated)
    return rewriter.emit(gather, { params: v, indices: rewriter.constant(i32Data(places)) }, place, { axis });
  const one = (at: number): Value =>
    rewriter.emit(slice, { input: v }, place, {
      begin: shape.map((_, i) => (i === axis ? at : 0)),
      size: shape.with(axis, 1),
    });
  const values = [
    ...places.slice(0, before).map(one),
    v,
    ...places.slice(places.length - after, after > 0 ? undefined : 0).map(one),
  ];
  return rewriter.emit(concatenation, { values }, place, { axis });
}
