import {
  applyRules,
  attr,
  byteLength,
  type Constant,
  countOf,
  type Dim,
  definePass,
  defineRule,
  isStatic,
  type LeafConstant,
  leafConstant,
  mapOperands,
  type Node,
  type OpDef,
  type Rewriter,
  type Rule,
  type Value,
  withShape,
} from "@tflower/core";
import { relu, relu6, reluN1To1 } from "../dialect/elementwise-unary.ts";
import { concatenation } from "../dialect/join.ts";
import { slice } from "../dialect/slice.ts";
import { axisOf } from "../semantics/axes.ts";
import { constantOf } from "./constant-of.ts";
import { type Box, cutForm, type Span } from "./cut-forms.ts";
import { elements } from "./layout-rules.ts";
import { takenOf } from "./taken-of.ts";

/** What a slice without steps takes; `undefined` for other nodes. */
export function boxTaken(node: Node): Box | undefined {
  const cut = node.is(slice) ? takenOf(node as never) : undefined;
  return cut?.map((t) => t && { begin: t.start, size: t.count });
}

/** The smallest box around boxes in a tensor of `shape`. */
function hullOf(boxes: readonly Box[], shape: readonly Dim[]): Box {
  return boxes[0]!.map((_, i) => {
    const spans = boxes.map((b) => b[i]);
    if (spans.includes(undefined)) return undefined;
    const begin = Math.min(...spans.map((s) => s!.begin));
    const size = Math.max(...spans.map((s) => s!.begin + s!.size)) - begin;
    return size === shape[i] ? undefined : { begin, size };
  });
}

/** A part of `v`: a constant's is a constant, and all of it is itself. */
export function cutOut(rewriter: Rewriter, v: Value, box: Box, before: Node): Value {
  if (box.every((s) => s === undefined)) return v;
  const attrs = {
    begin: box.map((s) => s?.begin ?? 0),
    size: box.map((s, i) => s?.size ?? (isStatic(v.type.shape[i]!) ? v.type.shape[i]! : -1)),
  };
  if (!v.constant) return rewriter.emit(slice, { input: v }, { before, locations: before.locations }, attrs);
  const rows = v.constant.kind === "leaf" ? rowsOfLeaf(v.constant, box) : undefined;
  return rows ? rewriter.constant(rows, v.name) : constantOf(rewriter, slice, { input: v }, attrs);
}

/** Rows of what lies row-major in a file lie side by side there, too: nothing needs to be computed. */
function rowsOfLeaf(c: LeafConstant, box: Box): Constant | undefined {
  const [rows, ...others] = box;
  const { dtype, shape } = c.type;
  if (!rows || c.strides || others.some((s) => s)) return undefined;
  const row = countOf(shape.slice(1) as readonly number[]);
  const offset = c.offset + byteLength(dtype, c.storageOffset + rows.begin * row);
  return leafConstant(withShape(c.type, [rows.size, ...shape.slice(1)]), c.source, {
    offset,
    length: byteLength(dtype, rows.size * row),
  });
}

/** Elements of the part `box` of `v`. */
function elementsOf(v: Value, box: Box): number {
  return box.reduce((n, s, i) => (s ? (n / (v.type.shape[i] as number)) * s.size : n), elements(v));
}

/** Activations that fuse into what is before them, which a slice between the two would keep apart. */
const fusing: readonly OpDef[] = [relu, relu6, reluN1To1];
function parts(node: Node, box: Box): boolean {
  const before = fusing.includes(node.op) ? node.inputs[0]!.producer : undefined;
  return before !== undefined && "fused_activation_function" in before.op.attrs && !cutForm(before, box);
}

interface Demand {
  readonly box: Box;
  readonly users: readonly { readonly node: Node; readonly box: Box }[];
}
/** What the readers of a result take of it, when all of them are slices and leave some of it. */
function demandOf(v: Value, rewriter: Rewriter): Demand | undefined {
  if (v.users.size === 0) return undefined;
  const users: { node: Node; box: Box }[] = [];
  for (const node of v.users) {
    const box = boxTaken(node);
    if (!box) return undefined;
    users.push({ node, box });
  }
  if (rewriter.graph.isOutput(v)) return undefined;
  const box = hullOf(
    users.map((u) => u.box),
    v.type.shape,
  );
  return box.some((s) => s) ? { box, users } : undefined;
}

