import { tfl } from "@tflower/backend-tflite";
import { f32, u32 } from "../graph/qnn-graph-builder.ts";
import { defineMapping, type QnnMapping } from "./define-mapping.ts";

const last = (rank: number): number => Math.max(rank - 1, 0);

const mapSoftmax = defineMapping(tfl.softmax, ["Softmax"], (node, b) =>
  b.node("Softmax", [b.of(node.operands.input)], [b.of(node.result)], {
    scalars: { axis: u32(last(node.result.type.shape.length)), beta: f32(node.attrs.beta) },
  }),
);
const mapLogSoftmax = defineMapping(tfl.logSoftmax, ["LogSoftmax"], (node, b) =>
  b.node("LogSoftmax", [b.of(node.operands.input)], [b.of(node.result)], {
    scalars: { axis: u32(last(node.result.type.shape.length)), beta: f32(1) },
  }),
);
const mapL2 = defineMapping(tfl.l2Normalization, ["L2Norm"], (node, b) =>
  b.node("L2Norm", [b.of(node.operands.input)], [b.of(node.result)], {
    scalars: { axis: u32(last(node.result.type.shape.length)), epsilon: f32(1e-12) },
  }),
);
const mapLrn = defineMapping(tfl.localResponseNormalization, ["Lrn"], (node, b) => {
  const { radius, alpha, beta, bias } = node.attrs;
  b.node("Lrn", [b.of(node.operands.input)], [b.of(node.result)], {
    scalars: { radius: u32(radius), alpha: f32(alpha), beta: f32(beta), bias: f32(bias), region: u32(0) },
  });
});

/** Normalizations along the last axis. */
export const normalizationMappings: readonly QnnMapping<any>[] = [mapSoftmax, mapLogSoftmax, mapL2, mapLrn];
