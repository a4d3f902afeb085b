import {
  CompileError,
  definePass,
  type Emit,
  emitInto,
  flattenOperands,
  type Graph,
  isComplex,
  mapOperands,
  type Node,
  type OpDef,
  Rejection,
  Rewriter,
  type Value,
} from "@tflower/core";
import { type ComplexRule, isPair, type Pair, type Part } from "../complex/rule.ts";
import { complexRules } from "../complex/rules.ts";
import { imag, real } from "../dialect/complex.ts";

const rules = new Map<OpDef, ComplexRule>(complexRules.map((r) => [r.op, r]));
const isComplexValue = (v: Value): boolean => isComplex(v.type.dtype);

/**
 * Takes complex tensors apart into real and imaginary parts: the runtime has next to no kernels for them. Runs before constants are
 * folded, so that complex constants are read as two real ones.
 */
export const splitComplex = definePass({
  name: "split-complex",
  summary: "Makes programs on complex numbers programs on real ones.",
  scope: "graph",
  run(graph, { compiler, report }) {
    const nodes = [...graph.nodes].filter(
      (n) => rules.get(n.op)?.alsoReal || n.inputs.some(isComplexValue) || n.results.some(isComplexValue),
    );
    if (nodes.length === 0 && !graph.outputs.some(isComplexValue)) return;
    const rewriter = new Rewriter(graph);
    const pairs = new Map<Value, Pair>();
    const done: Node[] = [];
    for (const node of nodes) {
      const emit = emitBefore(rewriter, node, compiler.settings);
      const split = splitNode(node, emit, (v) => partOf(v, pairs, rewriter, graph));
      if (typeof split === "string") {
        const location = node.locations[0];
        report({
          severity: "error",
          code: "LOW0001",
          message: `"${node.op.name}" has no form in real numbers`,
          op: node.op.name,
          subject: node.describe(),
          ...(location && { location }),
          notes: [split],
          help: "complex tensors are computed as two real ones: rewrite this step with torch.view_as_real, or with real and imaginary parts",
        });
        return;
      }
      node.results.forEach((r, i) => {
        const part = split[i]!;
        if (isPair(part)) pairs.set(r, part);
        else rewriter.replaceAllUses(r, part);
      });
      done.push(node);
    }
    const left = graph.outputs.findIndex(isComplexValue);
    if (left >= 0) {
      report({
        severity: "error",
        code: "LOW0001",
        message: `output ${left} of @${graph.name} is complex, and no kernel makes complex tensors`,
        help: "return torch.view_as_real(x), or x.real and x.imag",
      });
      return;
    }
    for (const node of done.reverse())
      if (node.results.every((r) => r.users.size === 0 && !graph.isOutput(r))) rewriter.erase(node);
  },
});

/** The results' parts, or why there are none. */
function splitNode(node: Node, emit: Emit, get: (v: Value) => Part): readonly Part[] | string {
  const rule = rules.get(node.op);
  if (!rule)
    return `there is no rule for this op on ${flattenOperands(node.operands_).some(isComplexValue) ? "complex operands" : "a complex result"}`;
  const out = rule.split(mapOperands(node.operands_, get), node.attrs, emit, node);
  if (out instanceof Rejection) return out.reason;
  const list = Array.isArray(out) ? (out as readonly Part[]) : [out as Part];
  const wrong = node.results.findIndex((r, i) => isPair(list[i]!) !== isComplexValue(r));
  return wrong < 0
    ? list
    : `its rule gives no ${isComplexValue(node.results[wrong]!) ? "pair" : "real tensor"} for result ${wrong}`;
}

/** Parts of a value; inputs and constants are taken apart where they are first needed, which is before everything else. */
function partOf(v: Value, pairs: Map<Value, Pair>, rewriter: Rewriter, graph: Graph): Part {
  if (!isComplexValue(v)) return v;
  const known = pairs.get(v);
  if (known) return known;
  const place = { before: graph.first };
  const pair = {
    re: rewriter.create(real, { self: v }, {}, place).results[0]!,
    im: rewriter.create(imag, { self: v }, {}, place).results[0]!,
  };
  pairs.set(v, pair);
  return pair;
}

function emitBefore(rewriter: Rewriter, node: Node, settings: Emit["settings"]): Emit {
  const dim = (): never => {
    throw new CompileError([
      {
        severity: "error",
        code: "LOW0003",
        message: "rules for complex numbers leave extents to the ops that they make",
      },
    ]);
  };
  return emitInto(rewriter, { place: { before: node, locations: node.locations }, settings, dim });
}
