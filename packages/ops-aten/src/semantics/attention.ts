import {
  broadcastShapes,
  type Dim,
  invalid,
  isStatic,
  showDim,
  type TensorData,
  type TensorType,
  tensor,
} from "@tflower/core";
import { contract, matmulLabels } from "./contract.ts";
import { logSumExp } from "./log-sum-exp.ts";
import { differ } from "./matmul-shape.ts";
import { castData, mapNumbers } from "./pointwise.ts";
import { reduceNumbers } from "./reduce.ts";
import { scanLines } from "./scan.ts";
import { exponentials } from "./softmax.ts";
import { broadcasted, reshaped } from "./views.ts";

export interface Attention<T> {
  readonly query: T;
  readonly key: T;
  readonly value: T;
  readonly attn_mask?: T | undefined;
}
export interface AttentionOptions {
  readonly is_causal: boolean;
  readonly scale: number | undefined;
  readonly enable_gqa: boolean;
}

/** Shapes of attention: `[..., L, E]` queries over `[..., S, E]` keys give `[..., L, S]` weights and `[..., L, V]` values. */
export function attentionShapes(
  { query, key, value, attn_mask }: Attention<TensorType>,
  grouped: boolean,
): { readonly out: Dim[]; readonly weights: Dim[] } {
  for (const t of [query, key, value])
    if (t.shape.length < 2) invalid(`needs tensors of at least 2 axes, got ${t.shape.length}`);
  if (differ(query.shape.at(-1), key.shape.at(-1)))
    invalid(`queries have ${showDim(query.shape.at(-1)!)} elements and keys ${showDim(key.shape.at(-1)!)}`);
  if (differ(key.shape.at(-2), value.shape.at(-2)))
    invalid(`there are ${showDim(key.shape.at(-2)!)} keys and ${showDim(value.shape.at(-2)!)} values`);
  const batches = [query, key, value].map((t) => t.shape.slice(0, -2));
  if (grouped) {
    const heads = batches.map((b) => b.at(-1));
    if (heads.some((h) => h === undefined)) invalid("needs an axis of heads to group");
    for (const h of heads.slice(1))
      if (isStatic(heads[0]!) && isStatic(h!) && heads[0] % h !== 0)
        invalid(`cannot share ${h} key heads among ${heads[0]} query heads`);
  }
  // shared heads are repeated, so they broadcast like the queries'
  const batch = broadcastShapes(...batches.map((b, i) => (grouped && i > 0 ? b.with(-1, batches[0]!.at(-1)!) : b)));
  const weights = [...batch, query.shape.at(-2)!, key.shape.at(-2)!];
  if (attn_mask) broadcastShapes(attn_mask.shape, weights);
  return { out: [...batch, query.shape.at(-2)!, value.shape.at(-1)!], weights };
}

/** Heads of axis -3, each repeated next to itself up to `heads`. */
function repeatHeads(x: TensorData, heads: number): TensorData {
  const shape: readonly number[] = x.type.shape;
  const own = shape.at(-3)!;
  const apart = shape.toSpliced(-2, 0, 1);
  return reshaped(broadcasted(reshaped(x, apart), apart.with(-3, heads / own)), shape.with(-3, heads));
}

export interface Attended {
  readonly out: TensorData;
  readonly weights: TensorData;
  readonly logSumExp: TensorData;
}
/** `softmax(scale * query @ key^T + mask) @ value`, in double precision. A query that may look at nothing gets zeros. */
export function attend(
  { query, key, value, attn_mask }: Attention<TensorData>,
  { is_causal, scale, enable_gqa }: AttentionOptions,
): Attended {
  const sq: readonly number[] = query.type.shape;
  const [k, v] = enable_gqa ? [repeatHeads(key, sq.at(-3)!), repeatHeads(value, sq.at(-3)!)] : [key, value];
  const labels = matmulLabels(sq.length, k.type.shape.length);
  const f64 = tensor("f64", []);
  const raw = contract(f64, [query, k], [labels.left, labels.right.with(-1, "k").with(-2, "n")], labels.result);
  const factor = scale ?? 1 / Math.sqrt(sq.at(-1)!);
  const shape: readonly number[] = raw.type.shape;
  const [length, span] = [shape.at(-2)!, shape.at(-1)!];
  let scores = mapNumbers(raw.type, [raw], (x) => x * factor);
  if (is_causal)
    scores = {
      ...scores,
      data: (scores.data as Float64Array).map((x, i) => (i % span > Math.floor(i / span) % length ? -Infinity : x)),
    };
  if (attn_mask)
    scores = mapNumbers(
      f64,
      [scores, attn_mask],
      attn_mask.type.dtype === "bool" ? (x, m) => (m ? x : -Infinity) : (x, m) => x + m,
    );
  const last = scores.type.shape.length - 1;
  const lse = reduceNumbers(tensor("f64", scores.type.shape.with(last, 1)), scores, [last], logSumExp);
  // not exp(x - lse): next to a mask of the lowest number, the logarithm of a sum of equals vanishes
  const weights = scanLines(f64, scores, last, (line) =>
    line.every((x) => x === -Infinity) ? line.fill(0) : exponentials(line),
  );
  const product = matmulLabels(weights.type.shape.length, v.type.shape.length);
  return {
    out: contract(f64, [weights, v], [product.left, product.right], product.result),
    weights,
    logSumExp: reshaped(
      mapNumbers(f64, [lse], (l) => (l === -Infinity ? 0 : l)),
      scores.type.shape.slice(0, -1) as number[],
    ),
  };
}
/** A result of {@link attend} in the dtype it is wanted in. */
export const rounded = (x: TensorData, type: TensorType): TensorData => castData(x, type.dtype);
