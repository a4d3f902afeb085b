import {
  boundsOf,
  dtypes,
  type Module,
  type Node,
  type OpDef,
  residentData,
  type SymbolRange,
  sizeOf,
  type Value,
} from "@tflower/core";
import { argMax, argMin } from "../dialect/arg.ts";
import { cast } from "../dialect/cast.ts";
import { add, floorDiv, floorMod, maximum, minimum, mul, sub } from "../dialect/elementwise-binary.ts";
import { abs, neg } from "../dialect/elementwise-unary.ts";
import { gather, gatherNd } from "../dialect/gather.ts";
import { concatenation, pack, split, splitV, unpack } from "../dialect/join.ts";
import { expandDims, reshape, squeeze, transpose } from "../dialect/layout.ts";
import { mirrorPad, pad } from "../dialect/pad.ts";
import { reduceMax, reduceMin, sum } from "../dialect/reduce.ts";
import { broadcastTo, reverseV2, tile } from "../dialect/repeat.ts";
import { select, selectV2, where } from "../dialect/select.ts";
import { fill, shape, zerosLike } from "../dialect/shape.ts";
import { slice, stridedSlice } from "../dialect/slice.ts";

/** Smallest and largest value of integer elements. */
export type IntegerRange = SymbolRange;

const union = (a: IntegerRange, b: IntegerRange): IntegerRange => ({
  min: Math.min(a.min, b.min),
  max: Math.max(a.max, b.max),
});
/** The runtime counts elements and extents in 32 bits. */
const anExtent: IntegerRange = { min: 0, max: 2 ** 31 - 1 };
const exact: IntegerRange = { min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER };
const zero: IntegerRange = { min: 0, max: 0 };

/** Ops whose results hold elements of these operands, and nothing else. */
const movers: ReadonlyMap<OpDef, readonly string[]> = new Map<OpDef, readonly string[]>([
  [broadcastTo, ["input"]],
  [concatenation, ["values"]],
  [expandDims, ["input"]],
  [fill, ["value"]],
  [gather, ["params"]],
  [gatherNd, ["params"]],
  [mirrorPad, ["input"]],
  [pack, ["values"]],
  [reduceMax, ["input"]],
  [reduceMin, ["input"]],
  [reshape, ["input"]],
  [reverseV2, ["input"]],
  [select, ["x", "y"]],
  [selectV2, ["x", "y"]],
  [slice, ["input"]],
  [split, ["value"]],
  [splitV, ["value"]],
  [squeeze, ["input"]],
  [stridedSlice, ["input"]],
  [tile, ["input"]],
  [transpose, ["input"]],
  [unpack, ["value"]],
]);
/** Ops whose results are places or extents. */
const counters: ReadonlySet<OpDef> = new Set<OpDef>([argMax, argMin, shape, where]);

/** Interval arithmetic on the two operands of an op. */
const binary: ReadonlyMap<OpDef, (a: IntegerRange, b: IntegerRange) => IntegerRange | undefined> = new Map<
  OpDef,
  (a: IntegerRange, b: IntegerRange) => IntegerRange | undefined
>([
  [add, (a, b) => ({ min: a.min + b.min, max: a.max + b.max })],
  [sub, (a, b) => ({ min: a.min - b.max, max: a.max - b.min })],
  [mul, (a, b) => spanOf([a.min * b.min, a.min * b.max, a.max * b.min, a.max * b.max])],
  [maximum, (a, b) => ({ min: Math.max(a.min, b.min), max: Math.max(a.max, b.max) })],
  [minimum, (a, b) => ({ min: Math.min(a.min, b.min), max: Math.min(a.max, b.max) })],
  [floorMod, (_, b) => (b.min > 0 ? { min: 0, max: b.max - 1 } : undefined)],
  [
    floorDiv,
    (a, b) =>
      b.min > 0 ? spanOf([a.min / b.min, a.min / b.max, a.max / b.min, a.max / b.max].map(Math.floor)) : undefined,
  ],
]);
const spanOf = (values: readonly number[]): IntegerRange => ({ min: Math.min(...values), max: Math.max(...values) });

/** Proves what integers a value can hold, from the ops that make it. */
export class IntegerRanges {
  private readonly module: Module;
  private readonly known = new Map<Value, IntegerRange | undefined>();

  constructor(module: Module) {
    this.module = module;
  }

  /** Bounds that hold whatever the program is given; `undefined` where nothing tighter than its dtype is known. */
  of(v: Value): IntegerRange | undefined {
    if (this.known.has(v)) return this.known.get(v);
    this.known.set(v, undefined);
    const found = this.compute(v);
    // what does not fit wraps around; beyond 2^53 numbers are not exact
    const own = ofDType(v);
    const fits = found && found.min >= (own ?? exact).min && found.max <= (own ?? exact).max;
    const range = fits ? found : own;
    this.known.set(v, range);
    return range;
  }

  private compute(v: Value): IntegerRange | undefined {
    const { kind } = dtypes[v.type.dtype];
    if (kind !== "int" && kind !== "uint" && kind !== "bool") return undefined;
    if (v.constant) return ofConstant(v);
    const node = v.producer;
    return node && this.ofNode(node);
  }

  private ofNode(node: Node): IntegerRange | undefined {
    if (counters.has(node.op)) return anExtent;
    if (node.op === zerosLike) return zero;
    const operand = (name: string): IntegerRange | undefined => {
      const given = node.operands_[name];
      const values = (Array.isArray(given) ? given : [given]) as readonly Value[];
      return values.map((x) => this.of(x)).reduce((a, b) => a && b && union(a, b));
    };
    const moved = movers.get(node.op);
    if (moved) return moved.map(operand).reduce((a, b) => a && b && union(a, b));
    if (node.op === cast) return operand("input");
    if (node.op === pad) return join(operand("input"), zero);
    if (node.op === neg) return negated(operand("input"));
    if (node.op === abs) {
      const r = operand("input");
      return r && { min: 0, max: Math.max(Math.abs(r.min), Math.abs(r.max)) };
    }
    if (node.op === sum) return this.ofSum(node, operand("input"));
    const f = binary.get(node.op);
    const [a, b] = f ? [operand("lhs"), operand("rhs")] : [];
    return f && a && b && f(a, b);
  }

  private ofSum(node: Node, one: IntegerRange | undefined): IntegerRange | undefined {
    const count = boundsOf(sizeOf(node.inputs[0]!.type.shape), this.module.rangeOf).max;
    return one && { min: Math.min(0, one.min * count), max: Math.max(0, one.max * count) };
  }
}

const join = (a: IntegerRange | undefined, b: IntegerRange): IntegerRange | undefined => a && union(a, b);
const negated = (r: IntegerRange | undefined): IntegerRange | undefined => r && { min: 0 - r.max, max: 0 - r.min };

function ofConstant(v: Value): IntegerRange | undefined {
  const data = residentData(v.constant!);
  if (!data || data.data.length === 0) return data && zero;
  let [min, max] = [Infinity, -Infinity];
  for (const x of data.data) {
    min = Math.min(min, Number(x));
    max = Math.max(max, Number(x));
  }
  return { min, max };
}

/** What the element type holds; 64 bits tell nothing. */
function ofDType(v: Value): IntegerRange | undefined {
  const { kind, bits } = dtypes[v.type.dtype];
  if (kind === "bool") return { min: 0, max: 1 };
  if (kind === "int" && bits < 64) return { min: -(2 ** (bits - 1)), max: 2 ** (bits - 1) - 1 };
  return kind === "uint" && bits < 64 ? { min: 0, max: 2 ** bits - 1 } : undefined;
}
