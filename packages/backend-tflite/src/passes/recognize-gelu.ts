import {
  applyRules,
  attr,
  dataOf,
  definePass,
  defineRule,
  type Node,
  type OpDef,
  type Rule,
  type Value,
} from "@tflower/core";
import { add, mul, sub } from "../dialect/elementwise-binary.ts";
import { gelu, neg, square, tanh } from "../dialect/elementwise-unary.ts";

/** `sqrt(2 / pi)` and the cubic's share, as the approximation of GELU by tanh has them. */
const slope = Math.sqrt(2 / Math.PI);
const cubic = 0.044715;
/** Constants are written with eight digits at least. */
const closeTo = (v: number, to: number): boolean => Math.abs(v - to) <= 1e-6 * Math.abs(to);

/** The number that a constant of one element holds. */
function numberOf(v: Value): number | undefined {
  const data = v.constant && v.type.dtype === "f32" ? dataOf(v) : undefined;
  return data?.data.length === 1 ? Number(data.data[0]) : undefined;
}

const plain = (node: Node): boolean =>
  ((node.attrs as { fused_activation_function?: string }).fused_activation_function ?? "NONE") === "NONE";

type Polynomial = readonly number[];
const most = 3;

function product(a: Polynomial, b: Polynomial): Polynomial | undefined {
  const out = new Array<number>(a.length + b.length - 1).fill(0);
  for (const [i, x] of a.entries()) for (const [k, y] of b.entries()) out[i + k]! += x * y;
  return out.length <= most + 1 ? out : undefined;
}
const sum = (a: Polynomial, b: Polynomial, sign: number): Polynomial =>
  Array.from({ length: Math.max(a.length, b.length) }, (_, i) => (a[i] ?? 0) + sign * (b[i] ?? 0));

/** `v` as a polynomial in `x`, constant term first; `undefined` where it is none, or one of a higher degree. */
function polynomial(v: Value, x: Value, depth = 8): Polynomial | undefined {
  if (v === x) return [0, 1];
  const n = numberOf(v);
  if (n !== undefined) return [n];
  const node = v.producer;
  if (!node || depth === 0 || !plain(node)) return undefined;
  const of = (k: string): Polynomial | undefined => polynomial(node.operands_[k] as Value, x, depth - 1);
  if (node.op === (square as OpDef)) {
    const a = of("input");
    return a && product(a, a);
  }
  if (node.op === (neg as OpDef)) return of("input")?.map((c) => -c);
  const isSum = node.op === (add as OpDef);
  if (!isSum && node.op !== (sub as OpDef) && node.op !== (mul as OpDef)) return undefined;
  const [a, b] = [of("lhs"), of("rhs")];
  if (!a || !b) return undefined;
  return node.op === (mul as OpDef) ? product(a, b) : sum(a, b, isSum ? 1 : -1);
}

interface Factors {
  scale: number;
  readonly others: Value[];
}
/** The factors of a product of products: numbers together, others by themselves. */
function factorsOf(v: Value, into: Factors = { scale: 1, others: [] }, depth = 4): Factors {
  const n = numberOf(v);
  const node = v.producer;
  if (n !== undefined) into.scale *= n;
  else if (node?.op === (mul as OpDef) && plain(node) && depth > 0) {
    factorsOf(node.operands_["lhs"] as Value, into, depth - 1);
    factorsOf(node.operands_["rhs"] as Value, into, depth - 1);
  } else into.others.push(v);
  return into;
}

/** What `1 + tanh(u)` has for `u`. */
function insideTanh(v: Value): Value | undefined {
  const node = v.producer;
  if (node?.op !== (add as OpDef) || !plain(node)) return undefined;
  const { lhs, rhs } = node.operands_ as { readonly lhs: Value; readonly rhs: Value };
  const t = numberOf(rhs) === 1 ? lhs : numberOf(lhs) === 1 ? rhs : undefined;
  return t?.producer?.is(tanh) ? t.producer.operands.input : undefined;
}

/** The approximation of GELU as many models write it out, in nine passes over the elements; there is a kernel that takes one. */
const tanhForm: Rule<any> = defineRule({
  name: "gelu-of-tanh",
  summary: "0.5 * x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3))) = gelu{approximate}(x)",
  op: mul,
  rewrite(node, rewriter) {
    if (node.result.type.dtype !== "f32" || !plain(node as never)) return false;
    const { scale, others } = factorsOf(node.result);
    const [a, b] = others;
    if (others.length !== 2 || scale !== 0.5) return false;
    const [x, u] = insideTanh(a!) ? [b!, insideTanh(a!)!] : [a!, insideTanh(b!)];
    const p = u && polynomial(u, x);
    if (p?.length !== 4 || p[0] !== 0 || p[2] !== 0) return false;
    if (!closeTo(p[1]!, slope) || !closeTo(p[3]!, slope * cubic)) return false;
    rewriter.replace(node as never, [
      rewriter.emit(gelu, { input: x }, { before: node as never, locations: node.locations }, { approximate: true }),
    ]);
    rewriter.eraseDead(others);
    return true;
  },
});

/** Finds activations that are written out, for which there is a kernel. */
export const recognizeGelu = definePass({
  name: "recognize-gelu",
  summary: "Replaces GELU that is written out by the builtin.",
  options: { enabled: attr.bool.default_(true) },
  scope: "graph",
  run(graph, { count, options }) {
    if (options.enabled) applyRules(graph, [tanhForm], count);
  },
});
