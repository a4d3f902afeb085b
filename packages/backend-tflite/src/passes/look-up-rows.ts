import { constantByteLength, definePass, type Node, Rewriter, sizeOf, type Value } from "@tflower/core";
import { cast } from "../dialect/cast.ts";
import { embeddingLookup, gather } from "../dialect/gather.ts";
import { reshape } from "../dialect/layout.ts";
import { isMadeOfIntegers } from "./integer-form.ts";

/** Tables below this many bytes are not worth the ops. */
const worthwhile = 4096;

/** Looks rows of constant tables up with EMBEDDING_LOOKUP, which takes a scale for each row where GATHER takes one for the table. */
export const lookUpRows = definePass({
  name: "look-up-rows",
  summary: "Looks rows of constant tables up by the op that takes them with a scale each, where tables are quantized.",
  scope: "graph",
  run(graph, { compiler, count }) {
    const { quantize } = compiler.settings;
    const rewriter = new Rewriter(graph);
    for (const node of [...graph.nodes])
      if (node.is(gather) && fits(node) && (quantize || isMadeOfIntegers(node.operands.params.constant!))) {
        rewrite(rewriter, node);
        count("look-up-rows");
      }
  },
});

function fits(node: Node<typeof gather>): boolean {
  const { params } = node.operands;
  const { axis, batch_dims } = node.attrs;
  return (
    params.constant !== undefined &&
    params.type.dtype === "f32" &&
    params.type.shape.length === 2 &&
    axis === 0 &&
    batch_dims === 0 &&
    constantByteLength(params.constant) >= worthwhile
  );
}

function rewrite(rewriter: Rewriter, node: Node<typeof gather>): void {
  const { params, indices } = node.operands;
  const place = { before: node, locations: node.locations };
  let ids: Value = indices;
  if (ids.type.dtype !== "i32") ids = rewriter.emit(cast, { input: ids }, place, { out_data_type: "i32" });
  const { shape } = indices.type;
  if (shape.length !== 1) ids = rewriter.emit(reshape, { input: ids }, place, { shape: [sizeOf(shape)] });
  let rows = rewriter.emit(embeddingLookup, { ids, values: params }, place);
  const [result] = node.results;
  if (shape.length !== 1) rows = rewriter.emit(reshape, { input: rows }, place, { shape: [...result!.type.shape] });
  rewriter.replace(node, [rows]);
}
