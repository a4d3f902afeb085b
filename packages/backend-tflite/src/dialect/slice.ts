import {
  addDim,
  attr,
  type Dim,
  floorDivDim,
  invalid,
  operand,
  rowMajorStrides,
  staticShape,
  subDim,
  type TensorType,
  withShape,
  wrap,
} from "@tflower/core";
import { dropAxes, showShape, unpermute, unpermuteMask } from "../semantics/axes.ts";
import { copyInto, strided } from "../semantics/movement.ts";
import { defineTfl, runtimeI32, runtimeParameter } from "./define-tfl.ts";

export const slice = defineTfl("SLICE", {
  summary: "`size[i]` elements from `begin[i]` on along each axis; a size of -1 is all that is left.",
  options: "SliceOptions",
  operands: { input: operand.tensor, begin: runtimeParameter, size: runtimeParameter },
  attrs: { begin: attr.dims, size: attr.dims },
  parameters: { begin: "list", size: "list" },
  movesElements: true,
  traits: {
    permuted: ({ begin, size }, perm) => ({
      attrs: { begin: unpermute(begin as readonly Dim[], perm), size: unpermute(size as readonly Dim[], perm) },
      perm,
    }),
  },
  infer({ input }, { begin, size }) {
    if (begin.length !== input.shape.length || size.length !== input.shape.length)
      invalid(`begin and size have ${begin.length} and ${size.length} numbers for ${input.shape.length} axes`);
    return withShape(
      input,
      input.shape.map((d, i) => {
        const [from, n] = [begin[i]!, size[i]!];
        if (
          typeof from === "number" &&
          typeof d === "number" &&
          (from < 0 || (typeof n === "number" && (n < -1 || from + Math.max(n, 0) > d)))
        )
          invalid(`takes ${n} elements from ${from} on of axis ${i} of ${showShape(input.shape)}`);
        return n === -1 ? subDim(d, from) : n;
      }),
    );
  },
  evaluate({ input }, { begin }, [type]) {
    const strides = rowMajorStrides(input.type.shape);
    return strided(
      type!,
      input,
      strides,
      staticShape(begin).reduce((n, b, i) => n + b * strides[i]!, 0),
    );
  },
});

/** What a strided slice takes of one axis of its input; `axis` is none for an axis that it inserts. */
interface Cut {
  readonly axis: number | undefined;
  readonly from: Dim;
  readonly step: number;
  readonly extent: Dim;
  readonly shrink: boolean;
}
interface StridedSlice {
  readonly begin: readonly Dim[];
  readonly end: readonly Dim[];
  readonly strides: readonly number[];
  readonly begin_mask: number;
  readonly end_mask: number;
  readonly ellipsis_mask: number;
  readonly new_axis_mask: number;
  readonly shrink_axis_mask: number;
  readonly offset: boolean;
}

/** An index into an axis, from the end when negative. Within a symbolic extent it is taken to lie inside, as exporters guard. */
function place(index: Dim, extent: Dim, low: number, high: Dim): Dim {
  if (typeof index !== "number") return index;
  const at = index < 0 ? addDim(extent, index) : index;
  return typeof at === "number" && typeof high === "number" ? Math.min(high, Math.max(low, at)) : at;
}

function cutAxis(axis: number, d: Dim, a: StridedSlice, i: number): Cut {
  const bit = 1 << i;
  const step = a.strides[i]!;
  if (step === 0) invalid(`has a stride of 0 along axis ${axis}`);
  if (a.shrink_axis_mask & bit) {
    const at = a.begin[i]!;
    return { axis, from: typeof at === "number" && at < 0 ? addDim(d, at) : at, step: 1, extent: 1, shrink: true };
  }
  const [low, high, first, last] = step > 0 ? [0, d, 0, d] : [-1, addDim(d, -1), addDim(d, -1), -1];
  const from = a.begin_mask & bit ? first : place(a.begin[i]!, d, low, high);
  const to = a.end_mask & bit ? last : a.offset ? addDim(from, a.end[i]!) : place(a.end[i]!, d, low, high);
  const span = step > 0 ? subDim(to, from) : subDim(from, to);
  const extent = floorDivDim(addDim(span, Math.abs(step) - 1), Math.abs(step));
  return { axis, from, step, extent: typeof extent === "number" ? Math.max(0, extent) : extent, shrink: false };
}

