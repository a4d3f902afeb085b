import { attr, type Dim, invalid, operand, sizeOf, type TensorType, tensor, withShape } from "@tflower/core";
import { axisOf, showShape } from "../semantics/axes.ts";
import * as g from "../semantics/gathering.ts";
import { defineTfl, runtimeI32, runtimeParameter } from "./define-tfl.ts";

const indices = operand.dtype("i32", "i64", "i16");

export const gather = defineTfl("GATHER", {
  summary: "Slices of `params` along `axis` at `indices`; the first `batch_dims` axes of both go together.",
  options: "GatherOptions",
  operands: { params: operand.tensor, indices },
  attrs: { axis: attr.int.default_(0), batch_dims: attr.int.default_(0) },
  movesElements: true,
  traits: {
    takesRows: "params",
    permutedOperands: ["params"],
    permuted(attrs, perm, types) {
      if (attrs["batch_dims"] !== 0) return undefined;
      const axis = axisOf(attrs["axis"] as number, perm.length);
      const to = perm[axis]!;
      const rank = (types["indices"] as TensorType).shape.length;
      const kept = perm.map((p) => (p < to ? p : p + rank - 1));
      return {
        attrs: { ...attrs, axis: to },
        perm: kept.toSpliced(axis, 1, ...Array.from({ length: rank }, (_, k) => to + k)),
      };
    },
  },
  infer({ params, indices }, { axis, batch_dims }) {
    const at = axisOf(axis, params.shape.length);
    const batch = batch_dims < 0 ? batch_dims + indices.shape.length : batch_dims;
    if (batch > at || batch > indices.shape.length)
      invalid(`has ${batch} batch axes, with indices ${showShape(indices.shape)} along axis ${at}`);
    return withShape(params, [
      ...params.shape.slice(0, at),
      ...indices.shape.slice(batch),
      ...params.shape.slice(at + 1),
    ]);
  },
  evaluate: ({ params, indices }, { axis, batch_dims }, [type]) =>
    g.gather(type!, params, indices, axisOf(axis, params.type.shape.length), batch_dims),
});

export const gatherNd = defineTfl("GATHER_ND", {
  summary: "Elements or slices of `params` at index vectors, which lie along the last axis of `indices`.",
  options: "GatherNdOptions",
  operands: { params: operand.tensor, indices },
  movesElements: true,
  infer({ params, indices }) {
    const depth = indices.shape.at(-1);
    if (typeof depth !== "number" || depth > params.shape.length)
      return invalid(`takes index vectors of at most ${params.shape.length} numbers, got ${showShape(indices.shape)}`);
    return withShape(params, [...indices.shape.slice(0, -1), ...params.shape.slice(depth)]);
  },
  evaluate: ({ params, indices }, _, [type]) => g.gatherNd(type!, params, indices),
});

export const scatterNd = defineTfl("SCATTER_ND", {
  summary: "A tensor of `shape` of zeros, with `updates` added at the index vectors along the last axis of `indices`.",
  options: "ScatterNdOptions",
  operands: { indices: operand.dtype("i32"), updates: operand.tensor, shape: runtimeParameter },
  attrs: { shape: attr.dims },
  parameters: { shape: "list" },
  infer({ indices, updates }, { shape }) {
    const depth = indices.shape.at(-1);
    if (
      typeof depth !== "number" ||
      depth > shape.length ||
      indices.shape.length - 1 + shape.length - depth !== updates.shape.length
    )
      invalid(
        `cannot scatter ${showShape(updates.shape)} at indices ${showShape(indices.shape)} into ${showShape(shape)}`,
      );
    return withShape(updates, shape);
  },
  evaluate: ({ indices, updates }, _, [type]) => g.scatterNd(type!, indices, updates),
});

export const embeddingLookup = defineTfl("EMBEDDING_LOOKUP", {
  summary: "Rows of `values` at `ids`.",
  operands: { ids: operand.both(operand.dtype("i32"), operand.rank(1)), values: operand.tensor },
  movesElements: true,
  traits: { takesRows: "values", weights: { operand: "values", axis: () => 0, dynamic: ["i8", "i4"] } },
  infer({ ids, values }) {
    const shape = [ids.shape[0]!, ...values.shape.slice(1)];
    // rows with a scale each are given out as the reals that they stand for
    return values.quant?.axis === undefined ? withShape(values, shape) : tensor("f32", shape);
  },
  evaluate: ({ ids, values }, _, [type]) => g.gather(type!, values, ids, 0, 0),
});

export const oneHot = defineTfl("ONE_HOT", {
  summary: "`on_value` where the place along the new axis is the index, `off_value` elsewhere.",
  options: "OneHotOptions",
  operands: {
    indices: operand.dtype("i32", "i64"),
    on_value: operand.tensor,
    off_value: operand.tensor,
    depth: runtimeI32,
  },
  attrs: { depth: attr.dim, axis: attr.int.default_(-1) },
  parameters: { depth: "scalar" },
  file: ["indices", "depth", "on_value", "off_value"],
  infer({ indices, on_value, off_value }, { depth, axis }) {
    if (on_value.dtype !== off_value.dtype)
      invalid(`has an on_value of ${on_value.dtype} and an off_value of ${off_value.dtype}`);
    const shape: Dim[] = [...indices.shape];
    shape.splice(axis === -1 ? shape.length : axisOf(axis, shape.length + 1), 0, depth);
    return withShape(on_value, shape);
  },
  evaluate: ({ indices, on_value, off_value }, { axis }, [type]) =>
    g.oneHot(type!, indices, axis === -1 ? indices.type.shape.length : axis, on_value, off_value),
});

export const sparseToDense = defineTfl("SPARSE_TO_DENSE", {
  summary: "A tensor of `output_shape` filled with `default_value`, with `value` written at `indices`.",
  options: "SparseToDenseOptions",
  operands: {
    indices: operand.dtype("i32", "i64"),
    value: operand.tensor,
    default_value: operand.tensor,
    output_shape: runtimeParameter,
  },
  attrs: { output_shape: attr.dims, validate_indices: attr.bool.default_(false) },
  parameters: { output_shape: "list" },
  file: ["indices", "output_shape", "value", "default_value"],
  infer: ({ value }, { output_shape }) =>
    typeof sizeOf(output_shape) === "number" || output_shape.length > 0
      ? withShape(value, output_shape)
      : invalid("needs an output shape"),
  evaluate: ({ indices, value, default_value }, _, [type]) => g.writeSparse(type!, indices, value, default_value),
});
