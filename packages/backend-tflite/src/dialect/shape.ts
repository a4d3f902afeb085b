import {
  addDim,
  allocate,
  attr,
  broadcastShapes,
  countOf,
  type Dim,
  floorDivDim,
  i32Data,
  invalid,
  operand,
  scalarData,
  showDim,
  staticShape,
  subDim,
  tensor,
  tensorData,
  withShape,
  wrap,
} from "@tflower/core";
import { defineTfl, runtimeI32, runtimeParameter } from "./define-tfl.ts";

export const shape = defineTfl("SHAPE", {
  summary: "The extents of a tensor, as a list.",
  options: "ShapeOptions",
  operands: { input: operand.tensor },
  attrs: { out_type: attr.dtype.default_("i32") },
  infer: ({ input }, { out_type }) => tensor(out_type, [input.shape.length]),
  evaluate: ({ input }, { out_type }) => tensorData(out_type, [input.type.shape.length], input.type.shape),
});

export const rank = defineTfl("RANK", {
  summary: "The number of axes of a tensor.",
  options: "RankOptions",
  operands: { input: operand.tensor },
  infer: () => tensor("i32", []),
  evaluate: ({ input }) => scalarData("i32", input.type.shape.length),
});

export const fill = defineTfl("FILL", {
  summary: "A tensor of shape `dims` that holds the scalar `value` everywhere.",
  options: "FillOptions",
  operands: { value: operand.rank(0), dims: runtimeParameter },
  attrs: { dims: attr.dims },
  parameters: { dims: "list" },
  file: ["dims", "value"],
  movesElements: true,
  infer: ({ value }, { dims }) => withShape(value, dims),
  evaluate({ value }, _, [type]) {
    const out = allocate(type!.dtype, countOf(staticShape(type!.shape)));
    out.fill(value.data[0] as never);
    return wrap(type!, out);
  },
});

export const zerosLike = defineTfl("ZEROS_LIKE", {
  summary: "Zeros of the operand's type.",
  options: "ZerosLikeOptions",
  operands: { input: operand.tensor },
  traits: { elementwise: true },
  infer: ({ input }) => input,
  evaluate: ({ input }, _, [type]) => wrap(type!, allocate(type!.dtype, countOf(input.type.shape))),
});

export const range = defineTfl("RANGE", {
  summary: "`start`, `start + delta`, ... before `limit`, in 32-bit integers.",
  options: "RangeOptions",
  operands: { start: runtimeI32, limit: runtimeI32, delta: runtimeI32 },
  attrs: { start: attr.dim.default_(0), limit: attr.dim, delta: attr.int.default_(1) },
  parameters: { start: "scalar", limit: "scalar", delta: "scalar" },
  infer(_, { start, limit, delta }) {
    if (delta === 0) invalid("has a delta of 0");
    const span: Dim = delta > 0 ? subDim(limit, start) : subDim(start, limit);
    const count = floorDivDim(addDim(span, Math.abs(delta) - 1), Math.abs(delta));
    if (typeof count === "number" && count < 0)
      invalid(`goes from ${showDim(start)} away from ${showDim(limit)} in steps of ${delta}, which the kernel refuses`);
    return tensor("i32", [count]);
  },
  evaluate: (_, { start, delta }, [type]) =>
    i32Data(Array.from({ length: staticShape(type!.shape)[0]! }, (_, i) => (start as number) + i * delta)),
});

export const broadcastArgs = defineTfl("BROADCAST_ARGS", {
  summary: "The shape that two shapes broadcast to.",
  operands: {
    s0: operand.both(operand.dtype("i32", "i64"), operand.rank(1)),
    s1: operand.both(operand.dtype("i32", "i64"), operand.rank(1)),
  },
  infer({ s0, s1 }) {
    const [a, b] = [s0.shape[0]!, s1.shape[0]!];
    if (typeof a !== "number" || typeof b !== "number") return invalid("takes shapes of known rank");
    return tensor(s0.dtype, [Math.max(a, b)]);
  },
  evaluate({ s0, s1 }, _, [type]) {
    const out = broadcastShapes(Array.from(s0.data, Number), Array.from(s1.data, Number));
    return tensorData(type!.dtype, [out.length], staticShape(out));
  },
});
