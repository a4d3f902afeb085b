import { type DType, type OpDef, type TensorType, tensor, type Value } from "@tflower/core";
import { aten } from "@tflower/ops-aten";
import { drawBroadcastable } from "../arbitrary/shapes.ts";
import { type GraphBuilder, StepEnds } from "./graph-builder.ts";
import type { GraphStep } from "./programs.ts";

type Grow = (b: GraphBuilder, x: Value, shape: readonly number[]) => Value;

const ofDType =
  (...dtypes: readonly DType[]) =>
  (t: TensorType): boolean =>
    dtypes.includes(t.dtype) && t.shape.length <= 4;
const isInteger = ofDType("i64", "i32");
const isBool = ofDType("bool");

/** A step on a value of some kind. */
const on = (name: string, fits: (t: TensorType) => boolean, grow: Grow): GraphStep => ({
  name,
  grow(b) {
    const x = b.value(fits);
    if (!x) throw new StepEnds();
    return grow(b, x, x.type.shape as readonly number[]);
  },
});
/** A second operand of the same dtype: another value of the same shape, or a constant that broadcasts. */
function other(b: GraphBuilder, x: Value, values = { min: -9, max: 9 }): Value {
  const shape = x.type.shape as readonly number[];
  const alike = (t: TensorType): boolean =>
    t.dtype === x.type.dtype && t.shape.length === shape.length && t.shape.every((d, i) => d === shape[i]);
  const found = b.choose.maybe(0.4) ? b.value(alike) : undefined;
  return found ?? b.constant(tensor(x.type.dtype, drawBroadcastable(b.choose, shape)), values);
}
const pairs = (op: OpDef, fits: (t: TensorType) => boolean = isInteger): GraphStep =>
  on(op.name, fits, (b, self) => b.emitAll(op, { self, other: other(b, self) }, {})[0]!);
/** Numbers that are places of a table of `rows`, whatever they were. */
const placesAmong = (b: GraphBuilder, self: Value, rows: number): Value =>
  b.emit(aten.remainderScalar, { self }, { other: BigInt(rows) });

/**
 * Steps on integers and bools: index arithmetic, masks, tables. Nothing makes an integer of a float: a rounding would be a different
 * number, not an almost equal one.
 */
export const integerSteps: readonly GraphStep[] = [
  pairs(aten.addTensor),
  pairs(aten.subTensor),
  pairs(aten.mulTensor),
  pairs(aten.maximum),
  pairs(aten.bitwiseAndTensor),
  pairs(aten.ltTensor),
  pairs(aten.eqTensor),
  pairs(aten.logicalAnd, isBool),
  on("logical_not", isBool, (b, self) => b.emit(aten.logicalNot, { self })),
  on("where", isBool, (b, condition, shape) => {
    const [x, y] = [0, 1].map(() => b.constant(tensor("f32", drawBroadcastable(b.choose, shape))));
    return b.emit(aten.whereSelf, { condition, self: x!, other: y! });
  }),
  on("floor_divide", isInteger, (b, self) => {
    const by = b.constant(tensor(self.type.dtype, []), { min: 1, max: 5 });
    return b.emit(aten.floorDivide, { self, other: by });
  }),
  on("sum of integers", isInteger, (b, self, shape) =>
    shape.length === 0
      ? b.emit(aten.neg, { self })
      : b.emit(aten.sumDimIntList, { self }, { dim: [b.choose.below(shape.length)], keepdim: b.choose.maybe(0.5) }),
  ),
  on("cumsum", isInteger, (b, self, shape) => {
    if (shape.length === 0) throw new StepEnds();
    return b.emit(aten.cumsum, { self }, { dim: b.choose.below(shape.length) });
  }),
  on("to float", ofDType("i64", "i32", "bool"), (b, self) => b.emit(aten.toDtype, { self }, { dtype: "f32" })),
  on("embedding", isInteger, (b, self) => {
    const rows = b.choose.between(1, 6);
    return b.together(() =>
      b.emit(aten.embedding, {
        weight: b.constant(tensor("f32", [rows, b.choose.between(1, 5)])),
        indices: placesAmong(b, self, rows),
      }),
    );
  }),
  on("gather", isInteger, (b, self, shape) => {
    if (shape.length === 0) throw new StepEnds();
    const dim = b.choose.below(shape.length);
    const rows = b.choose.between(1, 5);
    return b.together(() => {
      const index = b.emit(aten.toDtype, { self: placesAmong(b, self, rows) }, { dtype: "i64" });
      return b.emit(aten.gather, { self: b.constant(tensor("f32", shape.with(dim, rows))), index }, { dim });
    });
  }),
];
