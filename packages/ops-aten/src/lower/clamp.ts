import { tfl } from "@tflower/backend-tflite";
import {
  defineLowering,
  type Emit,
  isComplex,
  isFloat,
  type Node,
  type Rejection,
  reject,
  type Scalar,
  type Value,
} from "@tflower/core";
import * as aten from "../dialect/clamp.ts";
import { computeIn, numberValue } from "../emit/convert.ts";
import { extremum, select } from "../emit/pointwise.ts";

/** First the lower bound, then the upper one, in the result's dtype. */
function bounded(
  emit: Emit,
  node: Node<any>,
  self: Value,
  min: Value | undefined,
  max: Value | undefined,
): Value | Rejection {
  const { dtype } = node.results[0]!.type;
  if (isComplex(dtype)) return reject("complex numbers have no order");
  const given = [min, max].map((v) => v !== undefined);
  return computeIn(emit, dtype, [self, ...[min, max].filter((v) => v !== undefined)], (x, ...bounds) => {
    const low = given[0] ? extremum(emit, tfl.maximum, x!, bounds.shift()!) : x!;
    return given[1] ? extremum(emit, tfl.minimum, low, bounds.shift()!) : low;
  });
}
const byNumbers = (
  emit: Emit,
  node: Node<any>,
  self: Value,
  min: Scalar | undefined,
  max: Scalar | undefined,
): Value | Rejection => {
  const { dtype } = node.results[0]!.type;
  const builtin = isFloat(dtype) && self.type.dtype === dtype ? rangeOf(min, max) : undefined;
  if (builtin) return emit(builtin, { input: self });
  const [low, high] = [min, max].map((s) => (s === undefined ? undefined : numberValue(emit, s, dtype)));
  return bounded(emit, node, self, low, high);
};
/** The op that is made for these bounds. */
const rangeOf = (
  min: Scalar | undefined,
  max: Scalar | undefined,
): typeof tfl.relu | typeof tfl.relu6 | typeof tfl.reluN1To1 | undefined => {
  if (min === undefined) return undefined;
  if (Number(min) === 0 && max === undefined) return tfl.relu;
  if (Number(min) === 0 && Number(max) === 6) return tfl.relu6;
  return Number(min) === -1 && Number(max) === 1 ? tfl.reluN1To1 : undefined;
};

export const clamp = defineLowering(aten.clamp, ({ self }, { min, max }, emit, node) =>
  byNumbers(emit, node, self, min, max),
);
export const clampTensor = defineLowering(aten.clampTensor, ({ self, min, max }, _, emit, node) =>
  bounded(emit, node, self, min, max),
);
export const clampMin = defineLowering(aten.clampMin, ({ self }, { min }, emit, node) =>
  byNumbers(emit, node, self, min, undefined),
);
export const clampMinTensor = defineLowering(aten.clampMinTensor, ({ self, min }, _, emit, node) =>
  bounded(emit, node, self, min, undefined),
);
export const clampMax = defineLowering(aten.clampMax, ({ self }, { max }, emit, node) =>
  byNumbers(emit, node, self, undefined, max),
);
export const clampMaxTensor = defineLowering(aten.clampMaxTensor, ({ self, max }, _, emit, node) =>
  bounded(emit, node, self, undefined, max),
);
export const hardtanh = defineLowering(aten.hardtanh, ({ self }, { min_val, max_val }, emit, node) =>
  byNumbers(emit, node, self, min_val, max_val),
);
export const relu6 = defineLowering(aten.relu6, ({ self }, _, emit, node) => byNumbers(emit, node, self, 0n, 6n));
export const relu = defineLowering(aten.relu, ({ self }, _, emit, node) => byNumbers(emit, node, self, 0n, undefined));

export const threshold = defineLowering(aten.threshold, ({ self }, { threshold: t, value }, emit, node) => {
  const { dtype } = node.results[0]!.type;
  return computeIn(emit, dtype, [self, numberValue(emit, t, dtype), numberValue(emit, value, dtype)], (x, at, v) => {
    const low = emit(tfl.lessEqual, { lhs: x!, rhs: at! });
    return select(emit, low, v!, x!);
  });
});
