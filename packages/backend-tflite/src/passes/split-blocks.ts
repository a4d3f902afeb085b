import { appliedConstant, countOf, definePass, Rewriter, staticShape, tensor } from "@tflower/core";
import { reshape } from "../dialect/layout.ts";
import { dequantize } from "../dialect/quantization.ts";

/**
 * `DEQUANTIZE(blocks) = RESHAPE(DEQUANTIZE(rows))`, with a block to each row: no kernel gives reals of blocks, and one that takes a scale for
 * each row gives the same.
 */
export const splitBlocks = definePass({
  name: "split-blocks",
  summary: "Unpacks integers in blocks as rows with a scale each.",
  scope: "graph",
  run(graph, { count }) {
    const rewriter = new Rewriter(graph);
    for (const node of [...graph.nodes]) {
      const { constant } = (node.is(dequantize) ? node.operands.input : undefined) ?? {};
      const { quant } = constant?.type ?? {};
      if (!constant || quant?.block === undefined) continue;
      const { block } = quant;
      const shape = staticShape(constant.type.shape);
      const rows = [countOf(shape) / block, block];
      const zeroPoints = quant.zeroPoints.length ? quant.zeroPoints : quant.scales.map(() => 0);
      const type = tensor(constant.type.dtype, rows, { scales: quant.scales, zeroPoints, axis: 0 });
      // the same integers, since they have the same scales
      const held = appliedConstant(reshape, { input: constant }, { shape: rows }, type);
      const place = { before: node, locations: node.locations };
      const input = rewriter.emit(dequantize, { input: rewriter.constant(held, node.inputs[0]!.name) }, place);
      rewriter.replace(node, [rewriter.emit(reshape, { input }, place, { shape })]);
      count("blocks");
    }
  },
});
