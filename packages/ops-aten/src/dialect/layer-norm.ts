import {
  type Dim,
  floorDivDim,
  invalid,
  isStatic,
  mulDim,
  operand,
  sameDim,
  showDim,
  sizeOf,
  type TensorData,
  type TensorType,
  tensor,
} from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";
import { momentsOf, normalized, perChannel, reciprocalDeviation } from "../semantics/normalization.ts";
import { castData, mapNumbers } from "../semantics/pointwise.ts";
import { reducedShape, reduceNumbers, sumOf } from "../semantics/reduce.ts";
import { epsilonOf, trailingAxes } from "../semantics/trailing-axes.ts";
import { reshaped } from "../semantics/views.ts";

interface Affine<T> {
  readonly input: T;
  readonly weight?: T | undefined;
  readonly bias?: T | undefined;
}
const operands = { input: operand.float } as const;

/** Checks that `shape` is how the input's ends. */
function normedType({ input }: Affine<TensorType>, shape: readonly Dim[]): TensorType {
  const tail = input.shape.slice(input.shape.length - shape.length);
  if (
    shape.length === 0 ||
    shape.length > input.shape.length ||
    tail.some((d, i) => isStatic(d) && isStatic(shape[i]!) && !sameDim(d, shape[i]!))
  )
    invalid(
      `normalized_shape [${shape.map(showDim).join(",")}] is not how [${input.shape.map(showDim).join(",")}] ends`,
    );
  return input;
}
const layerData = (
  { input, weight, bias }: Affine<TensorData>,
  count: number,
  eps: number,
  type: TensorType,
): TensorData =>
  normalized(type, input, momentsOf(input, trailingAxes(input.type.shape.length, count)), eps, weight, bias);

export const layerNorm = defineAten(
  "layer_norm(Tensor input, SymInt[] normalized_shape, Tensor? weight=None, Tensor? bias=None, float eps=1.0000000000000001e-05, bool cudnn_enable=True) -> Tensor",
  {
    summary: "Normalizes over the last axes to mean 0 and variance 1, then scales and shifts.",
    operands,
    infer: (t, { normalized_shape }) => normedType(t, normalized_shape),
    evaluate: (t, { normalized_shape, eps }, [type]) => layerData(t, normalized_shape.length, eps, type!),
  },
);

export const nativeLayerNorm = defineAten(
  "native_layer_norm(Tensor input, SymInt[] normalized_shape, Tensor? weight, Tensor? bias, float eps) -> (Tensor, Tensor, Tensor)",
  {
    summary: "`layer_norm` that also gives mean and reciprocal deviation.",
    operands,
    infer(t, { normalized_shape }) {
      const out = normedType(t, normalized_shape);
      const rank = out.shape.length;
      const statistic = tensor(out.dtype, reducedShape(out.shape, trailingAxes(rank, normalized_shape.length), true));
      return [out, statistic, statistic];
    },
    evaluate(t, { normalized_shape, eps }, [type, mean, deviation]) {
      const m = momentsOf(t.input, trailingAxes(t.input.type.shape.length, normalized_shape.length));
      return [
        layerData(t, normalized_shape.length, eps, type!),
        castData(m.mean, mean!.dtype),
        castData(reciprocalDeviation(m.variance, eps), deviation!.dtype),
      ];
    },
  },
);

/** The channels in groups: `[N, groups, rest]`. */
const grouped = (x: TensorData, groups: number): TensorData => {
  const n = x.type.shape[0]!;
  return reshaped(x, [n, groups, n === 0 ? 0 : x.data.length / (n * groups)]);
};
function groupData(
  { input, weight, bias }: Affine<TensorData>,
  groups: number,
  eps: number,
  type: TensorType,
): TensorData {
  const rank = input.type.shape.length;
  const x = grouped(input, groups);
  const plain = reshaped(
    normalized({ ...x.type, dtype: "f64" }, x, momentsOf(x, [2]), eps, undefined, undefined),
    input.type.shape,
  );
  const [w, b] = [weight, bias].map((v) => v && perChannel(v, rank));
  return mapNumbers(type, [plain, ...(w ? [w] : []), ...(b ? [b] : [])], (v, p, q) =>
    w ? v! * p! + (b ? q! : 0) : v! + (b ? p! : 0),
  );
}

