import { tfl } from "@tflower/backend-tflite";
import type { OpDef } from "@tflower/core";
import { dimsOf, u32, u32s } from "../graph/qnn-graph-builder.ts";
import { refuse } from "../graph/refusal.ts";
import { defineMapping, type QnnMapping } from "./define-mapping.ts";
import { transposeOver } from "./joined-axes.ts";

const mapReshape = (op: OpDef): QnnMapping =>
  defineMapping(op, ["Reshape"], (node, b) => b.node("Reshape", [b.of(node.inputs[0]!)], [b.of(node.result)]), {
    deep: true,
  });

const mapTranspose = defineMapping(
  tfl.transpose,
  ["Transpose", "Reshape"],
  (node, b) =>
    transposeOver(b, node.operands.input, node.attrs.perm, node.result, (from, perm, to) =>
      b.node("Transpose", [from], [to], { tensors: { perm: u32s(perm.length ? perm : [0]) } }),
    ),
  { deep: true },
);

const mapTile = defineMapping(tfl.tile, ["Tile"], (node, b) => {
  const { input, multiples } = node.operands;
  if (multiples) refuse("how often it repeats is computed at run time");
  b.node("Tile", [b.of(input)], [b.of(node.result)], {
    tensors: { multiples: u32s(node.attrs.multiples as number[]) },
  });
});

/** Repeats what is 1 along an axis; axes that are new in front come by a reshape. */
const mapBroadcastTo = defineMapping(tfl.broadcastTo, ["Reshape", "Tile"], (node, b) => {
  const { input } = node.operands;
  const to = dimsOf(node.result.type);
  const from = dimsOf(input.type);
  const aligned = [...new Array(to.length - from.length).fill(1), ...from] as number[];
  const multiples = to.map((d, i) => d / aligned[i]!);
  let x = b.of(input);
  if (aligned.length !== from.length) {
    const longer = b.between({ ...input.type, shape: aligned });
    b.node("Reshape", [x], [longer]);
    x = longer;
  }
  b.node("Tile", [x], [b.of(node.result)], { tensors: { multiples: u32s(multiples) } });
});

const mapDepthToSpace = defineMapping(tfl.depthToSpace, ["DepthToSpace"], (node, b) => {
  const { block_size } = node.attrs;
  b.node("DepthToSpace", [b.of(node.operands.input)], [b.of(node.result)], {
    scalars: { mode: u32(0) },
    tensors: { block_size: u32s([block_size, block_size]) },
  });
});
const mapSpaceToDepth = defineMapping(tfl.spaceToDepth, ["SpaceToDepth"], (node, b) => {
  const { block_size } = node.attrs;
  b.node("SpaceToDepth", [b.of(node.operands.input)], [b.of(node.result)], {
    scalars: { mode: u32(0) },
    tensors: { block_size: u32s([block_size, block_size]) },
  });
});

/** Ops that put elements elsewhere. */
export const layoutMappings: readonly QnnMapping<any>[] = [
  mapReshape(tfl.reshape),
  mapReshape(tfl.squeeze),
  mapReshape(tfl.expandDims),
  mapTranspose,
  mapTile,
  mapBroadcastTo,
  mapDepthToSpace,
  mapSpaceToDepth,
];
