import { type AnyOperands, type Dim, isStatic, isStaticShape, type Node, type OpDef, type Value } from "@tflower/core";
import { conv2d } from "../dialect/convolution.ts";
import { gather } from "../dialect/gather.ts";
import { concatenation } from "../dialect/join.ts";
import { reshape, transpose } from "../dialect/layout.ts";
import { batchMatmul, fullyConnected } from "../dialect/matmul.ts";
import { mean, reduceAll, reduceAny, reduceMax, reduceMin, sum } from "../dialect/reduce.ts";
import { broadcastTo } from "../dialect/repeat.ts";
import { logSoftmax, softmax } from "../dialect/softmax.ts";
import { axesOf, axisOf } from "../semantics/axes.ts";
import { groupAxes } from "./move-through-reshape.ts";

/** A stretch of an axis. */
export interface Span {
  readonly begin: number;
  readonly size: number;
}
/** A stretch of each axis, `undefined` for all of it. */
export type Box = readonly (Span | undefined)[];

/** How an op gives a part of its result: `op(cut operands, attrs) = cut(op(operands))`. */
export interface CutForm {
  /** What is cut out of each operand, under its name; operands that are not named are read whole. */
  readonly operands: AnyOperands<Box>;
  readonly attrs: Readonly<Record<string, unknown>>;
}
type Former = (node: Node, box: Box) => CutForm | undefined;

const isWhole = (box: Box): boolean => box.every((s) => s === undefined);

/** What an operand that broadcasts to `to` gives to a part of it; `undefined` where its extents are not known. */
function broadcastBox(from: readonly Dim[], to: readonly Dim[], box: Box): Box | undefined {
  const pad = to.length - from.length;
  const out: (Span | undefined)[] = [];
  for (const [i, d] of from.entries()) {
    const span = box[i + pad];
    if (span && !isStatic(d)) return undefined;
    out.push(span && d !== 1 ? span : undefined);
  }
  return out;
}

const elementwise: Former = (node, box) => {
  const to = node.results[0]!.type.shape;
  const operands: Record<string, Box> = {};
  for (const [k, v] of Object.entries(node.operands_)) {
    if (v === undefined) continue;
    if (Array.isArray(v)) return undefined;
    const own = broadcastBox((v as Value).type.shape, to, box);
    if (!own) return undefined;
    operands[k] = own;
  }
  return { operands, attrs: node.attrs as CutForm["attrs"] };
};

/** The stretch of a row-major group of axes that a box over them takes, where it is one. */
function stretchOf(extents: readonly number[], box: Box): Span | undefined {
  let begin = 0;
  let size = 1;
  let open = false;
  for (const [i, d] of extents.entries()) {
    const s = box[i] ?? { begin: 0, size: d };
    // behind an axis of which several elements are taken, all of the others must be
    if (open && s.size !== d) return undefined;
    begin = begin * d + s.begin;
    size *= s.size;
    open ||= s.size > 1;
  }
  return { begin, size };
}
/** A box over a row-major group of axes that takes a stretch of it. */
function boxOf(extents: readonly number[], { begin, size }: Span): Box | undefined {
  const out: (Span | undefined)[] = [];
  let rest = begin;
  for (const [i, d] of extents.entries()) {
    const inner = extents.slice(i + 1).reduce((a, b) => a * b, 1);
    const at = Math.floor(rest / inner);
    if (rest % inner === 0 && size % inner === 0 && at + size / inner <= d)
      return [...out, { begin: at, size: size / inner }, ...extents.slice(i + 1).map(() => undefined)];
    if (rest - at * inner + size > inner) return undefined;
    out.push({ begin: at, size: 1 });
    rest -= at * inner;
  }
  return undefined;
}

const throughReshape: Former = (node, box) => {
  const from = (node.operands_["input"] as Value).type.shape;
  const to = node.results[0]!.type.shape;
  if (node.operands_["shape"] || !isStaticShape(from) || !isStaticShape(to)) return undefined;
  const groups = groupAxes(from, to);
  if (!groups) return undefined;
  const out: (Span | undefined)[] = from.map(() => undefined);
  for (const { source, target } of groups) {
    if (target.every((t) => !box[t])) continue;
    const stretch = stretchOf(
      target.map((t) => to[t]!),
      target.map((t) => box[t]),
    );
    const own =
      stretch &&
      boxOf(
        source.map((s) => from[s]!),
        stretch,
      );
    if (!own) return undefined;
    for (const [i, s] of source.entries()) out[s] = own[i];
  }
  return { operands: { input: out }, attrs: { shape: to.map((d, i) => box[i]?.size ?? d) } };
};

const beforeLast: Former = (node, box) =>
  box.at(-1) ? undefined : { operands: { input: box }, attrs: node.attrs as CutForm["attrs"] };

const reduction: Former = (node, box) => {
  const attrs = node.attrs as { readonly axes: readonly number[]; readonly keep_dims: boolean };
  const rank = (node.operands_["input"] as Value).type.shape.length;
  const gone = axesOf(attrs.axes, rank);
  const out: (Span | undefined)[] = [];
  for (let i = 0, at = 0; i < rank; i++) {
    const here = gone.includes(i);
    out.push(here ? undefined : box[at]);
    if (!here || attrs.keep_dims) at++;
  }
  return { operands: { input: out }, attrs: attrs as never };
};

