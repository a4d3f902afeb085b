import {
  type AppliedConstant,
  appliedConstant,
  type Compiler,
  type Constant,
  constantByteLength,
  definePass,
  type Graph,
  lowerOps,
  mapOperands,
  type Node,
  Rewriter,
  type Value,
  withDType,
} from "@tflower/core";
import { cast } from "../dialect/cast.ts";
import { dequantize } from "../dialect/quantization.ts";

/** Weights below this many bytes save too little for the op that they cost; where the file is to be small, fewer are worth it. */
const worthwhile = { usual: 8192, small: 512 } as const;
const leastBytes = ({ settings }: Compiler): number => (settings.quantize ? worthwhile.small : worthwhile.usual);

/**
 * Writes weights that are float16 in the program as float16: the file is half as large, and the numbers are the same. The runtime unpacks
 * them once, when it loads the file; of a table, only the rows that are looked up.
 */
export const keepHalfWeights = definePass({
  name: "keep-half-weights",
  summary: "Keeps weights of float16 programs as float16 in the file.",
  requires: [lowerOps],
  scope: "graph",
  run(graph, { compiler, count }) {
    const least = leastBytes(compiler);
    const rewriter = new Rewriter(graph);
    const unpacked = new Map<string, Value>();
    for (const node of [...graph.nodes]) {
      if (node.op.traits.sumsProducts) unpackWeights(graph, rewriter, node, unpacked, least, count);
      else if (node.op.traits.takesRows) lookUpHalves(rewriter, node, node.op.traits.takesRows, least, count);
    }
  },
});

/** `op(x, weights)` as `op(x, DEQUANTIZE(halves))`. */
function unpackWeights(
  graph: Graph,
  rewriter: Rewriter,
  node: Node,
  unpacked: Map<string, Value>,
  least: number,
  count: (what: string) => void,
): void {
  const operands = mapOperands(node.operands_, (v) => {
    const half = v.type.shape.length > 1 && halvesOf(v, least);
    if (!half) return v;
    const known = unpacked.get(half.key);
    if (known) return known;
    const input = rewriter.constant(half, v.name);
    const value = rewriter.create(dequantize, { input }, {}, { before: graph.first!, locations: node.locations })
      .results[0]!;
    unpacked.set(half.key, value);
    count("half-weights");
    return value;
  });
  if (node.inputs.some((v, i) => v !== Object.values(operands).flat().filter(Boolean)[i]))
    rewriter.setOperands(node, operands);
}

/** Rows of a table: the halves are looked up, and what was found becomes float32. */
function lookUpHalves(
  rewriter: Rewriter,
  node: Node,
  operand: string,
  least: number,
  count: (what: string) => void,
): void {
  const table = node.operands_[operand] as Value;
  const half = halvesOf(table, least);
  const [found] = node.results;
  if (!half || elements(found!) >= elements(table)) return;
  count("half-table");
  const at = { before: node, locations: node.locations };
  const operands = { ...node.operands_, [operand]: rewriter.constant(half, table.name) };
  const rows = rewriter.create(node.op, operands as never, node.attrs as never, at).results[0]!;
  rewriter.replace(node, rewriter.create(cast, { input: rows }, { out_data_type: "f32" }, at).results);
}
/** How many; extents that are known when the program runs are taken for small. */
const elements = (v: Value): number => v.type.shape.reduce<number>((n, d) => (typeof d === "number" ? n * d : n), 1);

function halvesOf(v: Value, least: number): Constant | undefined {
  if (!v.constant || v.type.dtype !== "f32" || constantByteLength(v.constant) < least) return undefined;
  return halfForm(v.constant);
}

/** A float16 constant of the same numbers, where `c` is made of float16 numbers that were only moved since. */
export function halfForm(c: Constant): Constant | undefined {
  if (c.kind !== "applied" || c.result !== 0) return undefined;
  const operands = Object.values(c.operands).flat() as (Constant | undefined)[];
  if (c.op.traits.converts && operands.length === 1 && operands[0]!.type.dtype === "f16") return operands[0];
  if (!c.op.traits.movesElements) return undefined;
  let all = true;
  const halves = mapOperands(c.operands, (x: Constant) => {
    if (x.type.dtype !== "f32") return x;
    const half = halfForm(x);
    if (!half) all = false;
    return half ?? x;
  });
  return all
    ? appliedConstant(c.op, halves as AppliedConstant["operands"], c.attrs, withDType(c.type, "f16"))
    : undefined;
}