function cuts(shape: readonly Dim[], a: StridedSlice): Cut[] {
  const given = a.begin.length;
  if (a.end.length !== given || a.strides.length !== given)
    invalid(`begin, end and strides have ${given}, ${a.end.length} and ${a.strides.length} numbers`);
  const ellipsis = [...a.begin.keys()].find((i) => a.ellipsis_mask & (1 << i));
  const inserted = [...a.begin.keys()].filter((i) => i !== ellipsis && a.new_axis_mask & (1 << i)).length;
  const named = given - inserted - (ellipsis === undefined ? 0 : 1);
  if (named > shape.length) invalid(`indexes ${named} axes of ${showShape(shape)}`);
  const out: Cut[] = [];
  let axis = 0;
  const whole = (n: number): void => {
    for (let k = 0; k < n; k++, axis++) out.push({ axis, from: 0, step: 1, extent: shape[axis]!, shrink: false });
  };
  for (let i = 0; i < given; i++) {
    if (i === ellipsis) whole(shape.length - named);
    else if (a.new_axis_mask & (1 << i)) out.push({ axis: undefined, from: 0, step: 1, extent: 1, shrink: false });
    else {
      out.push(cutAxis(axis, shape[axis]!, a, i));
      axis++;
    }
  }
  whole(shape.length - axis);
  return out;
}

export const stridedSlice = defineTfl("STRIDED_SLICE", {
  summary: "Every `strides[i]`-th element from `begin[i]` to before `end[i]` along each axis, with NumPy's masks.",
  options: "StridedSliceOptions",
  operands: { input: operand.tensor, begin: runtimeI32, end: runtimeI32 },
  attrs: {
    begin: attr.dims,
    end: attr.dims,
    strides: attr.ints,
    begin_mask: attr.int.default_(0),
    end_mask: attr.int.default_(0),
    ellipsis_mask: attr.int.default_(0),
    new_axis_mask: attr.int.default_(0),
    shrink_axis_mask: attr.int.default_(0),
    offset: attr.bool.default_(false),
  },
  parameters: { begin: "list", end: "list", strides: "list" },
  movesElements: true,
  traits: {
    permuted(attrs, perm) {
      const a = attrs as unknown as StridedSlice;
      if (a.ellipsis_mask || a.new_axis_mask || a.begin.length !== perm.length) return undefined;
      const axes = [...perm.keys()].filter((i) => a.shrink_axis_mask & (1 << i));
      return {
        attrs: {
          ...attrs,
          begin: unpermute(a.begin, perm),
          end: unpermute(a.end, perm),
          strides: unpermute(a.strides, perm),
          begin_mask: unpermuteMask(a.begin_mask, perm),
          end_mask: unpermuteMask(a.end_mask, perm),
          shrink_axis_mask: unpermuteMask(a.shrink_axis_mask, perm),
        },
        perm: dropAxes(perm, axes),
      };
    },
  },
  infer: ({ input }, a) =>
    withShape(
      input,
      cuts(input.shape, a)
        .filter((c) => !c.shrink)
        .map((c) => c.extent),
    ),
  evaluate({ input }, a, [type]) {
    const own = rowMajorStrides(input.type.shape);
    const taken = cuts(input.type.shape, a);
    const offset = taken.reduce((n, c) => (c.axis === undefined ? n : n + (c.from as number) * own[c.axis]!), 0);
    return strided(
      type!,
      input,
      taken.filter((c) => !c.shrink).map((c) => (c.axis === undefined ? 0 : c.step * own[c.axis]!)),
      offset,
    );
  },
});

export const dynamicUpdateSlice = defineTfl("DYNAMIC_UPDATE_SLICE", {
  summary: "The operand with `update` written over it from `start_indices` on, moved inside where it would stick out.",
  options: "DynamicUpdateSliceOptions",
  operands: { operand: operand.tensor, update: operand.tensor, start_indices: operand.dtype("i32", "i64") },
  infer({ operand: x, update, start_indices }): TensorType {
    if (x.dtype !== update.dtype || x.shape.length !== update.shape.length)
      invalid(`writes ${update.dtype}${showShape(update.shape)} over ${x.dtype}${showShape(x.shape)}`);
    if (
      start_indices.shape.length !== 1 ||
      (typeof start_indices.shape[0] === "number" && start_indices.shape[0] !== x.shape.length)
    )
      invalid(`takes one start index for each of ${x.shape.length} axes, got ${showShape(start_indices.shape)}`);
    return x;
  },
  evaluate({ operand: x, update, start_indices }, _, [type]) {
    const out = x.data.slice();
    const strides = rowMajorStrides(x.type.shape);
    let offset = 0;
    staticShape(x.type.shape).forEach((d, i) => {
      offset += Math.min(d - update.type.shape[i]!, Math.max(0, Number(start_indices.data[i]!))) * strides[i]!;
    });
    copyInto(out, strides, offset, update);
    return wrap(type!, out);
  },
});
