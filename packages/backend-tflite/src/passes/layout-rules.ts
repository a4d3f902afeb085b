import {
  type AnyOperands,
  countOf,
  type Dim,
  defineRule,
  isStatic,
  isStaticShape,
  mapOperands,
  type Node,
  type Rewriter,
  type Rule,
  sameDim,
  sameShape,
  type Value,
} from "@tflower/core";
import { reshape, transpose } from "../dialect/layout.ts";
import { constantOf } from "./constant-of.ts";
import { groupAxes, moveThroughReshape } from "./move-through-reshape.ts";

/** Inverse permutation. */
export const invert = (perm: readonly number[]): number[] =>
  perm.reduce<number[]>((out, p, i) => ((out[p] = i), out), []);

export const transposeOf = (v: Value): Node<typeof transpose> | undefined =>
  v.producer?.is(transpose) ? (v.producer as Node<typeof transpose>) : undefined;
const samePerm = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((p, i) => p === b[i]);
export const elements = (v: Value): number => (isStaticShape(v.type.shape) ? countOf(v.type.shape) : 1e6);

/**
 * `v` as it must be for an op that runs before the transpose `perm` instead of after it: broadcast constants get their axes permuted,
 * scalars stay. `undefined` when `v` is neither transposed alike nor constant.
 */
function before(rewriter: Rewriter, v: Value, perm: readonly number[], rank: number): Value | undefined {
  const t = transposeOf(v);
  if (t && samePerm(t.attrs.perm, perm)) return t.operands.input;
  const { shape } = v.type;
  if (shape.every((d) => d === 1) && shape.length <= 1) return v;
  if (!v.constant) return undefined;
  const full: Dim[] = [...new Array(rank - shape.length).fill(1), ...shape];
  const spread = shape.length === rank ? v : constantOf(rewriter, reshape, { input: v }, { shape: full });
  return constantOf(rewriter, transpose, { input: spread }, { perm: invert(perm) });
}

/** Operands that a permutation acts on: those that the op names, or all but parameters computed at run time. */
function dataOperands(node: Node): AnyOperands<Value> {
  const { tfl, permutedOperands } = node.op.traits;
  return Object.fromEntries(
    Object.entries(node.operands_).filter(([k]) =>
      permutedOperands ? permutedOperands.includes(k) : !tfl!.parameters[k],
    ),
  );
}

/** The attributes `node` needs when it runs before the transpose, and the permutation left on its results. */
export function permutedForm(
  node: Node,
  perm: readonly number[],
): { readonly attrs: Readonly<Record<string, unknown>>; readonly perm: readonly number[] } | undefined {
  const { permuted, elementwise } = node.op.traits;
  const attrs = node.attrs as Readonly<Record<string, unknown>>;
  if (permuted)
    return permuted(
      attrs,
      perm,
      mapOperands(node.operands_, (v) => v.type),
    );
  return elementwise ? { attrs, perm } : undefined;
}

/** Whether a permutation of `v` is only another shape for the same elements in the same order. */
const isReshape = (v: Value, perm: readonly number[]): boolean => {
  const wide = perm.filter((axis) => v.type.shape[axis] !== 1);
  return (
    v.type.shape.length === perm.length &&
    isStaticShape(v.type.shape) &&
    wide.every((axis, i) => i === 0 || axis > wide[i - 1]!)
  );
};

/** How much data moves less when `node` runs before the transposes of its operands instead of after: positive is better. */
function gain(node: Node, operands: readonly Value[], perm: readonly number[], rewriter: Rewriter): number {
  let saved = 0;
  for (const v of new Set(operands)) {
    const t = transposeOf(v);
    if (t && samePerm(t.attrs.perm, perm)) {
      if ([...v.users].every((u) => u === node) && !rewriter.graph.isOutput(v)) saved += elements(v);
    } else if (!v.constant && !(v.type.shape.length <= 1 && v.type.shape.every((d) => d === 1))) saved -= elements(v);
  }
  for (const r of node.results) {
    const users = [...r.users];
    // transposes behind one another are about to merge: what is undone shows only then
    if (users.some((u) => u.is(transpose) && [...u.results[0]!.users].some((w) => w.is(transpose)))) return 0;
    const undone = users.filter(
      (u) => u.is(transpose) && samePerm(invert((u.attrs as { perm: readonly number[] }).perm), perm),
    );
    for (const u of undone) saved += elements(u.results[0]!);
    if (undone.length < users.length || rewriter.graph.isOutput(r)) saved -= elements(r);
  }
  return saved;
}

