import {
  broadcastShapes,
  type Dim,
  invalid,
  isFloat,
  numbersOf,
  showType,
  type TensorData,
  type TensorType,
  tensor,
} from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";
import { promotedArithmetic, subtracted } from "../semantics/binary.ts";
import { floats } from "../semantics/class-losses.ts";
import { lossType, reduceLoss } from "../semantics/losses.ts";
import { mapNumbers } from "../semantics/pointwise.ts";
import { floatResult } from "../semantics/promote.ts";
import { reduceNumbers, sumOf } from "../semantics/reduce.ts";
import { promotedType } from "../semantics/result-types.ts";
import { vectorNorm } from "../semantics/vector-norm.ts";

const withoutLast = <D>(shape: readonly D[]): readonly D[] => shape.slice(0, -1);
/** Lines along the last axis. */
function linesOf(x: TensorData): (i: number) => readonly number[] {
  const n = (x.type.shape as readonly number[]).at(-1) ?? 1;
  const data = numbersOf(x);
  return (i) => Array.from(data.slice(i * n, (i + 1) * n));
}
/** Sums of products along the last axis; products of integers wrap. */
function dot(a: TensorData, b: TensorData): TensorData {
  const products = promotedArithmetic(
    [a, b],
    (x, y) => x! * y!,
    (x, y) => x! * y!,
  );
  return reduceNumbers(
    tensor("f64", products.type.shape.slice(0, -1)),
    products,
    [products.type.shape.length - 1],
    sumOf,
  );
}

/** What PyTorch adds to squared lengths here. */
export const lengthEpsilon = 1e-12;

export const cosineEmbeddingLoss = defineAten(
  "cosine_embedding_loss(Tensor input1, Tensor input2, Tensor target, float margin=0.0, int reduction=Mean) -> Tensor",
  {
    summary: "One minus the cosine of two vectors where the target is 1, the cosine above a margin where it is -1.",
    infer({ input1, input2, target }, { reduction }) {
      const rank = target.shape.length;
      if (rank > 1 || [input1, input2].some((x) => x.shape.length !== rank + 1))
        invalid(
          `takes one target for each row: rank 2 and 1, or 1 and 0, got ${showType(input1)}, ${showType(input2)} and ${showType(target)}`,
        );
      return lossType(
        tensor(
          floatResult(promotedType(input1, input2).dtype),
          broadcastShapes(withoutLast(broadcastShapes(input1.shape, input2.shape)) as Dim[], target.shape),
        ),
        reduction,
      );
    },
    evaluate({ input1, input2, target }, { margin, reduction }, [type]) {
      const [cross, one, two] = [dot(input1, input2), dot(input1, input1), dot(input2, input2)];
      const losses = mapNumbers(tensor(type!.dtype, []), [cross, one, two, target], (c, a, b, t) => {
        const cosine = c! / Math.sqrt((a! + lengthEpsilon) * (b! + lengthEpsilon));
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
    infer: ({ anchor, positive, negative }: Triplet<TensorType>, { reduction }) => {
      const rank = anchor.shape.length;
      if ([positive, negative].some((x) => x.shape.length !== rank))
        invalid(
          `takes tensors of as many axes, got ${showType(anchor)}, ${showType(positive)} and ${showType(negative)}`,
        );
      if ([anchor, positive, negative].filter((x) => x.dtype === "bool").length > 1)
        invalid("bools are not subtracted: use logical_xor");
      const whole = promotedType(anchor, positive, negative);
      return lossType(tensor(isFloat(whole.dtype) ? whole.dtype : "f32", withoutLast(whole.shape)), reduction);
    },
    evaluate({ anchor, positive, negative }, { margin, p, eps, swap, reduction }, [type]) {
      // each pair broadcasts by itself: a line of one element is a short one where its partner's is, too
      const apart = (a: TensorData, b: TensorData): TensorData => {
        const difference = subtracted(a, b);
        const line = linesOf(difference);
        return floats("f64", withoutLast(difference.type.shape), (i) =>
          vectorNorm(
            line(i).map((v) => v + eps),
            p,
          ),
        );
      };
      const [near, far] = [apart(anchor, positive), apart(anchor, negative)];
      const other = swap ? apart(positive, negative) : far;
      const places = broadcastShapes(near.type.shape, far.type.shape, other.type.shape);
      const losses = mapNumbers(tensor(type!.dtype, places), [near, far, other], (n, f, s) =>
        Math.max(margin + n! - Math.min(f!, s!), 0),
      );
      return reduceLoss(losses, reduction);
    },
  },
);
