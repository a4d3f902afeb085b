import {
  addDim,
  type Dim,
  invalid,
  isStatic,
  operand,
  showDim,
  type TensorData,
  type TensorType,
  type Value,
  withShape,
} from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";
import type { WriteBack } from "../schema/traits.ts";
import { axisOf } from "../semantics/axes.ts";
import { type AxisRange, sliceRange, wrapIndex } from "../semantics/slicing.ts";
import { reshaped, slicedAlong } from "../semantics/views.ts";
import { selectScatter, sliceScatter } from "./scatter-views.ts";

const withExtent = (shape: readonly Dim[], axis: number, extent: Dim): Dim[] =>
  shape.map((d, i) => (i === axis ? extent : d));
const taken = (x: TensorData, axis: number, r: AxisRange): TensorData =>
  slicedAlong(x, axis, r.start as number, r.count as number, r.step);
function needAxes(t: TensorType): void {
  if (t.shape.length === 0) invalid("cannot take a part of a scalar");
}

interface SelectAttrs {
  readonly dim: number;
  readonly index: Dim;
}
const selecting = {
  infer({ self }: { readonly self: TensorType }, { dim, index }: SelectAttrs): TensorType {
    needAxes(self);
    const axis = axisOf(dim, self.shape.length);
    const extent = self.shape[axis]!;
    if (isStatic(index) && isStatic(extent) && (index < -extent || index >= extent))
      invalid(`index ${index} is out of range for axis ${axis} of extent ${showDim(extent)}`);
    return withShape(self, self.shape.toSpliced(axis, 1));
  },
  evaluate({ self }: { readonly self: TensorData }, { dim, index }: SelectAttrs): TensorData {
    const axis = axisOf(dim, self.type.shape.length);
    const one = slicedAlong(self, axis, wrapIndex(index, self.type.shape[axis]!) as number, 1);
    return reshaped(one, self.type.shape.filter((_, i) => i !== axis) as number[]);
  },
};
export const selectInt = defineAten("select.int(Tensor(a) self, int dim, SymInt index) -> Tensor(a)", {
  summary: "One place of an axis, which goes away.",
  ...selecting,
  traits: {
    writeBack: ({ base, attrs, written, emit }: WriteBack): Value =>
      emit(selectScatter, { self: base, src: written }, { dim: attrs["dim"], index: attrs["index"] }),
  },
});
export const selectCopyInt = defineAten("select_copy.int(Tensor self, int dim, SymInt index) -> Tensor", {
  summary: "`select` that copies.",
  ...selecting,
});

interface SliceAttrs {
  readonly dim: number;
  readonly start: Dim | undefined;
  readonly end: Dim | undefined;
  readonly step: Dim;
}
const slicing = {
  infer({ self }: { readonly self: TensorType }, { dim, start, end, step }: SliceAttrs): TensorType {
    needAxes(self);
    const axis = axisOf(dim, self.shape.length);
    return withShape(self, withExtent(self.shape, axis, sliceRange(self.shape[axis]!, start, end, step).count));
  },
  evaluate({ self }: { readonly self: TensorData }, { dim, start, end, step }: SliceAttrs): TensorData {
    const axis = axisOf(dim, self.type.shape.length);
    return taken(self, axis, sliceRange(self.type.shape[axis]!, start, end, step));
  },
};
export const sliceTensor = defineAten(
  "slice.Tensor(Tensor(a) self, int dim=0, SymInt? start=None, SymInt? end=None, SymInt step=1) -> Tensor(a)",
  {
    summary: "Python's `start:end:step` of one axis.",
    ...slicing,
    traits: {
      writeBack: ({ base, attrs: { dim, start, end, step }, written, emit }: WriteBack): Value =>
        emit(sliceScatter, { self: base, src: written }, { dim, start, end, step }),
    },
  },
);
export const sliceCopyTensor = defineAten(
  "slice_copy.Tensor(Tensor self, int dim=0, SymInt? start=None, SymInt? end=None, SymInt step=1) -> Tensor",
  {
    summary: "`slice` that copies.",
    ...slicing,
  },
);

interface NarrowAttrs {
  readonly dim: number;
  readonly start: Dim;
  readonly length: Dim;
}
/** `start` of a narrow may be negative, unlike where a slice would clamp. */
function narrowRange(
  shape: readonly Dim[],
  { dim, start, length }: NarrowAttrs,
): { readonly axis: number; readonly range: AxisRange } {
  if (shape.length === 0) invalid("cannot take a part of a scalar");
  const axis = axisOf(dim, shape.length);
  const extent = shape[axis]!;
  const from = wrapIndex(start, extent);
  if (isStatic(from) && isStatic(length) && isStatic(extent) && (from < 0 || length < 0 || from + length > extent))
    invalid(`start ${showDim(start)} and length ${length} exceed axis ${axis} of extent ${extent}`);
  return { axis, range: { start: from, count: length, step: 1 } };
}
const narrowing = {
  infer({ self }: { readonly self: TensorType }, attrs: NarrowAttrs): TensorType {
    return withShape(self, withExtent(self.shape, narrowRange(self.shape, attrs).axis, attrs.length));
  },
  evaluate({ self }: { readonly self: TensorData }, attrs: NarrowAttrs): TensorData {
    const { axis, range } = narrowRange(self.type.shape, attrs);
    return taken(self, axis, range);
  },
};
export const narrow = defineAten("narrow(Tensor(a) self, int dim, SymInt start, SymInt length) -> Tensor(a)", {
  summary: "`length` places of one axis, from `start`.",
  ...narrowing,
  traits: {
    writeBack({ base, attrs, written, emit }: WriteBack): Value {
      const { axis, range } = narrowRange(base.type.shape, attrs as unknown as NarrowAttrs);
      return emit(
        sliceScatter,
        { self: base, src: written },
        { dim: axis, start: range.start, end: addDim(range.start, range.count), step: 1 },
      );
    },
  },
});
export const narrowCopy = defineAten("narrow_copy(Tensor self, int dim, SymInt start, SymInt length) -> Tensor", {
  summary: "`narrow` that copies.",
  ...narrowing,
});
export const narrowTensor = defineAten(
  "narrow.Tensor(Tensor(a) self, int dim, Tensor start, SymInt length) -> Tensor(a)",
  {
    summary: "`narrow` whose start is computed.",
    operands: { start: operand.both(operand.integer, operand.rank(0)) },
    infer: ({ self }, { dim, length }) =>
      withShape(self, withExtent(self.shape, axisOf(dim, self.shape.length), length)),
    evaluate: ({ self, start }, { dim, length }) =>
      narrowing.evaluate({ self }, { dim, start: Number(start.data[0]), length }),
  },
);
