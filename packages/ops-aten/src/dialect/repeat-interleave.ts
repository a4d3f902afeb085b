import {
  type Dim,
  invalid,
  isStatic,
  mulDim,
  operand,
  sizeOf,
  symbol,
  type TensorData,
  type TensorType,
  tensor,
  tensorData,
  withShape,
} from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";
import { axisOf } from "../semantics/axes.ts";
import { coordinatesOf, positionOf, reshaped, selected } from "../semantics/views.ts";

/** The shape that is repeated along an axis, and the axis; without `dim`, all elements along one. */
function line(
  shape: readonly Dim[],
  dim: number | undefined,
): { readonly shape: readonly Dim[]; readonly axis: number } {
  if (dim === undefined) return { shape: [sizeOf(shape)], axis: 0 };
  const whole = shape.length ? shape : [1];
  return { shape: whole, axis: axisOf(dim, whole.length) };
}
function repeated(self: TensorData, repeats: readonly number[], dim: number | undefined): TensorData {
  const { shape, axis } = line(self.type.shape, dim);
  const places = repeats.flatMap((n, i) => new Array<number>(n).fill(i));
  const from = shape as readonly number[];
  const to = from.with(axis, places.length);
  return selected(reshaped(self, from), to, (i) => {
    const at = coordinatesOf(i, to);
    return positionOf(at.with(axis, places[at[axis]!]!), from);
  });
}

export const repeatInterleaveSelfInt = defineAten(
  "repeat_interleave.self_int(Tensor self, SymInt repeats, int? dim=None, *, SymInt? output_size=None) -> Tensor",
  {
    summary: "Each place of an axis `repeats` times in a row.",
    infer({ self }, { repeats, dim }) {
      const { shape, axis } = line(self.shape, dim);
      if (isStatic(repeats) && repeats < 0) invalid(`repeats must not be negative, got ${repeats}`);
      return withShape(self, shape.with(axis, mulDim(shape[axis]!, repeats)));
    },
    evaluate({ self }, { repeats, dim }) {
      const { shape, axis } = line(self.type.shape, dim);
      return repeated(self, new Array<number>(shape[axis] as number).fill(repeats as number), dim);
    },
  },
);
/** How long a result is that the data decides. */
const unknown = (output_size: Dim | undefined): Dim => output_size ?? symbol("repeats");
export const repeatInterleaveSelfTensor = defineAten(
  "repeat_interleave.self_Tensor(Tensor self, Tensor repeats, int? dim=None, *, SymInt? output_size=None) -> Tensor",
  {
    summary: "Each place of an axis as often as `repeats` says.",
    operands: { repeats: operand.both(operand.integer, operand.ranks(0, 1)) },
    infer({ self, repeats }, { dim, output_size }) {
      const { shape, axis } = line(self.shape, dim);
      const [have, want] = [sizeOf(repeats.shape), shape[axis]!];
      if (isStatic(have) && isStatic(want) && have !== 1 && have !== want)
        invalid(`repeats has ${have} numbers for ${want} places`);
      return withShape(self, shape.with(axis, unknown(output_size)));
    },
    evaluate({ self, repeats }, { dim }) {
      const { shape, axis } = line(self.type.shape, dim);
      const given = Array.from(repeats.data, Number);
      return repeated(self, given.length === 1 ? new Array<number>(shape[axis] as number).fill(given[0]!) : given, dim);
    },
  },
);
export const repeatInterleaveTensor = defineAten(
  "repeat_interleave.Tensor(Tensor repeats, *, SymInt? output_size=None) -> Tensor",
  {
    summary: "Each of 0, 1, 2, ... as often as `repeats` says.",
    operands: { repeats: operand.both(operand.integer, operand.rank(1)) },
    infer: ({ repeats }: { readonly repeats: TensorType }, { output_size }) =>
      tensor(repeats.dtype, [unknown(output_size)]),
    evaluate({ repeats }) {
      const places = Array.from(repeats.data, Number).flatMap((n, i) => new Array<number>(n).fill(i));
      return tensorData(repeats.type.dtype, [places.length], places);
    },
  },
);
