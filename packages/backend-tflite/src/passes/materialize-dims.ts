import {
  type Atom,
  type Dim,
  type DimExpr,
  type DimFunction,
  definePass,
  type Emit,
  type Graph,
  isStatic,
  lowerOps,
  type Node,
  type OpDef,
  Rewriter,
  scalarData,
  symbolsOf,
  type Value,
} from "@tflower/core";
import type { TfliteCode } from "../codes.ts";
import { cast } from "../dialect/cast.ts";
import { add, floorDiv, floorMod, maximum, minimum, mul } from "../dialect/elementwise-binary.ts";
import { pack } from "../dialect/join.ts";
import { reshape } from "../dialect/layout.ts";
import { shape } from "../dialect/shape.ts";
import { slice } from "../dialect/slice.ts";

/** Makes a node and gives its first result: what a lowering's `emit` and a pass have in common. */
type Make = (
  op: OpDef<any, any, any>,
  operands: Readonly<Record<string, unknown>>,
  attrs?: Readonly<Record<string, unknown>>,
) => Value;
interface Builder {
  readonly make: Make;
  readonly constant: (n: number) => Value;
  /** Extents that were computed before, by their text. */
  readonly known?: Map<string, Value>;
}

/** Where a symbol's value can be read: an axis whose extent is `coef * symbol + offset`. */
interface Binding {
  readonly value: Value;
  readonly axis: number;
  readonly coef: number;
  readonly offset: number;
}

function bindingIn(value: Value, name: string): Binding | undefined {
  for (const [axis, d] of value.type.shape.entries()) {
    if (isStatic(d) || symbolsOf(d).size !== 1) continue;
    let coef = 0;
    let offset = 0;
    let linear = true;
    for (const t of d.terms) {
      if (t.factors.length === 0) offset = t.coef;
      else if (t.factors.length === 1 && "sym" in t.factors[0]! && t.factors[0].sym === name) coef = t.coef;
      else linear = false;
    }
    if (linear && coef > 0) return { value, axis, coef, offset };
  }
  return undefined;
}

/** The best place to read a symbol before `node`: inputs first, plain extents before multiples. */
function findBinding(graph: Graph, name: string, node: Node | undefined): Binding | undefined {
  let found: Binding | undefined;
  const look = (v: Value): void => {
    const b = bindingIn(v, name);
    if (b && (!found || (found.coef > 1 && b.coef === 1))) found = b;
  };
  for (const v of graph.inputs) look(v);
  for (const s of graph.states) look(s.value);
  for (let n = graph.first; n && n !== node && !found; n = n.next) for (const r of n.results) look(r);
  return found;
}

const functions: Readonly<Record<DimFunction, OpDef<any, any, any>>> = {
  floordiv: floorDiv,
  mod: floorMod,
  max: maximum,
  min: minimum,
};

function build(d: Dim, b: Builder, graph: Graph, before: Node | undefined): Value | undefined {
  if (isStatic(d)) return b.constant(d);
  const found = b.known?.get(d.key) ?? compute(d, b, graph, before);
  if (found) b.known?.set(d.key, found);
  return found;
}

function compute(d: DimExpr, b: Builder, graph: Graph, before: Node | undefined): Value | undefined {
  const atom = (a: Atom): Value | undefined => {
    if (!("sym" in a)) {
      const [lhs, rhs] = a.args.map((x) => build(x, b, graph, before));
      return lhs && rhs && b.make(functions[a.fn], { lhs, rhs });
    }
    const at = findBinding(graph, a.sym, before);
    if (!at) return undefined;
    const all = b.make(shape, { input: at.value }, { out_type: "i32" });
    const one = b.make(
      reshape,
      { input: b.make(slice, { input: all }, { begin: [at.axis], size: [1] }) },
      { shape: [] },
    );
    const shifted = at.offset === 0 ? one : b.make(add, { lhs: one, rhs: b.constant(-at.offset) });
    return at.coef === 1 ? shifted : b.make(floorDiv, { lhs: shifted, rhs: b.constant(at.coef) });
  };
  let sum: Value | undefined;
  for (const t of d.terms) {
    let product: Value | undefined = t.coef === 1 && t.factors.length ? undefined : b.constant(t.coef);
    for (const f of t.factors) {
      const v = atom(f);
      if (!v) return undefined;
      product = product ? b.make(mul, { lhs: product, rhs: v }) : v;
    }
    sum = sum ? b.make(add, { lhs: sum, rhs: product! }) : product!;
  }
  return sum;
}

/** Makes a rank-0 int32 value of a symbolic extent, for lowerings; `undefined` where nothing before `node` has it. */
export function dimValue(d: Dim, emit: Emit, node: Node): Value | undefined {
  const make: Make = (op, operands, attrs = {}) => emit.all(op, operands as never, attrs)[0]!;
  return build(d, { make, constant: (n) => emit.constant(scalarData("i32", n)) }, node.graph!, node);
}

/** Computes symbolic parameters at run time. */
export const materializeDims = definePass({
  name: "materialize-dims",
  summary: "Computes parameters that hold symbols, such as the shape of a reshape, at run time.",
  requires: [lowerOps],
  scope: "graph",
  run(graph, { report }) {
    const rewriter = new Rewriter(graph);
    // nodes come in order, so what was computed for an earlier one is there for the later ones
    const known = new Map<string, Value>();
    for (const node of [...graph.nodes]) {
      const { tfl } = node.op.traits;
      if (!tfl) continue;
      for (const [name, form] of Object.entries(tfl.parameters)) {
        const value = (node.attrs as Readonly<Record<string, unknown>>)[name];
        const dims = (Array.isArray(value) ? value : [value]) as readonly Dim[];
        if (node.operands_[name] || dims.every((d) => typeof d !== "object") || leavesOneOpen(node, name, dims))
          continue;
        const place = { before: node, locations: node.locations };
        const make: Make = (op, operands, attrs = {}) =>
          rewriter.create(op, operands as never, attrs, place).results[0]!;
        const builder: Builder = { make, known, constant: (n) => rewriter.constant(scalarData("i32", n)) };
        const values = dims.map((d) => build(d, builder, graph, node));
        if (values.some((v) => v === undefined) || !(name in node.op.operands)) {
          const location = node.locations[0];
          report({
            severity: "error",
            code: "TFL0010" satisfies TfliteCode,
            message: `"${node.op.name}" has a symbolic "${name}" that cannot be computed at run time`,
            op: node.op.name,
            subject: node.describe(),
            ...(location && { location }),
            help: "export the program with this extent fixed",
          });
          continue;
        }
        let v = form.endsWith("scalar") ? values[0]! : make(pack, { values: values as Value[] }, { axis: 0 });
        if (form.endsWith("pairs")) v = make(reshape, { input: v }, { shape: [dims.length / 2, 2] });
        if (form.startsWith("i64")) v = make(cast, { input: v }, { out_data_type: "i64" });
        rewriter.setOperands(node, { ...node.operands_, [name]: v });
      }
    }
  },
});

/** A reshape with one unknown extent needs no arithmetic: the runtime infers it. */
export const leavesOneOpen = (node: Node, name: string, dims: readonly Dim[]): boolean =>
  node.is(reshape) && name === "shape" && dims.filter((d) => !isStatic(d)).length === 1 && dims.every((d) => d !== 0);
