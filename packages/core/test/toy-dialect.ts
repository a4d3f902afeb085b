import {
  attr,
  defineOp,
  invalid,
  type NumberCarrier,
  type OpDef,
  operand,
  sameShape,
  tensorData,
} from "../src/index.ts";

/** A dialect for core's tests: enough to have every kind of operand and attribute. */
export const add = defineOp("toy.add", {
  summary: "Sum by element.",
  operands: { a: operand.tensor, b: operand.tensor },
  traits: { elementwise: true, commutative: true },
  infer: ({ a, b }) => (sameShape(a.shape, b.shape) ? a : invalid("takes operands of one shape")),
  evaluate: ({ a, b }) =>
    tensorData(
      a.type.dtype,
      a.type.shape,
      Array.from(a.data as NumberCarrier, (v, i) => v + (b.data[i] as number)),
    ),
});
export const scale = defineOp("toy.scale", {
  summary: "Product with a number.",
  operands: { x: operand.float, bias: operand.optional(operand.float) },
  attrs: {
    by: attr.float.default_(1),
    mode: attr.oneOf("up", "down").default_("up"),
    dims: attr.dims.default_([]),
    flag: attr.bool.default_(false),
    note: attr.optional(attr.str).default_(undefined),
    amount: attr.scalar.default_(1n),
  },
  traits: { elementwise: true },
  infer: ({ x }) => x,
  evaluate: ({ x }, { by }) =>
    tensorData(
      x.type.dtype,
      x.type.shape,
      Array.from(x.data as NumberCarrier, (v) => v * by),
    ),
});
export const join = defineOp("toy.join", {
  summary: "The first of many.",
  operands: { parts: operand.variadic(operand.tensor) },
  infer: ({ parts }) => parts[0] ?? invalid("takes at least one part"),
  evaluate: ({ parts }) => parts[0]!,
});
export const pair = defineOp("toy.pair", {
  summary: "Twice the same.",
  operands: { x: operand.tensor },
  infer: ({ x }) => [x, x],
  evaluate: ({ x }) => [x, x],
});
export const print = defineOp("toy.print", {
  summary: "Has an effect.",
  operands: { x: operand.tensor },
  traits: { effects: true },
  infer: () => [],
});
export const mystery = defineOp("toy.mystery", {
  summary: "Its types come from its maker.",
  operands: { x: operand.tensor },
});
export const toy: readonly OpDef[] = [add, scale, join, pair, print, mystery];
export const toyOps: ReadonlyMap<string, OpDef> = new Map(toy.map((o) => [o.name, o]));
