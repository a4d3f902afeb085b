import { tfl } from "@tflower/backend-tflite";
import {
  byteLength,
  countOf,
  type Dim,
  type DimExpr,
  defineLowering,
  type Emit,
  isComplex,
  isFloat,
  isStaticShape,
  type Node,
  type Rejection,
  reject,
  type Scalar,
  tensorData,
  type Value,
} from "@tflower/core";
import * as aten from "../dialect/sequences.ts";
import { constantResult } from "../emit/constant-result.ts";
import { convertTo, numberValue } from "../emit/convert.ts";
import { add, mul, select, sub, times } from "../emit/pointwise.ts";
import { reshapeTo } from "../emit/rearrange.ts";
import { countTo } from "../emit/triangle.ts";

type Bound = Scalar | DimExpr;
const whole = (b: Bound): Dim | undefined =>
  typeof b === "bigint" || typeof b === "boolean" ? Number(b) : typeof b === "object" && "terms" in b ? b : undefined;
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
  return convertTo(
    emit,
    add(emit, mul(emit, places, numberValue(emit, step, wide)), numberValue(emit, start, wide)),
    dtype,
  );
}
export const arange = defineLowering(aten.arange, (_, __, emit, node) => counted(emit, node, 0n, 1n));
export const arangeStart = defineLowering(aten.arangeStart, (_, { start }, emit, node) =>
  counted(emit, node, start, 1n),
);
export const arangeStartStep = defineLowering(aten.arangeStartStep, (_, { start, step }, emit, node) =>
  counted(emit, node, start, step),
);
export const rangeStep = defineLowering(aten.rangeStep, (_, __, emit, node) => constantResult(emit, node));
export const linspace = defineLowering(aten.linspace, (_, __, emit, node) => constantResult(emit, node));
export const logspace = defineLowering(aten.logspace, (_, __, emit, node) => constantResult(emit, node));
export const rangeOp = defineLowering(aten.rangeOp, (_, __, emit, node) => constantResult(emit, node));

/** Evenly spaced floats between rank-0 values; the upper half is counted from the end, as PyTorch does. */
function spaced(emit: Emit, node: Node<any>, start: Value, end: Value, steps: number): Value | Rejection {
  const { dtype } = node.results[0]!.type;
  if (!isFloat(dtype)) return reject(`spaces floats only between bounds that are data, not ${dtype}`);
  const [a, b] = [start, end].map((v) => reshapeTo(emit, convertTo(emit, v, dtype), [])) as [Value, Value];
  // one step is the start, whatever the end is
  if (steps === 1) return reshapeTo(emit, a, [1]);
  const places = (f: (i: number) => number): Value =>
    emit.constant(
      tensorData(
        dtype,
        [steps],
        Array.from({ length: steps }, (_, i) => f(i)),
      ),
    );
  const step = times(emit, sub(emit, b, a), 1 / (steps - 1));
  const low = add(
    emit,
    a,
    mul(
      emit,
      step,
      places((i) => i),
    ),
  );
  const high = sub(
    emit,
    b,
    mul(
      emit,
      step,
      places((i) => steps - 1 - i),
    ),
  );
  const lower = emit.constant(
    tensorData(
      "bool",
      [steps],
      Array.from({ length: steps }, (_, i) => i < steps / 2),
    ),
  );
  return select(emit, lower, low, high);
}
const powerOf = (emit: Emit, base: number, x: Value | Rejection): Value | Rejection =>
  "reason" in x ? x : emit(tfl.pow, { lhs: numberValue(emit, base, "f32"), rhs: x });
const bound = (emit: Emit, s: Scalar): Value => numberValue(emit, s, "f32");
export const linspaceTensorTensor = defineLowering(aten.linspaceTensorTensor, ({ start, end }, { steps }, emit, node) =>
  spaced(emit, node, start, end, steps),
);
export const linspaceTensorScalar = defineLowering(aten.linspaceTensorScalar, ({ start }, { end, steps }, emit, node) =>
  spaced(emit, node, start, bound(emit, end), steps),
);
export const linspaceScalarTensor = defineLowering(aten.linspaceScalarTensor, ({ end }, { start, steps }, emit, node) =>
  spaced(emit, node, bound(emit, start), end, steps),
);
export const logspaceTensorTensor = defineLowering(
  aten.logspaceTensorTensor,
  ({ start, end }, { steps, base }, emit, node) => powerOf(emit, base, spaced(emit, node, start, end, steps)),
);
export const logspaceTensorScalar = defineLowering(
  aten.logspaceTensorScalar,
  ({ start }, { end, steps, base }, emit, node) =>
    powerOf(emit, base, spaced(emit, node, start, bound(emit, end), steps)),
);
export const logspaceScalarTensor = defineLowering(
  aten.logspaceScalarTensor,
  ({ end }, { start, steps, base }, emit, node) =>
    powerOf(emit, base, spaced(emit, node, bound(emit, start), end, steps)),
);
