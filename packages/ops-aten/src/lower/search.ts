import { tfl } from "@tflower/backend-tflite";
import {
  type Dim,
  type DType,
  dataOf,
  defineLowering,
  type Emit,
  isComplex,
  isStatic,
  type Node,
  type Rejection,
  reject,
  type Scalar,
  scalarData,
  sizeOf,
  type TensorData,
  type Value,
} from "@tflower/core";
import * as aten from "../dialect/search.ts";
import { compare } from "../emit/compare.ts";
import { convertTo, numberValue } from "../emit/convert.ts";
import { fillWith } from "../emit/fill.ts";
import { extentValue } from "../emit/indices.ts";
import { div, mul, plus, select, sub } from "../emit/pointwise.ts";
import { castTo, flatten, reshapeTo } from "../emit/rearrange.ts";
import { extremeOver, reduceBy, sumOver } from "../emit/reduce.ts";
import { segmentSums } from "../emit/segments.ts";
import { pickAlongLast } from "../emit/sort.ts";
import { promoteDTypes, resultDType } from "../semantics/promote.ts";
import { rightSide } from "../semantics/sides.ts";

/** The number next above, in float32. */
function nextAbove(x: number): number {
  const f = new Float32Array([x === 0 ? 0 : x]);
  const bits = new Int32Array(f.buffer);
  bits[0]! += f[0]! < 0 ? -1 : 1;
  return f[0]!;
}
/** Boundaries for the kernel that counts those not above a float, where it can stand for the search. */
function bucketBounds(sorted: TensorData | undefined, values: Value, right: boolean): number[] | undefined {
  if (sorted?.type.shape.length !== 1 || sorted.type.dtype !== "f32" || values.type.dtype !== "f32") return undefined;
  const bounds = Array.from(sorted.data, Number);
  const usable = bounds.length > 0 && bounds.every((b, i) => Math.abs(b) < 3e38 && (i === 0 || bounds[i - 1]! <= b));
  // what is below a value is what the next float is not above it
  return usable ? (right ? bounds : bounds.map(nextAbove)) : undefined;
}

/** Places of values in sorted lines: their length, less what is above the value (or not below it); NaN is above all. */
function searched(emit: Emit, lines: Value, values: Value, right: boolean, out: DType): Value {
  const bounds = bucketBounds(dataOf(lines), values, right);
  if (bounds) return castTo(emit, emit(tfl.bucketize, { input: values }, { boundaries: bounds }), out);
  const shape = values.type.shape;
  const length = lines.type.shape.at(-1)!;
  if (length === 0) return fillWith(emit, emit.constant(scalarData(out, 0)), shape);
  // one axis more on both sides: places of the line
  const beside =
    lines.type.shape.length === 1 ? [...shape.map(() => 1), length] : [...lines.type.shape.slice(0, -1), 1, length];
  const common = promoteDTypes(lines.type.dtype, values.type.dtype);
  const after = compare(
    emit,
    right ? "gt" : "ge",
    common,
    reshapeTo(emit, lines, beside),
    reshapeTo(emit, values, [...shape, 1]),
  );
  const count = sumOver(emit, castTo(emit, after, "i32"), [shape.length], false);
  return castTo(emit, sub(emit, extentValue(emit, length, "i32"), count), out);
}
const numberBeside = (emit: Emit, s: Scalar, beside: Value): Value =>
  numberValue(emit, s, resultDType(beside.type, { scalar: s }));
const outDType = (node: Node<any>): DType => node.results[0]!.type.dtype;
const sortedLines = (emit: Emit, lines: Value, sorter: Value | undefined): Value =>
  sorter ? pickAlongLast(emit, lines, sorter) : lines;

export const searchsortedTensor = defineLowering(
  aten.searchsortedTensor,
  ({ sorted_sequence, self, sorter }, attrs, emit, node) =>
    searched(emit, sortedLines(emit, sorted_sequence, sorter), self, rightSide(attrs), outDType(node)),
);
export const searchsortedScalar = defineLowering(
  aten.searchsortedScalar,
  ({ sorted_sequence, sorter }, attrs, emit, node) =>
    searched(
      emit,
      sortedLines(emit, sorted_sequence, sorter),
      numberBeside(emit, attrs.self as Scalar, sorted_sequence),
      rightSide(attrs),
      outDType(node),
    ),
);
export const bucketizeTensor = defineLowering(aten.bucketizeTensor, ({ self, boundaries }, { right }, emit, node) =>
  searched(emit, boundaries, self, right, outDType(node)),
);
export const bucketizeScalar = defineLowering(aten.bucketizeScalar, ({ boundaries }, { self, right }, emit, node) =>
  searched(emit, boundaries, numberBeside(emit, self as Scalar, boundaries), right, outDType(node)),
);

