import { tfl } from "@tflower/backend-tflite";
import { countOf, residentData } from "@tflower/core";
import { dimsOf, f32, i32, u32 } from "../graph/qnn-graph-builder.ts";
import { refuse } from "../graph/refusal.ts";
import { axisFromFront, defineMapping, type QnnMapping } from "./define-mapping.ts";

const mapGather = defineMapping(tfl.gather, ["Gather"], (node, b) => {
  const { params, indices } = node.operands;
  const batch = params.type.shape.slice(0, node.attrs.batch_dims);
  if (batch.some((d) => d !== 1))
    refuse(
      `it gathers for each of ${node.attrs.batch_dims} batch axes by itself, and the HTP gathers the same from all`,
    );
  if (node.result.type.shape.length === 0 || !indices.type.shape.length) {
    // an index without axes has one here, and so has what it takes
    const axis = axisFromFront(node.attrs.axis, params.type);
    const shape = [...dimsOf(params.type)];
    shape[axis] = 1;
    const taken = b.between({ ...params.type, shape });
    b.node("Gather", [b.of(params), b.of(indices)], [taken], { scalars: { axis: i32(axis) } });
    b.node("Reshape", [taken], [b.of(node.result)]);
    return;
  }
  let places = b.of(indices);
  if (batch.length) {
    // one batch is none
    places = b.between({ ...indices.type, shape: indices.type.shape.slice(batch.length) });
    b.node("Reshape", [b.of(indices)], [places]);
  }
  b.node("Gather", [b.of(params), places], [b.of(node.result)], {
    scalars: { axis: i32(axisFromFront(node.attrs.axis, params.type)) },
  });
});

const mapEmbedding = defineMapping(tfl.embeddingLookup, ["Gather"], (node, b) =>
  b.node("Gather", [b.of(node.operands.values), b.of(node.operands.ids)], [b.of(node.result)], {
    scalars: { axis: i32(0) },
  }),
);

const mapGatherNd = defineMapping(tfl.gatherNd, ["GatherNd"], (node, b) =>
  b.node("GatherNd", [b.of(node.operands.params), b.of(node.operands.indices)], [b.of(node.result)], {
    scalars: { batch_dims: u32(0) },
  }),
);

const mapOneHot = defineMapping(tfl.oneHot, ["OneHot"], (node, b) => {
  const { indices, on_value, off_value, depth } = node.operands;
  const [on, off] = [on_value, off_value].map((v) => v.constant && residentData(v.constant)?.data[0]);
  if (on === undefined || off === undefined || depth || typeof node.attrs.depth !== "number")
    refuse("its values or its depth are computed at run time");
  if (on_value.type.dtype !== "f32" || on_value.type.quant)
    refuse(`it gives ${on_value.type.dtype}`, "cast what it gives");
  const axis = node.attrs.axis < 0 ? indices.type.shape.length : node.attrs.axis;
  b.node("OneHot", [b.of(indices)], [b.of(node.result)], {
    scalars: {
      depth: u32(node.attrs.depth as number),
      axis: u32(axis),
      on_value: f32(Number(on)),
      off_value: f32(Number(off)),
    },
  });
});

const mapScatterNd = defineMapping(tfl.scatterNd, ["ScatterNd"], (node, b) => {
  const { indices, updates, shape } = node.operands;
  if (shape) refuse("its extents are computed at run time");
  if (updates.type.quant || updates.type.dtype !== "f32") refuse(`it scatters ${updates.type.dtype}`);
  const dims = dimsOf(node.result.type);
  const zeros = b.numbers("f32", dims, new Array<number>(countOf(dims)).fill(0));
  b.node("ScatterNd", [zeros, b.of(indices), b.of(updates)], [b.of(node.result)], { scalars: { reduction: u32(1) } });
});

/** Ops that take and put elements at places that are data. */
export const gatherMappings: readonly QnnMapping<any>[] = [
  mapGather,
  mapEmbedding,
  mapGatherNd,
  mapOneHot,
  mapScatterNd,
];
