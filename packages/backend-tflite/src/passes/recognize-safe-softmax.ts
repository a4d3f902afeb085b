import {
  applyRules,
  attr,
  dataOf,
  definePass,
  defineRule,
  type Node,
  numbersOf,
  type OpDef,
  type Place,
  type Rewriter,
  type Rule,
  scalarData,
  type Value,
} from "@tflower/core";
import { cast } from "../dialect/cast.ts";
import { equal, notEqual } from "../dialect/comparison.ts";
import { add, maximum, mul } from "../dialect/elementwise-binary.ts";
import { reshape, transpose } from "../dialect/layout.ts";
import { logicalNot } from "../dialect/logical.ts";
import { batchMatmul, fullyConnected } from "../dialect/matmul.ts";
import { reduceAll, reduceAny, reduceMax } from "../dialect/reduce.ts";
import { selectV2 } from "../dialect/select.ts";
import { softmax } from "../dialect/softmax.ts";
import { axesOf } from "../semantics/axes.ts";
import { elements } from "./layout-rules.ts";

/** The lowest finite number: it hides a score from a softmax as minus infinity does, and leaves a row of such scores numbers. */
const lowest = -3.4028234663852886e38;

const operand = (node: Node, name: string): Value => node.operands_[name] as Value;
const made = (v: Value, ...ops: readonly OpDef[]): Node | undefined =>
  v.producer && ops.includes(v.producer.op) ? v.producer : undefined;

/** Whether every element is known to be `n`. */
function isAll(v: Value, n: number): boolean {
  const data = v.constant && dataOf(v);
  return data !== undefined && numbersOf(data).every((x) => x === n);
}

/** Whether `v` holds where the elements of a row of `of` are all minus infinity. */
function findsHiddenRows(v: Value, of: Value): boolean {
  const isHidden = (x: Value): boolean => {
    const e = made(x, equal);
    return (
      e !== undefined &&
      [operand(e, "lhs"), operand(e, "rhs")].some((a, i) => a === of && isAll(operand(e, i ? "lhs" : "rhs"), -Infinity))
    );
  };
  const isShown = (x: Value): boolean => {
    const n = made(x, logicalNot, notEqual);
    if (n?.op === (logicalNot as OpDef)) return isHidden(operand(n, "input"));
    return (
      n !== undefined &&
      [operand(n, "lhs"), operand(n, "rhs")].some((a, i) => a === of && isAll(operand(n, i ? "lhs" : "rhs"), -Infinity))
    );
  };
  const alongRows = (n: Node): boolean => {
    const a = n.attrs as { readonly axes: readonly number[]; readonly keep_dims: boolean };
    const rank = of.type.shape.length;
    return a.keep_dims && axesOf(a.axes, rank).join() === String(rank - 1);
  };
  const all = made(v, reduceAll);
  if (all) return alongRows(all) && isHidden(operand(all, "input"));
  const none = made(v, logicalNot);
  const any = none && made(operand(none, "input"), reduceAny);
  return any !== undefined && alongRows(any) && isShown(operand(any, "input"));
}

/** Whether `v` is a product of matrices, perhaps scaled or moved: what is finite stays so, short of an overflow. */
function isProduct(v: Value, depth = 6): boolean {
  const n = v.producer;
  if (!n || depth === 0) return false;
  if (n.op === (batchMatmul as OpDef) || n.op === (fullyConnected as OpDef)) return true;
  if (n.op === (reshape as OpDef) || n.op === (transpose as OpDef)) return isProduct(operand(n, "input"), depth - 1);
  if (n.op !== (mul as OpDef)) return false;
  const [x, c] = operand(n, "rhs").constant
    ? [operand(n, "lhs"), operand(n, "rhs")]
    : [operand(n, "rhs"), operand(n, "lhs")];
  const data = c.constant && dataOf(c);
  return data !== undefined && numbersOf(data).every(Number.isFinite) && isProduct(x, depth - 1);
}

interface Mask {
  /** A summand without infinities. */
  readonly bias: Value;
  /** 0 for the rows of which nothing is left, 1 for others; none where there are no such rows. */
  readonly rows: Value | undefined;
}

/** Elements up to which a mask that is known is looked at. */
const readable = 1 << 22;

