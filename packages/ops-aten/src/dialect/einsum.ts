import { type Dim, invalid, type TensorData, type TensorType, tensor } from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";
import type { OpApplication } from "../schema/traits.ts";
import { axesOf } from "../semantics/axes.ts";
import { contract } from "../semantics/contract.ts";
import { einsumDType, einsumExtents, readEinsum } from "../semantics/einsum.ts";
import { differ, wantRank } from "../semantics/matmul-shape.ts";
import { mapNumbers } from "../semantics/pointwise.ts";
import { innerLabels, tensordotLabels } from "../semantics/tensordot.ts";

export const einsum = defineAten("einsum(str equation, Tensor[] tensors, *, int[]? path=None) -> Tensor", {
  summary: "Einstein sum: products of operands by labelled axes, summed over labels that the result lacks.",
  traits: {
    view: { operand: "tensors" },
    // one operand of which nothing is summed is permuted, or its diagonal taken
    sharesMemory({ types, attrs }: OpApplication) {
      const tensors = types["tensors"] as readonly TensorType[];
      const { operands, result } = readEinsum(
        attrs["equation"] as string,
        tensors.map((t) => t.shape.length),
      );
      return operands.length === 1 && operands[0]!.every((l) => result.includes(l));
    },
  },
  infer({ tensors }, { equation }) {
    const sum = readEinsum(
      equation,
      tensors.map((t) => t.shape.length),
    );
    const extents = einsumExtents(
      sum,
      tensors.map((t) => t.shape),
    );
    return tensor(
      einsumDType(sum, tensors),
      sum.result.map((l) => extents.get(l)!),
    );
  },
  evaluate({ tensors }, { equation }, [type]) {
    const { operands, result } = readEinsum(
      equation,
      tensors.map((t) => t.type.shape.length),
    );
    return contract(type!, tensors, operands, result);
  },
});

interface Pair<T> {
  readonly self: T;
  readonly other: T;
}
export const tensordot = defineAten(
  "tensordot(Tensor self, Tensor other, int[] dims_self, int[] dims_other) -> Tensor",
  {
    summary: "Sum of products over pairs of axes.",
    infer({ self, other }, { dims_self, dims_other }) {
      if (dims_self.length !== dims_other.length) invalid(`pairs ${dims_self.length} axes with ${dims_other.length}`);
      const [a, b] = [axesOf(dims_self, self.shape.length), axesOf(dims_other, other.shape.length)];
      a.forEach((d, i) => {
        const [x, y] = [self.shape[d]!, other.shape[b[i]!]!];
        if (differ(x, y) && x !== 1 && y !== 1) invalid(`pairs axes of extents ${String(x)} and ${String(y)}`);
      });
      const rest = (t: TensorType, gone: readonly number[]): Dim[] => t.shape.filter((_, i) => !gone.includes(i));
      return tensor(self.dtype, [...rest(self, a), ...rest(other, b)]);
    },
    evaluate({ self, other }, { dims_self, dims_other }, [type]) {
      const labels = tensordotLabels(self.type.shape.length, other.type.shape.length, dims_self, dims_other);
      return contract(type!, [self, other], [labels.self, labels.other], labels.result);
    },
  },
);

export const inner = defineAten("inner(Tensor self, Tensor other) -> Tensor", {
  summary: "Sums of products over the last axes of two tensors; a scalar multiplies everything.",
  infer({ self, other }) {
    const [a, b] = [self.shape, other.shape];
    if (a.length > 0 && b.length > 0 && differ(a.at(-1), b.at(-1)))
      invalid(`the last axes have extents ${String(a.at(-1))} and ${String(b.at(-1))}`);
    return tensor(self.dtype, a.length > 0 && b.length > 0 ? [...a.slice(0, -1), ...b.slice(0, -1)] : [...a, ...b]);
  },
  evaluate({ self, other }: Pair<TensorData>, _, [type]) {
    const labels = innerLabels(self.type.shape.length, other.type.shape.length);
    return contract(type!, [self, other], [labels.self, labels.other], labels.result);
  },
});

export const bilinear = defineAten(
  "bilinear(Tensor input1, Tensor input2, Tensor weight, Tensor? bias=None) -> Tensor",
  {
    summary: "`input1 @ weight[o] @ input2` for each row and each output, plus a bias.",
    infer({ input1, input2, weight, bias }) {
      wantRank(weight.shape, 3, "the weight");
      if (
        input1.shape.length !== input2.shape.length ||
        input1.shape.slice(0, -1).some((d, i) => differ(d, input2.shape[i]))
      )
        invalid("the inputs must agree but for their last axis");
      if (bias && (bias.shape.length !== 1 || differ(bias.shape[0], weight.shape[0])))
        invalid("the bias must have one element for each output");
      return tensor(input1.dtype, [...input1.shape.slice(0, -1), weight.shape[0]!]);
    },
    evaluate({ input1, input2, weight, bias }, _, [type]) {
      const rows = Array.from({ length: input1.type.shape.length - 1 }, (_x, i) => `r${i}`);
      const out = contract(
        { ...type!, dtype: bias ? "f64" : type!.dtype },
        [input1, weight, input2],
        [
          [...rows, "i"],
          ["o", "i", "j"],
          [...rows, "j"],
        ],
        [...rows, "o"],
      );
      return bias ? mapNumbers(type!, [out, bias], (a, b) => a + b) : out;
    },
  },
);