/** The operands of a joint that a stretch along its axis reads, each with what is read of it. */
function joined(node: Node, box: Box): readonly { readonly v: Value; readonly box: Box }[] | undefined {
  const axis = axisOf((node.attrs as { axis: number }).axis, box.length);
  const span = box[axis];
  const values = node.operands_["values"] as readonly Value[];
  if (!span || values.some((v) => !isStatic(v.type.shape[axis]!))) return undefined;
  const out: { v: Value; box: Box }[] = [];
  let at = 0;
  for (const v of values) {
    const extent = v.type.shape[axis] as number;
    const begin = Math.max(span.begin - at, 0);
    const end = Math.min(span.begin + span.size - at, extent);
    const own: Span | undefined = end - begin === extent ? undefined : { begin, size: end - begin };
    if (end > begin) out.push({ v, box: box.with(axis, own) });
    at += extent;
  }
  return out;
}

/** Makes the part `box` of the result of `node`, or `undefined` where that is no better than to cut it out. */
function cutResult(node: Node, box: Box, maxShare: number, rewriter: Rewriter): Value | undefined {
  const v = node.results[0]!;
  const place = { before: node, locations: node.locations };
  const whole = elements(v);
  const left = elementsOf(v, box);
  if (left > maxShare * whole) return undefined;
  if (node.op === (concatenation as OpDef)) {
    const read = joined(node, box);
    if (read && (read.length < (node.operands_["values"] as readonly Value[]).length || 2 * left <= whole)) {
      const values = read.map((p) => cutOut(rewriter, p.v, p.box, node));
      return values.length === 1
        ? values[0]
        : rewriter.emit(concatenation, { values }, place, { axis: (node.attrs as { axis: number }).axis });
    }
  }
  if (node.op === (slice as OpDef)) {
    const inner = boxTaken(node);
    if (!inner) return undefined;
    const both = box.map((s, i) =>
      s && inner[i] ? { begin: inner[i].begin + s.begin, size: s.size } : (s ?? inner[i]),
    );
    return cutOut(rewriter, node.operands_["input"] as Value, both, node);
  }
  const form = cutForm(node, box);
  if (!form || parts(node, box)) return undefined;
  const cuts = Object.entries(form.operands).flatMap(([k, b]) => {
    const values = [node.operands_[k]].flat() as readonly Value[];
    const boxes = (Array.isArray(b?.[0]) ? b : [b]) as readonly (Box | undefined)[];
    return values.map((x, i) => ({ x, box: boxes[i] }));
  });
  // each operand beyond the first is one more slice; what it costs must be less than what is saved
  const slices = cuts.filter((c) => !c.x.constant && c.box?.some((s) => s)).length;
  if (slices === 0 || whole - left < (slices - 1) * left) return undefined;
  let k = 0;
  const operands = Object.fromEntries(
    Object.entries(node.operands_).map(([name, given]) => {
      if (!(name in form.operands)) return [name, given];
      return [
        name,
        mapOperands({ given } as never, (x: Value) => {
          const b = cuts[k++]!.box;
          return b ? cutOut(rewriter, x, b, node) : x;
        })["given"],
      ];
    }),
  );
  return rewriter.create(node.op, operands as never, form.attrs, { ...place, like: node }).results[0]!;
}

/**
 * Computes of a result only the part that is read. Exact: every element that is left is computed from the same operands as before. Where a
 * kernel chooses its order of summation by the number of rows, sums are rounded otherwise.
 */
const cutBefore = (maxShare: number): Rule =>
  defineRule({
    name: "cut-before",
    summary: "slice(op(x), b) = op(slice(x, b')), where nothing else reads op(x)",
    rewrite(node, rewriter) {
      const v = node.results.length === 1 ? node.results[0]! : undefined;
      const demand = v && demandOf(v, rewriter);
      if (!demand) return false;
      const part = cutResult(node, demand.box, maxShare, rewriter);
      if (!part) return false;
      for (const { node: user, box } of demand.users) {
        const own = box.map((s, i): Span | undefined => {
          const hull = demand.box[i];
          return !s || !hull || s.size === hull.size
            ? hull
              ? undefined
              : s
            : { begin: s.begin - hull.begin, size: s.size };
        });
        rewriter.replace(user, [cutOut(rewriter, part, own, user)]);
      }
      rewriter.eraseDead([v]);
      return true;
    },
  });

/** Sinks what is read of a result into what computes it. */
export const pruneRows = definePass({
  name: "prune-rows",
  summary: "Computes only those rows of a result that are read: moves slices in front of the ops that work row by row.",
  options: {
    /** The largest part of a result that is worth it; 0 turns the pass off. */
    maxShare: attr.float.default_(1),
  },
  scope: "graph",
  run: (graph, { count, options }) => void applyRules(graph, [cutBefore(options.maxShare)], count),
});