export const groupNorm = defineAten(
  "group_norm(Tensor input, int num_groups, Tensor? weight=None, Tensor? bias=None, float eps=1.0000000000000001e-05, bool cudnn_enabled=True) -> Tensor",
  {
    summary: "Normalizes groups of channels of each sample, then scales and shifts each channel.",
    operands,
    infer({ input }, { num_groups }) {
      if (input.shape.length < 2) invalid(`needs a batch axis and a channel axis, got rank ${input.shape.length}`);
      const c = input.shape[1]!;
      if (isStatic(c) && c % num_groups !== 0) invalid(`cannot put ${c} channels into ${num_groups} groups`);
      return input;
    },
    evaluate: (t, { num_groups, eps }, [type]) => groupData(t, num_groups, eps, type!),
  },
);

export const nativeGroupNorm = defineAten(
  "native_group_norm(Tensor input, Tensor? weight, Tensor? bias, SymInt N, SymInt C, SymInt HxW, int group, float eps) -> (Tensor, Tensor, Tensor)",
  {
    summary: "`group_norm` that also gives mean and reciprocal deviation of each group.",
    operands,
    infer({ input }, { N, C, HxW, group }) {
      const size = mulDim(mulDim(N, C), HxW);
      if (isStatic(size) && isStatic(sizeOf(input.shape)) && size !== sizeOf(input.shape))
        invalid(`N * C * HxW is ${size}, but the input has ${showDim(sizeOf(input.shape))} elements`);
      if (isStatic(C) && floorDivDim(C, group) !== C / group) invalid(`cannot put ${C} channels into ${group} groups`);
      const statistic = tensor(input.dtype, [N, group]);
      return [input, statistic, statistic];
    },
    evaluate(t, { group, eps }, [type, mean, deviation]) {
      const m = momentsOf(grouped(t.input, group), [2]);
      const shape = [t.input.type.shape[0]!, group];
      return [
        groupData(t, group, eps, type!),
        castData(reshaped(m.mean, shape), mean!.dtype),
        castData(reshaped(reciprocalDeviation(m.variance, eps), shape), deviation!.dtype),
      ];
    },
  },
);

/** `1 / sqrt(mean(x^2) + eps)`, axes kept. */
const reciprocalRms = (x: TensorData, count: number, eps: number | undefined): TensorData => {
  const axes = trailingAxes(x.type.shape.length, count);
  return reduceNumbers(
    tensor("f64", reducedShape(x.type.shape, axes, true)),
    castData(x, "f64"),
    axes,
    (line) => 1 / Math.sqrt(sumOf(Array.from(line, (v) => v * v)) / line.length + epsilonOf(eps, x.type.dtype)),
  );
};
const rmsData = (
  { input, weight }: Affine<TensorData>,
  count: number,
  eps: number | undefined,
  type: TensorType,
): TensorData =>
  mapNumbers(
    type,
    [input, reciprocalRms(input, count, eps), ...(weight ? [weight] : [])],
    (v, r, w) => v! * r! * (w ?? 1),
  );

export const rmsNorm = defineAten(
  "rms_norm(Tensor input, SymInt[] normalized_shape, Tensor? weight=None, float? eps=None) -> Tensor",
  {
    summary:
      "Divides by the root mean square over the last axes, then scales. `eps` is the dtype's machine epsilon unless given.",
    operands,
    infer: (t, { normalized_shape }) => normedType(t, normalized_shape),
    evaluate: (t, { normalized_shape, eps }, [type]) => rmsData(t, normalized_shape.length, eps, type!),
  },
);
export const fusedRmsNorm = defineAten(
  "_fused_rms_norm(Tensor input, int[] normalized_shape, Tensor? weight, float? eps) -> (Tensor, Tensor)",
  {
    summary: "`rms_norm` that also gives the reciprocal of the root mean square.",
    operands,
    infer(t, { normalized_shape }) {
      const out = normedType(t, normalized_shape);
      return [
        out,
        tensor(out.dtype, reducedShape(out.shape, trailingAxes(out.shape.length, normalized_shape.length), true)),
      ];
    },
    evaluate: (t, { normalized_shape, eps }, [type, rms]) => [
      rmsData(t, normalized_shape.length, eps, type!),
      castData(reciprocalRms(t.input, normalized_shape.length, eps), rms!.dtype),
    ],
  },
);
