import {
  addDim,
  allocate,
  attr,
  countOf,
  type Dim,
  invalid,
  operand,
  rowMajorStrides,
  sameDim,
  showType,
  staticShape,
  subDim,
  type TensorType,
  withShape,
  wrap,
} from "@tflower/core";
import { axisOf, dropAxes, permutedAlong, showShape } from "../semantics/axes.ts";
import { copyInto, strided } from "../semantics/movement.ts";
import { defineTfl, type Permuted } from "./define-tfl.ts";

function alike(values: readonly TensorType[], axis: number | undefined): TensorType {
  const [first] = values;
  if (!first) return invalid("needs at least one operand");
  for (const v of values)
    if (
      v.dtype !== first.dtype ||
      v.shape.length !== first.shape.length ||
      v.shape.some(
        (d, i) => i !== axis && typeof d === "number" && typeof first.shape[i] === "number" && d !== first.shape[i],
      )
    )
      invalid(`cannot join ${showType(first)} and ${showType(v)}${axis === undefined ? "" : ` along axis ${axis}`}`);
  return first;
}
const count = (v: unknown): number => (v as readonly unknown[]).length;

export const concatenation = defineTfl("CONCATENATION", {
  summary: "Joins tensors along an axis that is there.",
  options: "ConcatenationOptions",
  operands: { values: operand.variadic(operand.tensor) },
  // the table has an activation, which the kernel does not apply
  attrs: { axis: attr.int },
  traits: { permuted: (attrs, perm) => permutedAlong(attrs, perm), selects: true },
  infer({ values }, { axis }) {
    const at = axisOf(axis, values[0]?.shape.length ?? 0);
    const first = alike(values, at);
    return withShape(
      first,
      first.shape.map((d, i) => (i === at ? values.reduce<Dim>((n, v) => addDim(n, v.shape[at]!), 0) : d)),
    );
  },
  evaluate({ values }, { axis }, [type]) {
    const shape = staticShape(type!.shape);
    const at = axisOf(axis, shape.length);
    const strides = rowMajorStrides(shape);
    const out = allocate(type!.dtype, countOf(shape));
    let offset = 0;
    for (const v of values) {
      copyInto(out, strides, offset, v);
      offset += v.type.shape[at]! * strides[at]!;
    }
    return wrap(type!, out);
  },
});

export const pack = defineTfl("PACK", {
  summary: "Joins tensors of one shape along a new axis.",
  options: "PackOptions",
  operands: { values: operand.variadic(operand.tensor) },
  attrs: { axis: attr.int.default_(0) },
  derived: ({ operands }) => ({ values_count: count(operands["values"]) }),
  traits: {
    permuted(attrs, perm): Permuted {
      const rank = perm.length;
      const axis = axisOf(attrs["axis"] as number, rank + 1);
      // the new axis goes before the axis of the operand that it goes before now
      const to = axis < rank ? perm[axis]! : rank;
      const rest = perm.map((p) => (p < to ? p : p + 1));
      return { attrs: { ...attrs, axis: to }, perm: rest.toSpliced(axis, 0, to) };
    },
  },
  infer({ values }, { axis }) {
    const first = alike(values, undefined);
    return withShape(first, first.shape.toSpliced(axisOf(axis, first.shape.length + 1), 0, values.length));
  },
  evaluate({ values }, { axis }, [type]) {
    const shape = staticShape(type!.shape);
    const at = axisOf(axis, shape.length);
    const strides = rowMajorStrides(shape);
    const out = allocate(type!.dtype, countOf(shape));
    values.forEach((v, i) => {
      copyInto(out, strides.toSpliced(at, 1), i * strides[at]!, v);
    });
    return wrap(type!, out);
  },
});

export const unpack = defineTfl("UNPACK", {
  summary: "Takes a tensor apart along an axis, which results lack.",
  options: "UnpackOptions",
  operands: { value: operand.tensor },
  attrs: { axis: attr.int.default_(0) },
  derived: ({ results }) => ({ num: results.length }),
  movesElements: true,
  traits: {
    permuted(attrs, perm) {
      const axis = axisOf(attrs["axis"] as number, perm.length);
      return { attrs: { ...attrs, axis: perm[axis] }, perm: dropAxes(perm, [axis]) };
    },
  },
  infer({ value }, { axis }) {
    const at = axisOf(axis, value.shape.length);
    const n = value.shape[at]!;
    if (typeof n !== "number")
      return invalid(
        `has as many results as axis ${at} of ${showShape(value.shape)} has elements, which must be known`,
      );
    return new Array<TensorType>(n).fill(withShape(value, value.shape.toSpliced(at, 1)));
  },
  evaluate({ value }, { axis }, types) {
    const at = axisOf(axis, value.type.shape.length);
    const strides = rowMajorStrides(value.type.shape);
    return types.map((t, i) => strided(t, value, strides.toSpliced(at, 1), i * strides[at]!));
  },
});

export const split = defineTfl("SPLIT", {
  summary: "Cuts a tensor into `num_splits` equal parts along an axis.",
  options: "SplitOptions",
  operands: { value: operand.tensor },
  attrs: { axis: attr.int, num_splits: attr.int },
  parameters: { axis: "scalar" },
  file: ["axis", "value"],
  movesElements: true,
  traits: { permuted: (attrs, perm) => permutedAlong(attrs, perm) },
  infer({ value }, { axis, num_splits }) {
    const at = axisOf(axis, value.shape.length);
    const n = value.shape[at]!;
    if (typeof n !== "number" || num_splits < 1 || n % num_splits !== 0)
      invalid(`cannot cut axis ${at} of ${showShape(value.shape)} into ${num_splits} equal parts`);
    return new Array<TensorType>(num_splits).fill(withShape(value, value.shape.with(at, (n as number) / num_splits)));
  },
  evaluate({ value }, { axis }, types) {
    const at = axisOf(axis, value.type.shape.length);
    const strides = rowMajorStrides(value.type.shape);
    return types.map((t, i) => strided(t, value, strides, i * strides[at]! * (t.shape[at] as number)));
  },
});

export const splitV = defineTfl("SPLIT_V", {
  summary: "Cuts a tensor into parts of `size_splits` elements along an axis; one size may be -1, for what is left.",
  options: "SplitVOptions",
  operands: { value: operand.tensor },
  attrs: { size_splits: attr.dims, axis: attr.int },
  parameters: { size_splits: "list", axis: "scalar" },
  derived: ({ results }) => ({ num_splits: results.length }),
  movesElements: true,
  traits: { permuted: (attrs, perm) => permutedAlong(attrs, perm) },
  infer({ value }, { size_splits, axis }) {
    const at = axisOf(axis, value.shape.length);
    const known = size_splits.filter((s) => s !== -1).reduce<Dim>(addDim, 0);
    const total = value.shape[at]!;
    if (!size_splits.includes(-1) && typeof known === "number" && typeof total === "number" && !sameDim(known, total))
      invalid(
        `cuts axis ${at} of ${showShape(value.shape)} into parts of [${size_splits.join(",")}], which add up to ${known}`,
      );
    return size_splits.map((s) => withShape(value, value.shape.with(at, s === -1 ? subDim(total, known) : s)));
  },
  evaluate({ value }, { axis }, types) {
    const at = axisOf(axis, value.type.shape.length);
    const strides = rowMajorStrides(value.type.shape);
    let offset = 0;
    return types.map((t) => {
      const part = strided(t, value, strides, offset);
      offset += strides[at]! * (t.shape[at] as number);
      return part;
    });
  },
});