/** `op(transpose(x)) = transpose(op'(x))` wherever the op does not care about the order of its axes. */
const sinkTransposes: Rule = defineRule({
  name: "sink-transposes",
  summary: "op(transpose(x), ...) = transpose(op'(x, ...))",
  rewrite(node, rewriter) {
    if (node.is(transpose) || !node.op.traits.tfl || (!node.op.traits.permuted && !node.op.traits.elementwise))
      return false;
    if (hasScalesAlongAxis(node)) return false;
    const data = dataOperands(node);
    const values = Object.values(data)
      .flat()
      .filter((v): v is Value => v !== undefined);
    const first = values.map(transposeOf).find((t) => t !== undefined);
    if (!first) return false;
    const { perm } = first.attrs;
    const rank = perm.length;
    if (values.some((v) => v.type.shape.length > rank)) return false;
    const form = permutedForm(node, perm);
    if (!form) return false;
    // run-time parameters refer to the axes as they were
    if (Object.keys(node.op.traits.tfl.parameters).some((k) => node.operands_[k] !== undefined)) return false;
    const back = invert(perm);
    const plain = values.filter(
      (v) =>
        !v.constant && !isScalarLike(v) && !samePerm(transposeOf(v)?.attrs.perm ?? [], perm) && !isReshape(v, back),
    );
    // when everything is transposed alike, or needs no move to be, sinking never adds work, and it brings transposes together
    if (plain.length > 0) {
      if (!node.op.traits.elementwise || plain.some((v) => v.type.shape.length !== rank)) return false;
      if (gain(node, values, perm, rewriter) <= 0) return false;
    } else if (node.results.length > 1) {
      // one transpose before a split is as good as one for each part behind it, and shorter
      if (gain(node, values, perm, rewriter) <= 0) return false;
    } else if (node.results.some((r) => elements(r) > 2 * values.reduce((sum, v) => sum + elements(v), 0)))
      return false;
    const place = { before: node, locations: node.locations };
    const moved = mapOperands(
      data,
      (v) => before(rewriter, v, perm, rank) ?? rewriter.emit(transpose, { input: v }, place, { perm: back }),
    );
    const created = rewriter.create(node.op, { ...node.operands_, ...moved } as never, form.attrs, {
      ...place,
      like: node,
    }) as unknown as Node;
    const results = created.results.map((r) => rewriter.emit(transpose, { input: r }, place, { perm: form.perm }));
    if (results.some((r, i) => !sameShape(r.type.shape, node.results[i]!.type.shape))) {
      rewriter.eraseDead(results);
      return false;
    }
    rewriter.replace(node, results);
    rewriter.eraseDead(values);
    return true;
  },
});

/** Whether the node stands in a file for scales of its own along an axis, which does not move. */
const hasScalesAlongAxis = (node: Node): boolean =>
  node.op.traits.quantizer !== undefined &&
  [...node.inputs, ...node.results].some((v) => v.type.quant?.axis !== undefined || v.type.quant?.block !== undefined);

const isScalarLike = (v: Value): boolean => v.type.shape.length <= 1 && v.type.shape.every((d) => d === 1);

const transposeAsReshape = defineRule({
  name: "transpose-as-reshape",
  summary: "a transpose that moves only axes of one element is a reshape",
  op: transpose,
  rewrite(node, rewriter) {
    const { shape } = node.operands.input.type;
    const order = node.attrs.perm.filter((p) => shape[p] !== 1);
    if (node.attrs.perm.every((p, i) => p === i) || order.some((p, i) => i > 0 && p < order[i - 1]!)) return false;
    if (!isStaticShape(node.result.type.shape)) return false;
    const v = rewriter.emit(
      reshape,
      { input: node.operands.input },
      { before: node as never, locations: node.locations },
      { shape: node.result.type.shape },
    );
    rewriter.replace(node as never, [v]);
    return true;
  },
});

/** Axes of more than one element: the others cost nothing to move. */
const countWide = (shape: readonly number[]): number => shape.filter((d) => d !== 1).length;