function isAmong(emit: Emit, elements: Value, tests: Value, invert: boolean): Value | Rejection {
  const shape = elements.type.shape;
  if (isComplex(elements.type.dtype) || isComplex(tests.type.dtype))
    return reject("has no lowering for complex numbers");
  const count = sizeOf(tests.type.shape);
  if (count === 0) return fillWith(emit, emit.constant(scalarData("bool", invert)), shape);
  const common = promoteDTypes(elements.type.dtype, tests.type.dtype);
  const same = compare(
    emit,
    "eq",
    common,
    reshapeTo(emit, elements, [sizeOf(shape), 1]),
    reshapeTo(emit, tests, [1, count]),
  );
  const found = reduceBy(emit, tfl.reduceAny, same, [1], false);
  return reshapeTo(emit, invert ? emit(tfl.logicalNot, { input: found }) : found, shape);
}
export const isinTensorTensor = defineLowering(aten.isinTensorTensor, ({ elements, test_elements }, { invert }, emit) =>
  isAmong(emit, elements, test_elements, invert),
);
export const isinTensorScalar = defineLowering(aten.isinTensorScalar, ({ elements }, { test_element, invert }, emit) =>
  isAmong(emit, elements, numberBeside(emit, test_element as Scalar, elements), invert),
);
export const isinScalarTensor = defineLowering(aten.isinScalarTensor, ({ test_elements }, { element, invert }, emit) =>
  isAmong(emit, numberBeside(emit, element as Scalar, test_elements), test_elements, invert),
);

export const bincount = defineLowering(aten.bincount, ({ self, weights }, { minlength }, emit, node) => {
  const { dtype, shape } = node.results[0]!.type;
  const count = self.type.shape[0]!;
  const length = shape[0]!;
  if (count === 0) return fillWith(emit, emit.constant(scalarData(dtype, 0)), [minlength]);
  const places = convertTo(emit, self, "i32");
  const data = weights ? convertTo(emit, weights, "f32") : fillWith(emit, emit.constant(scalarData("i32", 1)), [count]);
  if (isStatic(length)) return castTo(emit, segmentSums(emit, { ids: places, total: length }, data), dtype);
  // as long as the data needs: one more than the largest place
  const needed = plus(emit, reduceBy(emit, tfl.reduceMax, places, [0], false), 1);
  const total = emit(tfl.maximum, { lhs: needed, rhs: castTo(emit, emit.dim(minlength as Dim), "i32") });
  const sums = emit(
    tfl.unsortedSegmentSum,
    { data, segment_ids: places, num_segments: total },
    { num_segments: length },
  );
  return castTo(emit, sums, dtype);
});

export const histc = defineLowering(aten.histc, ({ self }, { bins, min, max }, emit, node) => {
  if (typeof min === "object" || typeof max === "object") return reject("needs real limits that are known");
  const x = flatten(emit, self);
  const count = x.type.shape[0]!;
  if (count === 0) return fillWith(emit, emit.constant(scalarData("f32", 0)), node.results[0]!.type.shape);
  const f32 = (v: number): Value => emit.constant(scalarData("f32", v));
  let [low, high] = [f32(Number(min)), f32(Number(max))];
  if (Number(min) === Number(max)) {
    const [least, most] = [extremeOver(emit, "min", x, [0], false), extremeOver(emit, "max", x, [0], false)];
    const flat = emit(tfl.equal, { lhs: least, rhs: most });
    low = select(emit, flat, plus(emit, least, -1), least);
    high = select(emit, flat, plus(emit, most, 1), most);
  }
  const inside = emit(tfl.logicalAnd, {
    lhs: emit(tfl.greaterEqual, { lhs: x, rhs: low }),
    rhs: emit(tfl.lessEqual, { lhs: x, rhs: high }),
  });
  const scaled = div(emit, mul(emit, sub(emit, x, low), f32(bins)), sub(emit, high, low));
  // what lies outside counts nowhere; it may be far too large, or NaN, to become an integer
  const safe = select(emit, inside, scaled, f32(0));
  const bin = emit(tfl.minimum, { lhs: castTo(emit, safe, "i32"), rhs: emit.constant(scalarData("i32", bins - 1)) });
  const ids = select(emit, inside, bin, emit.constant(scalarData("i32", -1)));
  return segmentSums(emit, { ids, total: bins }, fillWith(emit, f32(1), [count]));
});
