import {
  type Attr,
  type Attrs,
  type DType,
  isInteger,
  type OpDef,
  type Operand,
  type Operands,
  tensor,
} from "@tflower/core";
import { parseSchemaLine } from "@tflower/ops-aten";
import { drawAttribute } from "../arbitrary/attributes.ts";
import { commonDTypes, drawDType } from "../arbitrary/dtypes.ts";
import { drawBroadcastable, drawShape } from "../arbitrary/shapes.ts";
import type { Choose } from "../choose/choose.ts";
import type { Draft, Slot } from "./sample.ts";

/**
 * Arguments from the declaration alone: dtypes and ranks from operand constraints, shapes that broadcast for elementwise ops, attributes
 * by kind. What the op does not take is drawn again, so this serves ops whose arguments hang together loosely.
 */
export function deriveDraft(choose: Choose, op: OpDef): Draft {
  const specs = Object.entries(op.operands as Operands);
  const ranks = specs.flatMap(([, s]) => s.rank ?? []);
  const shape = drawShape(choose, ranks.length ? { minRank: Math.max(...ranks), maxRank: Math.max(...ranks) } : {});
  let dtype: DType | undefined;
  const one = (spec: Operand): Slot => {
    const among = spec.dtypes?.filter((d) => commonDTypes.includes(d)) ?? commonDTypes;
    // operands that meet element by element are promoted; elsewhere ops want one dtype
    if (!dtype || !among.includes(dtype) || (op.traits.elementwise && choose.maybe(0.2)))
      dtype = drawDType(choose, among.length ? among : (spec.dtypes ?? commonDTypes));
    const own =
      spec.rank === undefined
        ? related(choose, op, shape)
        : drawShape(choose, { minRank: spec.rank, maxRank: spec.rank });
    const slot = { type: tensor(dtype, own), ...kept };
    return spec.accepts(slot.type) ? slot : choose.discard();
  };
  const sizes = listSizes(op);
  const attrs = Object.fromEntries(
    Object.entries(op.attrs as Attrs).map(([name, a]) => [
      name,
      drawNamed(choose, name, a, shape.length, sizes.get(name)),
    ]),
  );
  // what an integer type cannot hold becomes whatever the machine makes of it
  const kept: Partial<Slot> = castsToIntegers(op, attrs) ? { values: { min: 0, max: 100 } } : {};
  const operands = Object.fromEntries(
    specs.map(([name, spec]) => {
      if (spec.kind === "optional") return [name, choose.maybe(0.5) ? one(spec) : undefined];
      if (spec.kind === "one") return [name, one(spec)];
      return [name, Array.from({ length: choose.between(1, 3) }, () => one(spec))];
    }),
  );
  return { operands, attrs };
}

/** The shape of another operand of an op whose first has `shape`. */
function related(choose: Choose, op: OpDef, shape: readonly number[]): readonly number[] {
  if (op.traits.elementwise) return drawBroadcastable(choose, shape);
  return choose.maybe(0.2) ? drawShape(choose) : shape;
}

const castsToIntegers = (op: OpDef, attrs: Readonly<Record<string, unknown>>): boolean =>
  Object.entries(op.attrs as Attrs).some(
    ([name, a]) => (a.of ?? a).kind === "dtype" && attrs[name] !== undefined && isInteger(attrs[name] as DType),
  );

/** Lengths of lists that PyTorch's own line states, as `int[2] kernel_size` does. One-element lists may be of any length. */
function listSizes(op: OpDef): ReadonlyMap<string, number> {
  const args = op.traits.schema ? parseSchemaLine(op.traits.schema).args : [];
  return new Map(
    args.flatMap(({ type, name }) =>
      /\[[2-9]\]/.test(type) ? [[name, Number(/\[(\d)\]/.exec(type)![1])] as const] : [],
    ),
  );
}

/** Orders of norms that float32 can raise to. */
const orders: readonly number[] = [2, 1, Infinity, 0, 3, 0.5, -Infinity, -1];

/** PyTorch calls orders of norms `p` or `ord`, and axes `dim` everywhere: any of them, counted from either end. */
function drawNamed(choose: Choose, name: string, a: Attr<any>, rank: number, size: number | undefined): unknown {
  const inner = a.kind === "optional" ? a.of! : a;
  const plain = a.hasDefault && !choose.maybe(0.7);
  if (plain) return a.default;
  if (/^(p|ord)$/.test(name) && (inner.kind === "float" || inner.kind === "scalar")) return choose.pick(orders);
  if (inner.kind === "list" && size !== undefined)
    return Array.from({ length: size }, () => drawAttribute(choose, inner.of!));
  if (!/^(dims?|axis|axes)\d?$/.test(name) || rank === 0) return drawAttribute(choose, a);
  const axis = (i: number): number => (choose.maybe(0.4) ? i - rank : i);
  if (inner.kind === "int") return axis(choose.below(rank));
  if (inner.kind !== "list" || inner.of!.kind !== "int") return drawAttribute(choose, a);
  return choose.permutation(rank).slice(0, choose.between(0, rank)).map(axis);
}