function maskOf(mask: Value, rewriter: Rewriter, place: Place): Mask {
  const last = mask.type.shape.length - 1;
  const reduced = { axes: [last], keep_dims: true };
  const number = (n: number): Value => rewriter.constant(scalarData("f32", n));
  const chosen = made(mask, selectV2);
  if (chosen && isAll(operand(chosen, "x"), 0) && isAll(operand(chosen, "y"), -Infinity)) {
    const condition = operand(chosen, "condition");
    if (condition.type.shape.length === mask.type.shape.length) {
      const one = rewriter.emit(cast, { input: condition }, place, { out_data_type: "f32" });
      const less = rewriter.emit(add, { lhs: one, rhs: number(-1) }, place, {});
      const bias = rewriter.emit(mul, { lhs: less, rhs: number(-lowest) }, place, {});
      const any = rewriter.emit(reduceAny, { input: condition }, place, reduced);
      return { bias, rows: rewriter.emit(cast, { input: any }, place, { out_data_type: "f32" }) };
    }
  }
  const bias = rewriter.emit(maximum, { lhs: mask, rhs: number(lowest) }, place, {});
  const data = mask.constant && elements(mask) <= readable ? dataOf(mask) : undefined;
  if (data) {
    const values = numbersOf(data);
    const width = (data.type.shape as readonly number[])[last]!;
    let open = true;
    for (let i = 0; i < values.length && open; i += width)
      open = values.slice(i, i + width).some((x) => x !== -Infinity);
    if (open) return { bias, rows: undefined };
  }
  const top = rewriter.emit(reduceMax, { input: mask }, place, reduced);
  const shown = rewriter.emit(notEqual, { lhs: top, rhs: number(-Infinity) }, place, {});
  return { bias, rows: rewriter.emit(cast, { input: shown }, place, { out_data_type: "f32" }) };
}

/**
 * A softmax that gives zeros for rows without a key, as PyTorch decomposes it: five ops on the scores that no delegate takes. What they
 * find out the mask knows alone, since sums of products are finite; so a bias without infinities and a product with the rows do as well.
 */
const safeSoftmax: Rule<any> = defineRule({
  name: "safe-softmax",
  summary: "select(all(s == -inf), 0, softmax(s)) = softmax(a + max(mask, lowest)) * any(mask), for s = a + mask",
  op: selectV2,
  rewrite(node, rewriter) {
    const { condition, x, y } = node.operands;
    const soft = made(y, softmax);
    const s = soft && operand(soft, "input");
    const sum = s && made(s, add);
    if (!soft || !sum || s.type.dtype !== "f32" || !isAll(x, 0) || !findsHiddenRows(condition, s)) return false;
    if (x.type.shape.length > y.type.shape.length || elements(x) > elements(y)) return false;
    const [lhs, rhs] = [operand(sum, "lhs"), operand(sum, "rhs")];
    const mask = isProduct(lhs) ? rhs : isProduct(rhs) ? lhs : undefined;
    if (
      !mask ||
      isProduct(mask) ||
      (sum.attrs as { fused_activation_function: string }).fused_activation_function !== "NONE"
    )
      return false;
    // a mask that broadcasts along the keys says nothing of a single one
    if (mask.type.shape.length === 0 || mask.type.shape.at(-1) !== s.type.shape.at(-1)) return false;
    const place = { before: node as never as Node, locations: node.locations };
    const { bias, rows } = maskOf(mask, rewriter, place);
    const scores = rewriter.emit(add, { lhs: mask === rhs ? lhs : rhs, rhs: bias }, place, {});
    const weights = rewriter.emit(softmax, { input: scores }, place, soft.attrs as { beta: number });
    rewriter.replace(node as never, [rows ? rewriter.emit(mul, { lhs: weights, rhs: rows }, place, {}) : weights]);
    rewriter.eraseDead([condition, y]);
    return true;
  },
});

/** Finds softmaxes that are made safe against rows without a key. */
export const recognizeSafeSoftmax = definePass({
  name: "recognize-safe-softmax",
  summary: "Keeps the test for rows without a key out of the scores of attention.",
  options: { enabled: attr.bool.default_(true) },
  scope: "graph",
  run(graph, { count, options }) {
    if (options.enabled) applyRules(graph, [safeSoftmax], count);
  },
});
