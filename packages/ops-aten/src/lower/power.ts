import { tfl } from "@tflower/backend-tflite";
import {
  defineLowering,
  dtypeInfo,
  type Emit,
  isComplex,
  isFloat,
  type Node,
  type Rejection,
  reject,
  type Scalar,
  type Value,
} from "@tflower/core";
import * as aten from "../dialect/power.ts";
import { computeIn, convertTo, numberValue } from "../emit/convert.ts";
import { floatPower, integerPower, wholePower } from "../emit/power.ts";

/** `float_power` computes in doubles, which the runtime does not have; the program is narrowed to float32 where that is asked for. */
const noDoubles = (node: Node<any>): Rejection | undefined =>
  node.results[0]!.type.dtype === "f64" ? reject("computes in float64, for which there are no kernels") : undefined;

function byTensor(emit: Emit, node: Node<any>, base: Value, exponent: Value): Value | Rejection {
  const { dtype } = node.results[0]!.type;
  if (isComplex(dtype)) return reject("complex numbers have no kernels");
  if (isFloat(dtype))
    return emit(tfl.pow, { lhs: convertTo(emit, base, dtype), rhs: convertTo(emit, exponent, dtype) });
  // how many bits an exponent can have is what its own dtype says, where that is the narrower one
  const own = exponent.type.dtype;
  const narrow = dtypeInfo(own).bits < dtypeInfo(dtype).bits || own === "bool" ? own : dtype;
  return computeIn(emit, dtype, [base, exponent], (x, n) => integerPower(emit, x!, n!, narrow));
}
function byNumber(emit: Emit, node: Node<any>, base: Value, exponent: Scalar): Value | Rejection {
  const { dtype } = node.results[0]!.type;
  if (isComplex(dtype) || typeof exponent === "object") return reject("complex numbers have no kernels");
  if (isFloat(dtype)) return floatPower(emit, convertTo(emit, base, dtype), Math.fround(Number(exponent)));
  return computeIn(emit, dtype, [base], (x) => wholePower(emit, x, BigInt(exponent)));
}
export const powTensorTensor = defineLowering(aten.powTensorTensor, ({ self, exponent }, _, emit, node) =>
  byTensor(emit, node, self, exponent),
);
export const powTensorScalar = defineLowering(aten.powTensorScalar, ({ self }, { exponent }, emit, node) =>
  byNumber(emit, node, self, exponent),
);
export const powScalar = defineLowering(aten.powScalar, ({ exponent }, { self }, emit, node) =>
  byTensor(emit, node, numberValue(emit, self, node.results[0]!.type.dtype), exponent),
);
export const floatPowerTensorTensor = defineLowering(
  aten.floatPowerTensorTensor,
  ({ self, exponent }, _, emit, node) => noDoubles(node) ?? byTensor(emit, node, self, exponent),
);
export const floatPowerTensorScalar = defineLowering(
  aten.floatPowerTensorScalar,
  ({ self }, { exponent }, emit, node) => noDoubles(node) ?? byNumber(emit, node, self, exponent),
);
export const floatPowerScalar = defineLowering(
  aten.floatPowerScalar,
  ({ exponent }, { self }, emit, node) =>
    noDoubles(node) ?? byTensor(emit, node, numberValue(emit, self, node.results[0]!.type.dtype), exponent),
);
