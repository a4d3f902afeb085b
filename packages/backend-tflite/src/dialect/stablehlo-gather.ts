import { attr, type Dim, invalid, operand, withShape } from "@tflower/core";
import { showShape } from "../semantics/axes.ts";
import { staticType } from "../semantics/pointwise.ts";
import { gatherSlices } from "../semantics/slices.ts";
import { defineTfl } from "./define-tfl.ts";

const indices = operand.dtype("i32", "i64");

export const stablehloGather = defineTfl("STABLEHLO_GATHER", {
  summary: "Slices of `slice_sizes` that begin where index vectors say, moved inside where they would stick out.",
  options: "StablehloGatherOptions",
  operands: { operand: operand.tensor, start_indices: indices },
  attrs: {
    offset_dims: attr.ints,
    collapsed_slice_dims: attr.ints,
    start_index_map: attr.ints,
    index_vector_dim: attr.int,
    slice_sizes: attr.ints,
    indices_are_sorted: attr.bool.default_(false),
  },
  infer({ operand: x, start_indices }, a) {
    if (a.slice_sizes.length !== x.shape.length)
      invalid(`has ${a.slice_sizes.length} slice sizes for ${showShape(x.shape)}`);
    const batch = start_indices.shape.filter((_, i) => i !== a.index_vector_dim);
    const slice = a.slice_sizes.filter((_, i) => !a.collapsed_slice_dims.includes(i));
    const out: Dim[] = [];
    for (let i = 0, b = 0, s = 0; i < batch.length + slice.length; i++)
      out.push(a.offset_dims.includes(i) ? slice[s++]! : batch[b++]!);
    return withShape(x, out);
  },
  evaluate: ({ operand: x, start_indices }, a, [type]) => gatherSlices(staticType(type!), x, start_indices, a),
});

export const stablehloScatter = defineTfl("STABLEHLO_SCATTER", {
  summary: "The input with slices of `updates` combined into it, where index vectors say, by a graph of one op.",
  options: "StablehloScatterOptions",
  operands: { input: operand.tensor, scatter_indices: indices, updates: operand.tensor },
  attrs: {
    indices_are_sorted: attr.bool.default_(false),
    update_window_dims: attr.ints,
    inserted_window_dims: attr.ints,
    scatter_dims_to_operand_dims: attr.ints,
    index_vector_dim: attr.int,
    unique_indices: attr.bool.default_(false),
    update_computation_subgraph_index: attr.graph,
  },
  infer({ input, updates }) {
    if (input.dtype !== updates.dtype) invalid(`scatters ${updates.dtype} into ${input.dtype}`);
    return input;
  },
});
