import { tfl } from "@tflower/backend-tflite";
import {
  type Constant,
  countOf,
  type Dim,
  dataConstant,
  dataOf,
  type Emit,
  isStatic,
  isStaticShape,
  mulDim,
  numbersOf,
  scalarData,
  tensorData,
  type Value,
} from "@tflower/core";
import type { Attention, AttentionOptions } from "../semantics/attention.ts";
import { floatDim, numberLike } from "./compute.ts";
import { iotaData } from "./indices.ts";
import { lazily } from "./lazy-constant.ts";
import { logSumExpOver } from "./log-sum-exp.ts";
import { matmulOf } from "./matmul.ts";
import { add, atLeast, mul, times } from "./pointwise.ts";
import { castTo, reshapeTo } from "./rearrange.ts";
import { looseExtremeOver, reduceBy } from "./reduce.ts";
import { softmaxOver } from "./softmax.ts";

/** What takes a score out of a softmax without making a row of such scores NaN: the lowest finite float32. */
const lowest = -3.4028234663852886e38;

/** A summand for the scores, and 0 for every row that it leaves nothing of, 1 for others; none when there is no such row. */
interface Mask {
  readonly bias: Value;
  readonly rows: Value | undefined;
}
/** Numbers from 0 along one of the last two axes. */
function iota(emit: Emit, d: Dim, column: boolean): Value {
  if (isStatic(d)) return emit.constant(tensorData("i32", column ? [d, 1] : [1, d], iotaData(d).data as Int32Array));
  return reshapeTo(emit, emit(tfl.range, {}, { limit: d }), column ? [d, 1] : [1, d]);
}
/** Elements up to which a mask that is known is kept in the file, rather than computed in each run. */
const storable = 1 << 20;
const isStorable = (shape: readonly Dim[]): boolean => isStaticShape(shape) && countOf(shape) <= storable;
const number = (n: number): Constant => dataConstant(scalarData("f32", n));

/** Zero where a bool holds, the lowest number elsewhere. */
function biasOf(emit: Emit, allowed: Value): Value {
  if (allowed.constant && isStorable(allowed.type.shape)) {
    const one = lazily(tfl.cast, { input: allowed.constant }, { out_data_type: "f32" });
    return emit.constant(
      lazily(tfl.mul, { lhs: lazily(tfl.add, { lhs: one, rhs: number(-1) }), rhs: number(-lowest) }),
    );
  }
  const one = castTo(emit, allowed, "f32");
  return times(emit, add(emit, one, numberLike(emit, one, -1)), -lowest);
}
/** Each query sees the keys up to its own place. */
function causal(emit: Emit, queries: Dim, keys: Dim): Mask {
  const [lhs, rhs] = [iota(emit, keys, false), iota(emit, queries, true)];
  const known = isStorable([queries, keys]);
  const allowed = known
    ? emit.constant(lazily(tfl.lessEqual, { lhs: lhs.constant!, rhs: rhs.constant! }))
    : emit(tfl.lessEqual, { lhs, rhs });
  return { bias: biasOf(emit, allowed), rows: undefined };
}
/** Whether every row of a mask in memory lets something through; `undefined` when that is not known. */
function everyRow(mask: Value): boolean | undefined {
  const data = dataOf(mask);
  if (!data) return undefined;
  const values = numbersOf(data);
  const width = (data.type.shape as readonly number[]).at(-1)!;
  const hides = data.type.dtype === "bool" ? (v: number): boolean => v === 0 : (v: number): boolean => v === -Infinity;
  for (let i = 0; i < values.length; i += width) if (values.slice(i, i + width).every(hides)) return false;
  return true;
}
function given(emit: Emit, mask: Value): Mask {
  const last = mask.type.shape.length - 1;
  const open = everyRow(mask);
  if (mask.type.dtype === "bool") {
    const rows = open ? undefined : castTo(emit, reduceBy(emit, tfl.reduceAny, mask, [last], true), "f32");
    return { bias: biasOf(emit, mask), rows };
  }
  if (open) return { bias: mask, rows: undefined };
  const top = looseExtremeOver(emit, "max", mask, [last], true);
  const rows = castTo(emit, emit(tfl.notEqual, { lhs: top, rhs: numberLike(emit, top, -Infinity) }), "f32");
  return { bias: atLeast(emit, mask, numberLike(emit, mask, lowest)), rows };
}

export interface Attended {
  readonly out: Value;
  readonly weights: Value;
  /** Makes the logarithms of the softmax's sums. */
  readonly logSumExp: () => Value;
}

/** `[..., heads, n, m]` as `[..., own, heads / own * n, m]`: heads that share a key head are rows of one matrix. */
function joinHeads(emit: Emit, x: Value, own: number): Value {
  const { shape } = x.type;
  const heads = shape.at(-3) as number;
  return heads === own
    ? x
    : reshapeTo(emit, x, [...shape.slice(0, -3), own, mulDim(shape.at(-2)!, heads / own), shape.at(-1)!]);
}
/** Undoes {@link joinHeads}. */
function splitHeads(emit: Emit, x: Value, heads: number, rows: Dim): Value {
  const { shape } = x.type;
  return shape.at(-3) === heads ? x : reshapeTo(emit, x, [...shape.slice(0, -3), heads, rows, shape.at(-1)!]);
}

/** `softmax(scale * query @ key^T + mask) @ value`. The scale goes to the queries, where it can go on into their projection. */
export function attentionOf(
  emit: Emit,
  { query, key, value, attn_mask }: Attention<Value>,
  { is_causal, scale, enable_gqa }: AttentionOptions,
): Attended {
  const width = query.type.shape.at(-1)!;
  const rows = query.type.shape.at(-2)!;
  const heads = query.type.shape.at(-3) as number;
  const factor = scale ?? (isStatic(width) ? 1 / Math.sqrt(width) : undefined);
  const scaled =
    factor === undefined
      ? mul(emit, query, emit(tfl.rsqrt, { input: floatDim(emit, width) }))
      : times(emit, query, factor);
  const product = (a: Value, b: Value, adjoint: boolean): Value =>
    enable_gqa
      ? splitHeads(emit, matmulOf(emit, joinHeads(emit, a, b.type.shape.at(-3) as number), b, adjoint), heads, rows)
      : matmulOf(emit, a, b, adjoint);
  const raw = product(scaled, key, true);
  const masks = [
    ...(is_causal ? [causal(emit, rows, key.type.shape.at(-2)!)] : []),
    ...(attn_mask ? [given(emit, attn_mask)] : []),
  ];
  const scores = masks.reduce((s, m) => add(emit, s, m.bias), raw);
  const weights = softmaxOver(emit, scores, scores.type.shape.length - 1);
  const shown = (x: Value): Value => masks.reduce((v, m) => (m.rows ? mul(emit, v, m.rows) : v), x);
  const sums = (): Value => {
    const lse = shown(logSumExpOver(emit, scores, [scores.type.shape.length - 1], true));
    return reshapeTo(emit, lse, lse.type.shape.slice(0, -1));
  };
  return { out: shown(product(weights, value, false)), weights: shown(weights), logSumExp: sums };
}
