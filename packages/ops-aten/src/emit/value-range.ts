import { tfl } from "@tflower/backend-tflite";
import { dataOf, type OpDef, type Value } from "@tflower/core";

/** Ops whose floats are never negative, whatever they read. NaN is neither. */
const squares: ReadonlySet<OpDef> = new Set<OpDef>([
  tfl.square,
  tfl.abs,
  tfl.exp,
  tfl.relu,
  tfl.relu6,
  tfl.logistic,
  tfl.sqrt,
  tfl.squaredDifference,
  tfl.softmax,
]);
/** Ops that keep what is not negative so. */
const keeps: ReadonlySet<OpDef> = new Set<OpDef>([
  tfl.mean,
  tfl.sum,
  tfl.reduceMax,
  tfl.reduceMin,
  tfl.reshape,
  tfl.transpose,
  tfl.slice,
  tfl.averagePool2d,
  tfl.maxPool2d,
]);

function lowest(v: Value): number | undefined {
  const data = dataOf(v);
  return (
    data && Array.from(data.data, Number).reduce((a, b) => (Number.isNaN(b) ? Number.NaN : Math.min(a, b)), Infinity)
  );
}

/** Whether elements are zero or more (or NaN), as far as the ops before tell. */
export function isNonNegative(v: Value, depth = 8): boolean {
  if (v.constant) return (lowest(v) ?? Number.NaN) >= 0;
  const node = v.producer;
  if (!node || depth === 0) return false;
  if (squares.has(node.op)) return true;
  const [a, b] = node.inputs;
  if (keeps.has(node.op)) return isNonNegative(a!, depth - 1);
  if (node.op === tfl.mul) return a === b || (isNonNegative(a!, depth - 1) && isNonNegative(b!, depth - 1));
  if (node.op === tfl.add) return isNonNegative(a!, depth - 1) && isNonNegative(b!, depth - 1);
  return false;
}

/** Whether elements are above zero (or NaN): what is not negative, plus a positive constant. */
export function isPositive(v: Value): boolean {
  if (v.constant) return (lowest(v) ?? Number.NaN) > 0;
  const node = v.producer;
  if (node?.op !== tfl.add) return false;
  const [a, b] = node.inputs as readonly [Value, Value];
  return (isNonNegative(a) && isPositive(b)) || (isNonNegative(b) && isPositive(a));
}
