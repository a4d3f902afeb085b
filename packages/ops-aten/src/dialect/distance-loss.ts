import {
  type Dim,
  invalid,
  numbersOf,
  operand,
  showType,
  type TensorData,
  type TensorType,
  tensor,
} from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";
import { broadcastShapes } from "../semantics/broadcast.ts";
import { floats } from "../semantics/class-losses.ts";
import { lossType, reduceLoss } from "../semantics/losses.ts";
import { promotedType } from "../semantics/result-types.ts";
import { vectorNorm } from "../semantics/vector-norm.ts";
import { broadcasted } from "../semantics/views.ts";

const withoutLast = <D>(shape: readonly D[]): readonly D[] => shape.slice(0, -1);
/** Lines along the last axis of operands that broadcast. */
function linesOf(...operands: readonly TensorData[]): {
  readonly shape: readonly number[];
  readonly lines: readonly ((i: number) => readonly number[])[];
} {
  const shape = broadcastShapes(...operands.map((o) => o.type.shape)) as number[];
  const n = shape.at(-1) ?? 1;
  const lines = operands.map((o) => {
    const data = numbersOf(broadcasted(o, shape));
    return (i: number) => Array.from(data.slice(i * n, (i + 1) * n));
  });
  return { shape: withoutLast(shape), lines };
}
const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, v, i) => sum + v * b[i]!, 0);

/** What PyTorch adds to squared lengths here. */
export const lengthEpsilon = 1e-12;

export const cosineEmbeddingLoss = defineAten(
  "cosine_embedding_loss(Tensor input1, Tensor input2, Tensor target, float margin=0.0, int reduction=Mean) -> Tensor",
  {
    summary: "One minus the cosine of two vectors where the target is 1, the cosine above a margin where it is -1.",
    operands: { input1: operand.float, input2: operand.float },
    infer({ input1, input2, target }, { reduction }) {
      const rank = target.shape.length;
      if (rank > 1 || [input1, input2].some((x) => x.shape.length !== rank + 1))
        invalid(
          `takes one target for each row: rank 2 and 1, or 1 and 0, got ${showType(input1)}, ${showType(input2)} and ${showType(target)}`,
        );
      return lossType(
        tensor(
          promotedType(input1, input2).dtype,
          broadcastShapes(withoutLast(broadcastShapes(input1.shape, input2.shape)) as Dim[], target.shape),
        ),
        reduction,
      );
    },
    evaluate({ input1, input2, target }, { margin, reduction }, [type]) {
      const { shape, lines } = linesOf(input1, input2);
      const targets = numbersOf(target);
      const losses = floats(type!.dtype, shape, (i) => {
        const [a, b] = [lines[0]!(i), lines[1]!(i)];
        const cosine = dot(a, b) / Math.sqrt((dot(a, a) + lengthEpsilon) * (dot(b, b) + lengthEpsilon));
        const t = targets[targets.length === 1 ? 0 : i];
        return (t === 1 ? 1 - cosine : 0) + (t === -1 ? Math.max(cosine - margin, 0) : 0);
      });
      return reduceLoss(losses, reduction);
    },
  },
);

type Triplet<T> = { readonly anchor: T; readonly positive: T; readonly negative: T };
export const tripletMarginLoss = defineAten(
  "triplet_margin_loss(Tensor anchor, Tensor positive, Tensor negative, float margin=1.0, float p=2.0, float eps=1e-06, bool swap=False, int reduction=Mean) -> Tensor",
  {
    summary: "How far an anchor is from a positive example, beyond its distance from a negative one less a margin.",
    operands: { anchor: operand.float, positive: operand.float, negative: operand.float },
    infer: ({ anchor, positive, negative }: Triplet<TensorType>, { reduction }) => {
      const whole = promotedType(anchor, positive, negative);
      return lossType(tensor(whole.dtype, withoutLast(whole.shape)), reduction);
    },
    evaluate({ anchor, positive, negative }, { margin, p, eps, swap, reduction }, [type]) {
      const { shape, lines } = linesOf(anchor, positive, negative);
      const losses = floats(type!.dtype, shape, (i) => {
        const [a, b, c] = lines.map((line) => line(i)) as [number[], number[], number[]];
        const apart = (x: readonly number[], y: readonly number[]): number =>
          vectorNorm(
            x.map((v, k) => v - y[k]! + eps),
            p,
          );
        const far = swap ? Math.min(apart(a, c), apart(b, c)) : apart(a, c);
        return Math.max(margin + apart(a, b) - far, 0);
      });
      return reduceLoss(losses, reduction);
    },
  },
);