const linear: Former = (node, box) => {
  const a = node.attrs as { readonly keep_num_dims: boolean; readonly weights_format: string };
  const { filter, bias } = node.operands_ as { readonly filter: Value; readonly bias?: Value };
  const channels = box.at(-1);
  if (!a.keep_num_dims || a.weights_format !== "DEFAULT") return undefined;
  if (channels && (!filter.constant || (bias && !bias.constant) || filter.type.quant || bias?.type.shape.length === 0))
    return undefined;
  return {
    operands: {
      input: [...box.slice(0, -1), undefined],
      ...(channels && { filter: [channels, undefined], ...(bias && { bias: [channels] }) }),
    },
    attrs: a as never,
  };
};

const pointwiseConv: Former = (node, box) => {
  const a = node.attrs as Readonly<Record<string, number | string>>;
  const { input, filter } = node.operands_ as Readonly<Record<string, Value>>;
  const [, h, w, i] = filter!.type.shape;
  if (box[3] || i !== input!.type.shape[3]) return undefined;
  const single = h === 1 && w === 1 && a["stride_h"] === 1 && a["stride_w"] === 1;
  if ((box[1] || box[2]) && !single) return undefined;
  return { operands: { input: [box[0], box[1], box[2], undefined] }, attrs: a as never };
};

const matrices: Former = (node, box) => {
  const { adj_x, adj_y } = node.attrs as { readonly adj_x: boolean; readonly adj_y: boolean };
  const { x, y } = node.operands_ as { readonly x: Value; readonly y: Value };
  const to = node.results[0]!.type.shape;
  const batch = box.slice(0, -2);
  const [rows, columns] = [box.at(-2), box.at(-1)];
  const own = (v: Value, ends: readonly (Span | undefined)[]): Box | undefined => {
    const outer = broadcastBox(v.type.shape.slice(0, -2), to.slice(0, -2), batch);
    return outer && [...outer, ...ends];
  };
  const [bx, by] = [
    own(x, adj_x ? [undefined, rows] : [rows, undefined]),
    own(y, adj_y ? [columns, undefined] : [undefined, columns]),
  ];
  return bx && by && { operands: { x: bx, y: by }, attrs: node.attrs as never };
};

const gathering: Former = (node, box) => {
  const a = node.attrs as { readonly axis: number; readonly batch_dims: number };
  const { params, indices } = node.operands_ as { readonly params: Value; readonly indices: Value };
  if (a.batch_dims !== 0) return undefined;
  const axis = axisOf(a.axis, params.type.shape.length);
  const end = axis + indices.type.shape.length;
  const rows = [...box.slice(0, axis), undefined, ...box.slice(end)];
  // a part of a table for each use would be a table for each use
  if (params.constant && !isWhole(rows)) return undefined;
  return { operands: { params: rows, indices: box.slice(axis, end) }, attrs: a as never };
};

const spreading: Former = (node, box) => {
  const input = node.operands_["input"] as Value;
  const to = node.results[0]!.type.shape;
  const own = node.operands_["shape"] ? undefined : broadcastBox(input.type.shape, to, box);
  return own && { operands: { input: own }, attrs: { shape: to.map((d, i) => box[i]?.size ?? d) } };
};

/** Along other axes than that of the joint; what is cut along it is a matter of which operands are read. */
const joining: Former = (node, box) => {
  const { axis } = node.attrs as { readonly axis: number };
  const values = node.operands_["values"] as readonly Value[];
  return box[axisOf(axis, box.length)] ? undefined : { operands: { values: values.map(() => box) }, attrs: { axis } };
};

const transposing: Former = (node, box) => {
  const { perm } = node.attrs as { readonly perm: readonly number[] };
  const out: (Span | undefined)[] = [];
  perm.forEach((p, i) => {
    out[p] = box[i];
  });
  return { operands: { input: out }, attrs: { perm } };
};

const formers = new Map<OpDef, Former>([
  [transpose, transposing],
  [reshape, throughReshape],
  [softmax, beforeLast],
  [logSoftmax, beforeLast],
  [fullyConnected, linear],
  [batchMatmul, matrices],
  [conv2d, pointwiseConv],
  [gather, gathering],
  [broadcastTo, spreading],
  [concatenation, joining],
  ...[mean, sum, reduceMax, reduceMin, reduceAny, reduceAll].map((op): [OpDef, Former] => [op, reduction]),
]);

/** How `node` gives the part `box` of its only result; `undefined` where it has no such form. */
export function cutForm(node: Node, box: Box): CutForm | undefined {
  if (node.results.length !== 1 || node.op.traits.effects || node.op.traits.random) return undefined;
  if (node.results[0]!.type.quant || node.inputs.some((v) => v.type.quant)) return undefined;
  const former = formers.get(node.op) ?? (node.op.traits.elementwise ? elementwise : undefined);
  return former?.(node, box);
}