const sinkThroughReshape = defineRule({
  name: "sink-transpose-through-reshape",
  summary: "reshape(transpose(x)) = transpose(reshape(x)) where the axes that merge lie next to each other in x",
  op: reshape,
  rewrite(node, rewriter) {
    const t = transposeOf(node.operands.input);
    if (!t || node.operands.shape) return false;
    const from = t.result.type.shape;
    const to = node.attrs.shape;
    if (!isStaticShape(from) || !isStaticShape(to)) return false;
    const moved = moveThroughReshape(t.attrs.perm, from, to);
    if (!moved || moved.perm.length > 6) return false;
    // a reshape that splits axes makes the transpose dearer; it is worth it only when another transpose meets it there
    if (countWide(to) > countWide(from) && ![...node.result.users].some((u) => u.is(transpose))) return false;
    const place = { before: node as never, locations: node.locations };
    const r = rewriter.emit(reshape, { input: t.operands.input }, place, { shape: moved.shape });
    rewriter.replace(node as never, [rewriter.emit(transpose, { input: r }, place, { perm: moved.perm })]);
    rewriter.eraseDead([t.result]);
    return true;
  },
});

/** Whether a constant that varies only along the last `k` axes fits both shapes alike. */
function sameTail(constant: readonly Dim[], a: readonly Dim[], b: readonly Dim[]): boolean {
  const first = constant.findIndex((d) => d !== 1);
  if (first < 0) return true;
  const tail = constant.length - first;
  for (let i = 1; i <= tail; i++) {
    const x = a[a.length - i];
    const y = b[b.length - i];
    if (x === undefined || y === undefined || !sameDim(x, y)) return false;
  }
  return true;
}

/**
 * The shape before a reshape of a constant that broadcasts to the shape behind it, where it varies along all axes of a run that the
 * reshape merges or splits, or along none.
 */
function spreadBefore(
  constant: readonly Dim[],
  from: readonly Dim[],
  to: readonly Dim[],
): readonly number[] | undefined {
  if (!isStaticShape(constant) || !isStaticShape(from) || !isStaticShape(to)) return undefined;
  const groups = groupAxes(from, to);
  const lead = to.length - constant.length;
  const shape: number[] = from.map(() => 1);
  for (const { source, target } of groups ?? []) {
    const varies = target.filter((t) => t >= lead && constant[t - lead] !== 1);
    if (varies.length === 0) continue;
    if (varies.length !== target.length) return undefined;
    for (const s of source) shape[s] = from[s]!;
  }
  return groups && shape;
}

const sinkReshapes: Rule = defineRule({
  name: "sink-reshapes",
  summary: "op(reshape(x), reshape(y)) = reshape(op(x, y)) for elementwise ops",
  rewrite(node, rewriter) {
    if (!node.op.traits.elementwise || node.results.length !== 1 || node.op.traits.permuted) return false;
    if (hasScalesAlongAxis(node)) return false;
    const values = node.inputs;
    const source = values.find((v) => v.producer?.is(reshape))?.producer as Node<typeof reshape> | undefined;
    if (!source || source.operands.shape) return false;
    const from = source.operands.input.type.shape;
    const to = source.result.type.shape;
    if (!sameShape(node.result.type.shape, to) || !from.every(isStatic) || from.length > 5) return false;
    const tailOf = (v: Value): Value | undefined => {
      const p = v.producer;
      if (p?.is(reshape)) {
        const inner = (p as Node<typeof reshape>).operands.input;
        if (sameShape(inner.type.shape, from) && sameShape(v.type.shape, to)) return inner;
      }
      // what follows spreads over the other operands
      if (node.op.traits.oneShape) return undefined;
      if (isScalarLike(v)) return v;
      if (!v.constant) return undefined;
      if (!sameTail(v.type.shape, from, to)) {
        const shape = spreadBefore(v.type.shape, from, to);
        return shape && constantOf(rewriter, reshape, { input: v }, { shape });
      }
      const firstWide = v.type.shape.findIndex((d) => d !== 1);
      const tail = firstWide < 0 ? [] : v.type.shape.slice(firstWide);
      return constantOf(rewriter, reshape, { input: v }, { shape: tail });
    };
    const moved = new Map<Value, Value>();
    for (const v of values) {
      const m = tailOf(v);
      if (!m) return false;
      moved.set(v, m);
    }
    // reshapes that stay needed elsewhere are free, so nothing is lost when they have other readers
    const place = { before: node, locations: node.locations };
    const v = rewriter.create(
      node.op,
      mapOperands(node.operands_, (x) => moved.get(x)!) as never,
      node.attrs as never,
      { ...place, like: node },
    ).results[0]!;
    rewriter.replace(node, [rewriter.emit(reshape, { input: v }, place, { shape: to })]);
    rewriter.eraseDead(values);
    return true;
  },
});

/** Rules that move transposes and reshapes towards the outputs, until they meet and cancel. */
export const layoutRules: readonly Rule<any>[] = [transposeAsReshape, sinkThroughReshape, sinkTransposes, sinkReshapes];
