import { byteLength, countOf, defineLowering, type Dim, type DimExpr, type Emit, isComplex, isFloat, isStaticShape, type Node, reject, type Rejection, type Scalar, type Value } from "@tflower/core";
import * as aten from "../dialect/sequences.ts";
import { constantResult } from "../emit/constant-result.ts";
import { convertTo, numberValue } from "../emit/convert.ts";
import { add, mul } from "../emit/pointwise.ts";
import { countTo } from "../emit/triangle.ts";

type Bound = Scalar | DimExpr;
const whole = (b: Bound): Dim | undefined => (typeof b === "bigint" || typeof b === "boolean" ? Number(b) : typeof b === "object" && "terms" in b ? b : undefined);
const fits = (d: Dim): boolean => typeof d !== "number" || Math.abs(d) < 2 ** 31;

/** Small sequences are constants. Others are counted when the program runs, in 32 bits, which a tensor's places never exceed. */
function counted(emit: Emit, node: Node<any>, start: Bound, step: Scalar): Value | Rejection {
  const { dtype, shape } = node.results[0]!.type;
  if (isComplex(dtype)) return reject("complex numbers have no kernels");
  if (isStaticShape(shape) && byteLength(dtype, countOf(shape)) <= 65536) return constantResult(emit, node);
  const from = whole(start);
  const by = whole(step);
  const count = shape[0]!;
  // products of floats would round where PyTorch computes in doubles
  if (isStaticShape(shape) && (from === undefined || by === undefined)) return constantResult(emit, node);
  if (by === 1 && from !== undefined && fits(from)) return convertTo(emit, countTo(emit, count, from), dtype);
  const wide = isFloat(dtype) ? dtype : "i64";
  const places = convertTo(emit, countTo(emit, count), wide);
  return convertTo(emit, add(emit, mul(emit, places, numberValue(emit, step, wide)), numberValue(emit, start, wide)), dtype);
}
export const arange = defineLowering(aten.arange, (_, __, emit, node) => counted(emit, node, 0n, 1n));
export const arangeStart = defineLowering(aten.arangeStart, (_, { start }, emit, node) => counted(emit, node, start, 1n));
export const arangeStartStep = defineLowering(aten.arangeStartStep, (_, { start, step }, emit, node) => counted(emit, node, start, step));
export const rangeStep = defineLowering(aten.rangeStep, (_, __, emit, node) => constantResult(emit, node));
export const linspace = defineLowering(aten.linspace, (_, __, emit, node) => constantResult(emit, node));
export const logspace = defineLowering(aten.logspace, (_, __, emit, node) => constantResult(emit, node));
