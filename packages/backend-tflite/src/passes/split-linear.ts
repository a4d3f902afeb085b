import {
  applyRules,
  attr,
  definePass,
  defineRule,
  isStatic,
  isStaticShape,
  type Node,
  type OpDef,
  type Rewriter,
  type Rule,
  type Value,
} from "@tflower/core";
import { split } from "../dialect/join.ts";
import { reshape, transpose } from "../dialect/layout.ts";
import { fullyConnected } from "../dialect/matmul.ts";
import { axisOf } from "../semantics/axes.ts";
import { type Box, cutForm } from "./cut-forms.ts";
import { boxTaken, cutOut } from "./prune-rows.ts";

/** One part of a value: what it takes, and the results that it stands for. */
interface Part {
  readonly box: Box;
  readonly of: Value;
}

/** The parts that the readers of `v` take of it, when all of them cut it; `undefined` when one reads more. */
function partsOf(v: Value, rewriter: Rewriter): readonly Part[] | undefined {
  if (rewriter.graph.isOutput(v)) return undefined;
  const out: Part[] = [];
  for (const user of v.users) {
    const box = boxTaken(user);
    if (box) {
      out.push({ box, of: user.results[0]! });
      continue;
    }
    if (user.op !== (split as OpDef)) return undefined;
    const axis = axisOf((user.attrs as { axis: number }).axis, v.type.shape.length);
    for (const [i, r] of user.results.entries()) {
      const size = r.type.shape[axis]!;
      if (!isStatic(size)) return undefined;
      if (r.users.size > 0 || rewriter.graph.isOutput(r))
        out.push({ box: v.type.shape.map((_, k) => (k === axis ? { begin: i * size, size } : undefined)), of: r });
    }
  }
  return out.length > 1 ? out : undefined;
}

/** Ops that only move elements, of which each part is as cheap as its share of the whole. */
const moving: readonly OpDef[] = [reshape, transpose];

/**
 * A projection to queries, keys and values at once, taken apart: each then goes its own way, with its scale in its own weights, for its
 * own rows, and nothing is copied out of the joint result.
 */
const splitLinear = (leastColumns: number, tables: ReadonlySet<string>): Rule<any> =>
  defineRule({
    name: "split-linear",
    summary:
      "slice(fully_connected(x, w), channels) = fully_connected(x, slice(w, channels)), for slices that do not overlap",
    op: fullyConnected,
    rewrite(node, rewriter) {
      const { filter } = node.operands;
      if (!filter.constant || tables.has(filter.constant.key) || !isStaticShape(filter.type.shape)) return false;
      const chain: Node[] = [];
      let v: Value = node.result;
      let parts = partsOf(v, rewriter);
      while (!parts) {
        const [next] = v.users;
        if (v.users.size !== 1 || rewriter.graph.isOutput(v) || !next || !moving.includes(next.op)) return false;
        chain.push(next);
        v = next.results[0]!;
        parts = partsOf(v, rewriter);
      }
      // the parts of each step of the way, from the end to the layer
      const plans = parts.map((part) => {
        const steps: { readonly node: Node; readonly attrs: Readonly<Record<string, unknown>> }[] = [];
        let box: Box | undefined = part.box;
        for (const step of chain.toReversed()) {
          const form = box && cutForm(step, box);
          if (!form) return undefined;
          steps.unshift({ node: step, attrs: form.attrs });
          box = form.operands["input"] as Box;
        }
        const form = box && cutForm(node as never, box);
        return form && { part, steps, box: box!, form };
      });
      const columns = filter.type.shape[0]! as number;
      const taken = plans.map((p) => p?.box.at(-1));
      // only channels may be cut, and none twice: otherwise more would be computed than before
      if (!plans.every((p) => p !== undefined) || plans.some((p) => p.box.slice(0, -1).some((s) => s))) return false;
      if (taken.some((s) => !s || s.size < leastColumns)) return false;
      const spans = taken.map((s) => s!).sort((a, b) => a.begin - b.begin);
      if (spans.some((s, i) => i > 0 && s.begin < spans[i - 1]!.begin + spans[i - 1]!.size)) return false;
      if (spans.reduce((n, s) => n + s.size, 0) > columns) return false;
      const place = { before: node as never as Node, locations: node.locations };
      for (const { part, steps, form } of plans) {
        const operands = Object.fromEntries(
          Object.entries(node.operands_ as Record<string, Value | undefined>).map(([k, x]) => {
            const b = form.operands[k] as Box | undefined;
            return [k, x && b ? cutOut(rewriter, x, b, node as never) : x];
          }),
        );
        let out = rewriter.create(node.op, operands as never, form.attrs, { ...place, like: node }).results[0]!;
        for (const s of steps)
          out = rewriter.create(s.node.op, { input: out }, s.attrs, {
            before: node as never as Node,
            locations: s.node.locations,
          }).results[0]!;
        rewriter.replaceAllUses(part.of, out);
      }
      rewriter.eraseDead([...new Set(parts.map((p) => p.of))]);
      return true;
    },
  });

/** Takes joint projections apart, as those to queries, keys and values. */
export const splitLinears = definePass({
  name: "split-linears",
  summary: "Takes fully connected layers apart whose results are only read in slices.",
  options: {
    /** Columns that each part must have: fewer make a matrix that kernels do not fill. A number that no layer reaches turns the pass off. */
    leastColumns: attr.int.default_(32),
  },
  scope: "graph",
  run(graph, { count, options, module }) {
    // what other ops read whole would be in the file whole and in parts
    const tables = new Set<string>();
    for (const g of module.graphs)
      for (const node of g.nodes)
        if (!node.is(fullyConnected)) for (const v of node.inputs) if (v.constant) tables.add(v.constant.key);
    applyRules(graph, [splitLinear(options.leastColumns, tables)], count);
  },
});
